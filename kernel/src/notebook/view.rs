//! The typed form of a notebook: nbformat's Rust types, made to accept what Python's nbformat accepts.

use std::collections::HashSet;

use jupyter_protocol::Media;
use nbformat::v4;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::layout;

type Object = Map<String, Value>;

/// The notebook with the types of nbformat. What these types cannot hold is left out.
///
/// # Errors
/// One line about the cell that has no cell's shape.
pub fn typed(notebook: &Object) -> Result<v4::Notebook, String> {
    let mut notebook = notebook.clone();
    layout::split_lines(&mut notebook);
    if let Some(Value::Object(metadata)) = notebook.get_mut("metadata") {
        keep_readable::<v4::Metadata>(metadata);
    }
    let mut ids = HashSet::new();
    for (index, cell) in notebook
        .get_mut("cells")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
        .enumerate()
    {
        let number = index + 1;
        let Value::Object(object) = cell else {
            return Err(format!("cell {number} is no object"));
        };
        give_id(object, number, &mut ids);
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            keep_readable::<v4::CellMetadata>(metadata);
        }
        if let Some(Value::Array(outputs)) = object.get_mut("outputs") {
            for output in outputs.iter_mut() {
                make_readable(output)
                    .map_err(|reason| format!("an output of cell {number} {reason}"))?;
            }
        }
        if let Err(error) = serde_json::from_value::<v4::Cell>(cell.clone()) {
            return Err(format!("cell {number} is wrong: {error}"));
        }
    }
    serde_json::from_value(Value::Object(notebook)).map_err(|error| error.to_string())
}

/// Cell ids came with format 4.5. The types want one that is valid and of its own in every cell.
fn give_id(cell: &mut Object, number: usize, ids: &mut HashSet<String>) {
    let stored = cell.get("id").and_then(Value::as_str).unwrap_or_default();
    let mut id = match v4::CellId::new(stored) {
        Ok(id) => id.to_string(),
        Err(_) => format!("cell-{number}"),
    };
    if ids.contains(&id) {
        id = format!("cell-{number}");
    }
    while ids.contains(&id) {
        id.push('-');
    }
    cell.insert("id".to_owned(), json!(id));
    ids.insert(id);
}

/// Takes out the entries that, each alone, keep `T` from being read.
fn keep_readable<T: DeserializeOwned>(object: &mut Object) {
    object.retain(|key, value| reads_as::<T>(json!({ key: value })));
}

fn make_readable(output: &mut Value) -> Result<(), String> {
    let Value::Object(object) = output else {
        return Err("is no object".to_owned());
    };
    let kind = object
        .get("output_type")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    if matches!(kind.as_str(), "display_data" | "execute_result") {
        if !object.get("metadata").is_some_and(Value::is_object) {
            object.insert("metadata".to_owned(), json!({}));
        }
        if let Some(Value::Object(data)) = object.get_mut("data") {
            keep_readable::<Media>(data);
        }
        if kind == "execute_result" && !object.get("execution_count").is_some_and(Value::is_u64) {
            object.insert("output_type".to_owned(), json!("display_data"));
        }
    }
    match serde_json::from_value::<v4::Output>(output.clone()) {
        Ok(_) => Ok(()),
        Err(error) => Err(format!("is wrong: {error}")),
    }
}

fn reads_as<T: DeserializeOwned>(value: Value) -> bool {
    serde_json::from_value::<T>(value).is_ok()
}
