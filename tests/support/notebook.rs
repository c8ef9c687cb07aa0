//! Creates notebooks, and reads executed cells.

use serde_json::{Value, json};
use std::path::Path;

/// Returns a notebook for the threadbook kernel with these code cells, each an id and a source.
pub fn of<'a>(cells: impl IntoIterator<Item = (&'a str, &'a str)>) -> Value {
    let cells: Vec<Value> = cells
        .into_iter()
        .map(|(id, source)| code_cell(id, source))
        .collect();
    json!({
        "cells": cells,
        "metadata": {
            "kernelspec": { "name": "threadbook", "display_name": "Threadbook (Rust)", "language": "rust" },
            "language_info": { "name": "rust" },
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    })
}

/// Returns a notebook with these code cells, whose ids are `cell1`, `cell2` and so on.
pub fn of_sources(sources: &[&str]) -> Value {
    let ids: Vec<String> = (1..=sources.len())
        .map(|number| format!("cell{number}"))
        .collect();
    of(ids.iter().map(String::as_str).zip(sources.iter().copied()))
}

pub fn code_cell(id: &str, source: &str) -> Value {
    json!({
        "cell_type": "code", "id": id, "metadata": {}, "source": source, "execution_count": null, "outputs": [],
    })
}

#[track_caller]
pub fn read(path: &Path) -> Value {
    let bytes = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_slice(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[track_caller]
pub fn write(path: &Path, notebook: &Value) {
    let text = serde_json::to_string_pretty(notebook).expect("a notebook is JSON");
    std::fs::write(path, text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
}

/// Returns the code cells, in order.
pub fn code_cells(notebook: &Value) -> Vec<Cell> {
    let cells = notebook["cells"].as_array().expect("a notebook has cells");
    cells
        .iter()
        .filter(|cell| is_code(cell))
        .map(|cell| Cell(cell.clone()))
        .collect()
}

pub fn is_code(cell: &Value) -> bool {
    cell["cell_type"] == "code"
}

/// Removes the outputs and execution counts of earlier runs.
pub fn clear(notebook: &mut Value) {
    let cells = notebook["cells"]
        .as_array_mut()
        .expect("a notebook has cells");
    for cell in cells.iter_mut().filter(|cell| is_code(cell)) {
        cell["execution_count"] = Value::Null;
        cell["outputs"] = json!([]);
    }
}

/// Returns the code cell with this id.
#[track_caller]
pub fn cell(notebook: &Value, id: &str) -> Cell {
    let found = code_cells(notebook)
        .into_iter()
        .find(|cell| cell.id() == id);
    found.unwrap_or_else(|| panic!("no code cell {id}"))
}

/// A code cell.
#[derive(Clone, Debug)]
pub struct Cell(pub Value);

impl Cell {
    pub fn id(&self) -> &str {
        self.0["id"].as_str().expect("a cell has an id")
    }

    pub fn source(&self) -> String {
        joined(&self.0["source"])
    }

    pub fn outputs(&self) -> &[Value] {
        self.0["outputs"]
            .as_array()
            .expect("a code cell has outputs")
    }

    /// Returns the text written to `stdout` or `stderr`.
    pub fn stream(&self, name: &str) -> String {
        self.outputs()
            .iter()
            .filter(|output| output["output_type"] == "stream" && output["name"] == name)
            .map(|output| joined(&output["text"]))
            .collect()
    }

    /// Returns what a reader sees: streams, displays and the result, with carriage returns applied. No errors, and no
    /// picture of what the cell's threads did.
    pub fn shown(&self) -> String {
        let mut raw = String::new();
        let mut after_display = false;
        for output in self.outputs().iter().filter(|output| !is_picture(output)) {
            let (is_display, text) = match output["output_type"].as_str() {
                Some("stream") => (false, joined(&output["text"])),
                Some("execute_result" | "display_data") => {
                    (true, joined(&output["data"]["text/plain"]))
                }
                _ => continue,
            };
            // A display begins and ends its own line.
            if (is_display || after_display) && !raw.is_empty() && !raw.ends_with('\n') {
                raw.push('\n');
            }
            raw += &text;
            after_display = is_display;
        }
        screen(&raw)
    }

    /// Returns the text of the result.
    pub fn result(&self) -> Option<String> {
        let result = self
            .outputs()
            .iter()
            .find(|output| output["output_type"] == "execute_result");
        result.map(|output| joined(&output["data"]["text/plain"]))
    }

    /// Returns the error: name, value and traceback without colours.
    pub fn error(&self) -> Option<CellError> {
        let error = self
            .outputs()
            .iter()
            .find(|output| output["output_type"] == "error")?;
        let traceback = error["traceback"]
            .as_array()
            .expect("an error has a traceback");
        let lines: Vec<&str> = traceback.iter().filter_map(Value::as_str).collect();
        Some(CellError {
            ename: error["ename"]
                .as_str()
                .expect("an error has a name")
                .to_owned(),
            evalue: error["evalue"]
                .as_str()
                .expect("an error has a value")
                .to_owned(),
            traceback: without_colours(&lines.join("\n")),
        })
    }
}

#[derive(Clone, Debug)]
pub struct CellError {
    pub ename: String,
    pub evalue: String,
    pub traceback: String,
}

/// Returns whether the output is the picture of a cell that begins with `//: watch` or `//: explore`.
fn is_picture(output: &Value) -> bool {
    let html = joined(&output["data"]["text/html"]);
    html.starts_with("<img alt=\"main ") || html.contains("<code>//: replay ")
}

/// Joins a text, which nbformat allows to be one string or a list of lines.
pub fn joined(text: &Value) -> String {
    match text {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        text => text.as_str().unwrap_or_default().to_owned(),
    }
}

/// Returns the text as a terminal shows it: after `\r` a line is overwritten from its beginning.
pub fn screen(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(overwritten).collect();
    lines.join("\n")
}

fn overwritten(line: &str) -> String {
    let mut shown: Vec<char> = Vec::new();
    for part in line.split('\r') {
        let part: Vec<char> = part.chars().collect();
        let covered = part.len().min(shown.len());
        shown.splice(..covered, part);
    }
    shown.into_iter().collect()
}

pub fn without_colours(text: &str) -> String {
    let colour = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern");
    colour.replace_all(text, "").into_owned()
}
