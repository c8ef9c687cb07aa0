//! The typed form of a notebook: nbformat's Rust types, made as tolerant as Python's nbformat.

use std::collections::HashSet;

use jupyter_protocol::Media;
use nbformat::v4;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::layout;

type Object = Map<String, Value>;

/// A notebook in nbformat's types, one cell at a time, without content that these types cannot represent.
pub struct View<'a> {
    notebook: &'a Object,
    metadata: v4::Metadata,
    ids: Vec<String>,
}

impl<'a> View<'a> {
    /// Converts the metadata; cells are converted on request.
    ///
    /// # Errors
    /// One line about invalid metadata.
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

    /// Returns the notebook's metadata.
    pub fn metadata(&self) -> &v4::Metadata {
        &self.metadata
    }

    /// Returns a valid and unique id for each cell, in order. Older formats than 4.5 have no cell ids.
    pub fn ids(&self) -> &[String] {
        &self.ids
    }

    /// Returns the valid cells, in order.
    pub fn cells(&self) -> impl Iterator<Item = v4::Cell> {
        let numbers = 0..self.ids.len();
        numbers.filter_map(|index| self.cell(index).ok())
    }

    /// Checks that all cells are valid.
    ///
    /// # Errors
    /// One line about the first invalid cell.
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
            return Err(format!("cell {number} is not an object"));
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
        serde_json::from_value(cell).map_err(|error| format!("cell {number} is invalid: {error}"))
    }
}

/// Returns a valid and unique id for each cell, as the types require.
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

/// Removes each entry that alone makes `T` unreadable.
fn keep_readable<T: DeserializeOwned>(object: &mut Object) {
    object.retain(|key, value| reads_as::<T>(json!({ key: value })));
}

fn make_readable(output: &mut Value) -> Result<(), String> {
    let Value::Object(object) = output else {
        return Err("is not an object".to_owned());
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
        Err(error) => Err(format!("is invalid: {error}")),
    }
}

fn reads_as<T: DeserializeOwned>(value: Value) -> bool {
    serde_json::from_value::<T>(value).is_ok()
}
