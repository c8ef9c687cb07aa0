//! Folds the messages that a kernel publishes into the outputs of the cells, as nbclient does.
//!
//! One difference: when a thread prints after its cell has ended, the text goes to that cell, which the message names,
//! as in JupyterLab. nbclient drops it.

use std::collections::HashMap;

use serde_json::{Map, Value, json};

use crate::jupyter::wire::RawMessage;
use crate::notebook::Document;

/// The outputs of a notebook that is being run.
#[derive(Default)]
pub struct Outputs {
    /// The cell of each request, by request id.
    cells: HashMap<String, usize>,
    displays: Vec<Display>,
    /// The cells to clear as soon as they have a new output.
    to_clear: Vec<usize>,
}

/// The location of an output with a display id.
struct Display {
    id: String,
    cell: usize,
    output: usize,
}

impl Outputs {
    /// Empties the cell and assigns it the messages that answer this request.
    pub fn begin(&mut self, document: &mut Document, cell: usize, request: String) {
        reset(document, cell);
        self.cells.insert(request, cell);
    }

    /// Folds one iopub message into its cell. Ignores messages without a known cell.
    pub fn add(&mut self, document: &mut Document, message: RawMessage) {
        let Some(&cell) = self.cells.get(message.parent_id()) else {
            return;
        };
        if let Some(count) = message
            .content
            .get("execution_count")
            .filter(|count| count.is_u64())
        {
            set_execution_count(document, cell, count.clone());
        }
        match message.msg_type() {
            "stream" => {
                self.clear_if_due(document, cell);
                add_stream(document, cell, &message.content);
            }
            "error" => {
                let fields = ["ename", "evalue", "traceback"];
                self.push(document, cell, output("error", &message.content, &fields));
            }
            "display_data" => self.display(document, cell, "display_data", &message.content),
            "execute_result" => self.display(document, cell, "execute_result", &message.content),
            "update_display_data" => self.update(document, &message.content),
            "clear_output" => {
                if message.content.get("wait").is_some_and(|wait| wait == true) {
                    self.to_clear.push(cell);
                } else {
                    self.clear(document, cell);
                }
            }
            _ => (),
        }
    }

    /// Adds an error of the runner itself.
    pub fn add_error(&mut self, document: &mut Document, cell: usize, error: &CellError) {
        let error = json!({
            "output_type": "error",
            "ename": error.ename,
            "evalue": error.evalue,
            "traceback": error.traceback,
        });
        self.push(document, cell, error);
    }

    fn display(
        &mut self,
        document: &mut Document,
        cell: usize,
        kind: &str,
        content: &Map<String, Value>,
    ) {
        self.update(document, content);
        let mut output = output(kind, content, &["data", "metadata"]);
        if kind == "execute_result" {
            output["execution_count"] = content.get("execution_count").cloned().unwrap_or_default();
        }
        self.push(document, cell, output);
        if let Some(id) = display_id(content) {
            let output = outputs_mut(document, cell).len() - 1;
            self.displays.push(Display {
                id: id.to_owned(),
                cell,
                output,
            });
        }
    }

    /// Replaces the content of every output with the same display id.
    fn update(&mut self, document: &mut Document, content: &Map<String, Value>) {
        let Some(id) = display_id(content) else {
            return;
        };
        let new = output("", content, &["data", "metadata"]);
        for display in self.displays.iter().filter(|display| display.id == id) {
            let shown = &mut outputs_mut(document, display.cell)[display.output];
            for field in ["data", "metadata"] {
                shown[field] = new[field].clone();
            }
        }
    }

    fn push(&mut self, document: &mut Document, cell: usize, output: Value) {
        self.clear_if_due(document, cell);
        outputs_mut(document, cell).push(output);
    }

    fn clear_if_due(&mut self, document: &mut Document, cell: usize) {
        if self.to_clear.contains(&cell) {
            self.clear(document, cell);
        }
    }

    fn clear(&mut self, document: &mut Document, cell: usize) {
        self.to_clear.retain(|&waiting| waiting != cell);
        self.displays.retain(|display| display.cell != cell);
        outputs_mut(document, cell).clear();
    }
}

/// An error as it appears in a cell.
#[derive(Clone, Debug, PartialEq)]
pub struct CellError {
    /// The kind of error.
    pub ename: String,
    /// The message.
    pub evalue: String,
    /// The lines to print.
    pub traceback: Vec<String>,
}

impl CellError {
    /// Returns the error in the content of an `execute_reply` or an `error` message.
    pub fn of(content: &Value) -> Self {
        let text = |field: &str| content[field].as_str().unwrap_or_default().to_owned();
        let lines = content["traceback"].as_array().into_iter().flatten();
        Self {
            ename: text("ename"),
            evalue: text("evalue"),
            traceback: lines.filter_map(Value::as_str).map(str::to_owned).collect(),
        }
    }
}

/// Removes the outputs and the execution count of an earlier run.
pub fn reset(document: &mut Document, cell: usize) {
    outputs_mut(document, cell).clear();
    set_execution_count(document, cell, Value::Null);
}

/// Removes and returns the last output of the cell if it is an error.
pub fn take_last_error(document: &mut Document, cell: usize) -> Option<CellError> {
    let outputs = outputs_mut(document, cell);
    let error = outputs.pop_if(|output| output["output_type"] == "error")?;
    Some(CellError::of(&error))
}

/// Returns whether the outputs contain an error.
pub fn has_error(document: &mut Document, cell: usize) -> bool {
    outputs_mut(document, cell)
        .iter()
        .any(|output| output["output_type"] == "error")
}

/// Sets the number next to the cell.
pub fn set_execution_count(document: &mut Document, cell: usize, count: Value) {
    if let Some(cell) = document.cell_mut(cell) {
        cell["execution_count"] = count;
    }
}

fn add_stream(document: &mut Document, cell: usize, content: &Map<String, Value>) {
    let outputs = outputs_mut(document, cell);
    let text = content
        .get("text")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let name = content
        .get("name")
        .and_then(Value::as_str)
        .unwrap_or("stdout");
    if let Some(last) = outputs.last_mut()
        && last["output_type"] == "stream"
        && last["name"] == name
        && let Some(Value::String(before)) = last.get_mut("text")
    {
        before.push_str(text);
        return;
    }
    outputs.push(json!({"output_type": "stream", "name": name, "text": text}));
}

/// Returns an output with these fields of the message, in the shape that the notebook format requires.
fn output(kind: &str, content: &Map<String, Value>, fields: &[&str]) -> Value {
    let mut output = json!({"output_type": kind});
    for &field in fields {
        let default = match field {
            "data" | "metadata" => json!({}),
            "traceback" => json!([]),
            _ => json!(""),
        };
        let sent = content
            .get(field)
            .filter(|value| same_kind(value, &default));
        output[field] = sent.cloned().unwrap_or(default);
    }
    output
}

fn same_kind(a: &Value, b: &Value) -> bool {
    std::mem::discriminant(a) == std::mem::discriminant(b)
}

fn display_id(content: &Map<String, Value>) -> Option<&str> {
    content.get("transient")?.get("display_id")?.as_str()
}

fn outputs_mut(document: &mut Document, cell: usize) -> &mut Vec<Value> {
    document
        .outputs_mut(cell)
        .expect("only code cells are run, and a document's code cells have outputs")
}

#[cfg(test)]
mod tests;
