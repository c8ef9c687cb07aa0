//! The typed form of a notebook: nbformat's Rust types, made to accept what Python's nbformat accepts.

use std::collections::HashSet;

use jupyter_protocol::Media;
use nbformat::v4;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::layout;

type Object = Map<String, Value>;

/// A notebook with the types of nbformat, one cell at a time. What these types cannot hold is left out.
pub struct View<'a> {
    notebook: &'a Object,
    metadata: v4::Metadata,
    ids: Vec<String>,
}

impl<'a> View<'a> {
    /// # Errors
    /// One line about metadata that has no metadata's shape.
    pub fn new(notebook: &'a Object) -> Result<Self, String> {
        let mut metadata = notebook
            .get("metadata")
            .cloned()
            .unwrap_or_else(|| json!({}));
        if let Value::Object(metadata) = &mut metadata {
            keep_readable::<v4::Metadata>(metadata);
        }
        let mut view = Self {
            notebook,
            metadata: serde_json::from_value(metadata).map_err(|error| error.to_string())?,
            ids: Vec::new(),
        };
        view.ids = unique_ids(view.objects());
        Ok(view)
    }

    /// The notebook's metadata.
    pub fn metadata(&self) -> &v4::Metadata {
        &self.metadata
    }

    /// The id of each cell, in order; valid, and no two are the same. Cell ids came with format 4.5.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// The cells, in order; those that have no cell's shape are left out.
    pub fn cells(&self) -> impl Iterator<Item = v4::Cell> {
        let numbers = 0..self.ids.len();
        numbers.filter_map(|index| self.cell(index).ok())
    }

    /// # Errors
    /// One line about the first cell that has no cell's shape.
    pub fn check(&self) -> Result<(), String> {
        (0..self.ids.len()).try_for_each(|index| self.cell(index).map(drop))
    }

    fn objects(&self) -> &'a [Value] {
        let cells = self.notebook.get("cells").and_then(Value::as_array);
        cells.map_or(&[], Vec::as_slice)
    }

    fn cell(&self, index: usize) -> Result<v4::Cell, String> {
        let number = index + 1;
        let mut cell = self.objects()[index].clone();
        layout::split_lines(&mut cell);
        let Value::Object(object) = &mut cell else {
            return Err(format!("cell {number} is no object"));
        };
        object.insert("id".to_owned(), json!(self.ids[index]));
        if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
            keep_readable::<v4::CellMetadata>(metadata);
        }
        if let Some(Value::Array(outputs)) = object.get_mut("outputs") {
            for output in outputs.iter_mut() {
                make_readable(output)
                    .map_err(|reason| format!("an output of cell {number} {reason}"))?;
            }
        }
        serde_json::from_value(cell).map_err(|error| format!("cell {number} is wrong: {error}"))
    }
}

/// The types want an id that is valid and of its own in every cell.
fn unique_ids(cells: &[Value]) -> Vec<String> {
    let mut taken = HashSet::new();
    let mut unique = |(index, cell): (usize, &Value)| {
        let number = index + 1;
        let stored = cell["id"].as_str().unwrap_or_default();
        let mut id = match v4::CellId::new(stored) {
            Ok(id) => id.to_string(),
            Err(_) => format!("cell-{number}"),
        };
        if taken.contains(&id) {
            id = format!("cell-{number}");
        }
        while taken.contains(&id) {
            id.push('-');
        }
        taken.insert(id.clone());
        id
    };
    cells.iter().enumerate().map(&mut unique).collect()
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
