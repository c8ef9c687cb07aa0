//! Parameters: values from the command line, injected into a notebook as papermill does.
//!
//! They replace the cell with the tag `injected-parameters`. Without one, a new cell follows the cell with the tag
//! `parameters`, or comes first if there is none.

mod python;
mod rust;
mod value;

use std::str::FromStr;

use serde_json::{Value as Json, json};

use super::selection::has_tag;
use crate::notebook::Document;
use value::Value;

/// The tag of the cell with the default values.
const DECLARED: &str = "parameters";
/// The tag of the cell with the values from the command line.
const INJECTED: &str = "injected-parameters";

/// A name and a value, as in `-p threads=4`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    name: String,
    value: Value,
}

impl FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, value)) = text.split_once('=') else {
            return Err("expected NAME=VALUE, as in threads=4".to_owned());
        };
        let mut letters = name.chars();
        let begins = |c: char| c == '_' || c.is_ascii_alphabetic();
        let is_name =
            letters.next().is_some_and(begins) && letters.all(|c| begins(c) || c.is_ascii_digit());
        if !is_name || name == "_" {
            return Err(format!(
                "`{name}` is not a variable name: use letters, digits and `_`"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.parse()?,
        })
    }
}

/// Injects the parameters into the notebook as code in `language`, and adds their cell and the cell with the defaults
/// to `cells`, the list of cells to run.
///
/// # Errors
/// A message: what the language does not support.
pub fn inject(
    document: &mut Document,
    cells: &mut Vec<usize>,
    parameters: &[Parameter],
    language: &str,
) -> Result<(), String> {
    if parameters.is_empty() {
        return Ok(());
    }
    let declared = tagged(document, DECLARED);
    let source = declared.map_or("", |index| {
        document.cells()[index]["source"]
            .as_str()
            .unwrap_or_default()
    });
    let code = match language.to_lowercase().as_str() {
        "rust" => rust::code(parameters, source)?,
        "python" => python::code(parameters)?,
        _ => {
            return Err(format!(
                "parameters work only in Rust and Python notebooks, not in {language}"
            ));
        }
    };
    let index = match tagged(document, INJECTED) {
        Some(index) => {
            if let Some(cell) = document.cell_mut(index) {
                cell["source"] = json!(code);
            }
            index
        }
        None => {
            let index = declared.map_or(0, |declared| declared + 1);
            let cell = new_cell(document, &code);
            document.insert_cell(index, cell);
            for cell in cells.iter_mut().filter(|cell| **cell >= index) {
                *cell += 1;
            }
            index
        }
    };
    // Also with `--only`: the chosen cells need the values.
    for index in declared.into_iter().chain([index]) {
        if let Err(position) = cells.binary_search(&index) {
            cells.insert(position, index);
        }
    }
    Ok(())
}

/// Returns whether the notebook has a cell with default values.
pub fn are_declared(document: &Document) -> bool {
    tagged(document, DECLARED).is_some()
}

fn tagged(document: &Document, tag: &str) -> Option<usize> {
    let is_tagged = |cell: &Json| cell["cell_type"] == "code" && has_tag(cell, tag);
    document.cells().iter().position(is_tagged)
}

fn new_cell(document: &Document, code: &str) -> Json {
    let mut cell = json!({
        "cell_type": "code", "execution_count": null, "metadata": {"tags": [INJECTED]}, "outputs": [],
        "source": code,
    });
    if document.has_cell_ids() {
        let mut id = INJECTED.to_owned();
        while document.cells().iter().any(|cell| cell["id"] == *id) {
            id.push('-');
        }
        cell["id"] = json!(id);
    }
    cell
}

#[cfg(test)]
mod tests;
