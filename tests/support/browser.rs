//! Reads what a notebook's page showed in a browser.

use super::built::tmp;
use super::notebook;
use serde::Deserialize;
use serde_json::{Value, json};
use std::path::PathBuf;

/// A cell as the page showed it.
#[derive(Clone, Debug, Deserialize)]
pub struct Shown {
    pub id: String,
    /// The prompt of a code cell, such as `[1]:`; `None` for other cells.
    pub prompt: Option<String>,
    pub outputs: Vec<Output>,
    /// The natural width of each picture in the cell's text, in pixels; 0 for one that has not loaded.
    pub pictures: Vec<u32>,
    /// Each state that the page showed.
    pub seen: Vec<State>,
}

#[derive(Clone, Debug, Deserialize)]
pub struct Output {
    pub is_result: bool,
    pub mime: String,
    pub text: String,
    /// The source of an output in HTML; empty for others.
    pub html: String,
    /// In CSS pixels.
    pub height: f64,
}

/// A cell at one moment.
#[derive(Clone, Debug, Deserialize)]
pub struct State {
    pub prompt: String,
    /// The text of all outputs.
    pub shown: String,
}

impl Shown {
    /// Returns the text of the cell's result.
    pub fn result(&self) -> Option<&str> {
        let result = self.outputs.iter().find(|output| output.is_result);
        result.map(|output| &output.text[..])
    }

    /// Returns the outputs in nbformat. A page gives errors the MIME type of stderr, so stderr becomes an error, too.
    fn outputs(&self) -> Vec<Value> {
        let output = |output: &Output| match &output.mime[..] {
            "application/vnd.jupyter.stdout" => {
                json!({ "output_type": "stream", "name": "stdout", "text": output.text })
            }
            "application/vnd.jupyter.stderr" => {
                json!({ "output_type": "error", "ename": "", "evalue": "", "traceback": [output.text] })
            }
            _ => {
                let kind = if output.is_result {
                    "execute_result"
                } else {
                    "display_data"
                };
                let data = json!({ "text/plain": output.text, "text/html": output.html });
                json!({ "output_type": kind, "data": data, "metadata": {} })
            }
        };
        self.outputs.iter().map(output).collect()
    }
}

/// Parses the cells that a script reports.
pub fn cells(report: &Value) -> Vec<Shown> {
    Vec::deserialize(report).expect("the cells of a page")
}

/// Returns the notebook with the execution counts and outputs that the page showed.
#[track_caller]
pub fn executed(original: &Value, cells: &[Shown]) -> Value {
    let mut executed = original.clone();
    let originals = executed["cells"].as_array_mut().expect("cells");
    assert_eq!(originals.len(), cells.len());
    for (cell, shown) in originals.iter_mut().zip(cells) {
        assert_eq!(cell["id"], shown.id[..]);
        if notebook::is_code(cell) {
            let prompt = shown.prompt.as_deref().unwrap_or_default();
            let number = prompt.trim_start_matches('[').trim_end_matches("]:");
            cell["execution_count"] = json!(number.parse::<u32>().ok());
            cell["outputs"] = json!(shown.outputs());
        }
    }
    executed
}

/// Returns the directory for screenshots, which stay after the tests.
pub fn screenshots() -> PathBuf {
    let folder = tmp().join("screenshots");
    std::fs::create_dir_all(&folder).expect("a directory for screenshots");
    folder
}
