//! Parameters: values from the command line, put into a notebook as papermill does it.
//!
//! A cell with the tag `injected-parameters` is replaced. Otherwise a new one comes after the cell with the tag
//! `parameters`, or before all others where there is none.

mod python;
mod rust;
mod value;

use std::str::FromStr;

use serde_json::{Value as Json, json};

use super::selection::has_tag;
use crate::notebook::Document;
use value::Value;

/// The tag of the cell with the values that hold unless others are given.
const DECLARED: &str = "parameters";
/// The tag of the cell with the values that were given.
const INJECTED: &str = "injected-parameters";

/// A name with a value, as in `-p threads=4`.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    name: String,
    value: Value,
}

impl FromStr for Parameter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some((name, value)) = text.split_once('=') else {
            return Err("give a name and a value, as in threads=4".to_owned());
        };
        let mut letters = name.chars();
        let begins = |c: char| c == '_' || c.is_ascii_alphabetic();
        let is_name =
            letters.next().is_some_and(begins) && letters.all(|c| begins(c) || c.is_ascii_digit());
        if !is_name || name == "_" {
            return Err(format!(
                "`{name}` is no name for a variable: use letters, digits and `_`"
            ));
        }
        Ok(Self {
            name: name.to_owned(),
            value: value.parse()?,
        })
    }
}

/// Puts the parameters into the notebook, for a kernel of this language, and into the list of the cells that are run.
///
/// # Errors
/// In words, what the language has no place for.
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
                "parameters can be given to kernels for Rust and Python, not for {language}"
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
    // Also with `--only`: a value that was given is meant for the cells that are run.
    for index in declared.into_iter().chain([index]) {
        if let Err(place) = cells.binary_search(&index) {
            cells.insert(place, index);
        }
    }
    Ok(())
}

/// Whether the notebook has a cell with the values that hold unless others are given.
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
