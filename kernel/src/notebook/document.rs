//! A complete notebook in memory, including content that this program does not know.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::parse::parse;
use super::view::View;
use super::{NotebookError, atomic, layout};

/// A notebook of format 4, with everything its file holds.
///
/// It stores JSON, because a notebook that is written back must lose nothing. `nbformat::v4::Notebook` drops content
/// that its types do not know (the attachments of raw cells, keys of other programs in a cell or an output,
/// `"scrolled": "auto"`) and outputs that it cannot read. [`Document::view`] returns the typed form.
///
/// A multi-line text is one string here, as in Python's nbformat. An integer beyond 64 bits becomes a floating-point
/// number.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    notebook: Map<String, Value>,
}

impl Document {
    /// Reads a notebook of format 4 or 3, and upgrades format 3 to 4.
    ///
    /// # Errors
    /// Every [`NotebookError`] except those about directories and writing. A document that was read has a typed form
    /// too.
    pub fn read(path: &Path) -> Result<Self, NotebookError> {
        let bytes = std::fs::read(path).map_err(|source| NotebookError::Read {
            path: path.to_owned(),
            source,
        })?;
        let value = parse(&bytes).map_err(|source| NotebookError::Json {
            path: path.to_owned(),
            source,
        })?;
        drop(bytes);
        let shape = |reason: String| NotebookError::Shape {
            path: path.to_owned(),
            reason,
        };
        let major = value.get("nbformat").and_then(Value::as_u64);
        let notebook = match (value, major) {
            (_, Some(major)) if major > 4 => {
                return Err(NotebookError::TooNew {
                    path: path.to_owned(),
                    major,
                });
            }
            (_, Some(major)) if major < 3 => {
                return Err(NotebookError::TooOld {
                    path: path.to_owned(),
                    major,
                });
            }
            (value, Some(3)) => upgraded(value).map_err(shape)?,
            (Value::Object(notebook), Some(_)) => notebook,
            _ => return Err(shape("it has no `nbformat` number".to_owned())),
        };
        let mut document = Self { notebook };
        document.complete().map_err(shape)?;
        // Joins the lines of an upgraded notebook; the parser has already joined those of others.
        for cell in document.notebook["cells"]
            .as_array_mut()
            .into_iter()
            .flatten()
        {
            layout::join_lines(cell);
        }
        document
            .view()
            .and_then(|view| view.check())
            .map_err(shape)?;
        Ok(document)
    }

    /// Writes the notebook as Python's nbformat does, and replaces the file atomically.
    ///
    /// # Errors
    /// [`NotebookError::Write`]; the old file is then unchanged.
    pub fn write(&self, path: &Path) -> Result<(), NotebookError> {
        atomic::write(path, &layout::to_bytes(&self.notebook)).map_err(|source| {
            NotebookError::Write {
                path: path.to_owned(),
                source,
            }
        })
    }

    /// Returns the typed form, without the parts that the types cannot represent.
    ///
    /// # Errors
    /// What is wrong with the metadata; never for a document from [`Document::read`].
    pub fn view(&self) -> Result<View<'_>, String> {
        View::new(&self.notebook)
    }

    /// Returns the cells, in order; each is an object.
    pub fn cells(&self) -> &[Value] {
        self.notebook
            .get("cells")
            .and_then(Value::as_array)
            .map_or(&[], Vec::as_slice)
    }

    /// Returns the source of each code cell.
    pub fn code(&self) -> impl Iterator<Item = String> {
        let cells = self
            .cells()
            .iter()
            .filter(|cell| cell["cell_type"] == "code");
        cells.map(|cell| match &cell["source"] {
            Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
            text => text.as_str().unwrap_or_default().to_owned(),
        })
    }

    /// Returns the cell at this index, mutably.
    pub fn cell_mut(&mut self, index: usize) -> Option<&mut Value> {
        self.notebook.get_mut("cells")?.get_mut(index)
    }

    /// Inserts a cell at this index, or at the end if the index is too large.
    pub fn insert_cell(&mut self, index: usize, cell: Value) {
        if let Some(Value::Array(cells)) = self.notebook.get_mut("cells") {
            cells.insert(index.min(cells.len()), cell);
        }
    }

    /// Returns whether the notebook's format requires an id in every cell, as 4.5 and later do.
    pub fn has_cell_ids(&self) -> bool {
        let minor = self.notebook.get("nbformat_minor").and_then(Value::as_u64);
        minor.is_some_and(|minor| minor >= 5)
    }

    /// Returns the outputs of the cell at this index, mutably, if it is a code cell.
    pub fn outputs_mut(&mut self, index: usize) -> Option<&mut Vec<Value>> {
        self.cell_mut(index)?.get_mut("outputs")?.as_array_mut()
    }

    /// Returns the notebook's metadata.
    pub fn metadata(&self) -> &Value {
        self.notebook.get("metadata").unwrap_or(&Value::Null)
    }

    /// Returns the notebook's metadata, mutably.
    pub fn metadata_mut(&mut self) -> &mut Value {
        self.notebook.entry("metadata").or_insert_with(|| json!({}))
    }

    /// Adds fields that format 4 requires and other programs omit.
    fn complete(&mut self) -> Result<(), String> {
        if !self.metadata_mut().is_object() {
            return Err("its `metadata` is not an object".to_owned());
        }
        self.notebook
            .entry("nbformat_minor")
            .or_insert_with(|| json!(0));
        let Some(Value::Array(cells)) = self.notebook.get_mut("cells") else {
            return Err("it has no list of `cells`".to_owned());
        };
        for (index, cell) in cells.iter_mut().enumerate() {
            let Value::Object(cell) = cell else {
                return Err(format!("cell {} is not an object", index + 1));
            };
            if cell.get("id").is_some_and(Value::is_null) {
                cell.remove("id");
            }
            cell.entry("metadata").or_insert_with(|| json!({}));
            cell.entry("source").or_insert_with(|| json!(""));
            if cell.get("cell_type").is_some_and(|kind| kind == "code") {
                cell.entry("outputs").or_insert_with(|| json!([]));
                cell.entry("execution_count").or_insert(Value::Null);
            }
        }
        Ok(())
    }
}

/// Converts a notebook from format 3 to format 4.
fn upgraded(value: Value) -> Result<Map<String, Value>, String> {
    let old: nbformat::v3::Notebook =
        serde_json::from_value(value).map_err(|error| error.to_string())?;
    let new = nbformat::upgrade_v3_notebook(old).map_err(|error| error.to_string())?;
    match serde_json::to_value(new) {
        Ok(Value::Object(notebook)) => Ok(notebook),
        Ok(_) => Err("its upgrade to format 4 is not a notebook".to_owned()),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests;
