//! Selects the cells of a notebook to run: all code cells, or those that `--only` names.

use std::str::FromStr;

use serde_json::Value;

use crate::notebook::Document;

/// Cells with this tag do not run and keep their outputs, as in nbclient.
const SKIPPED: &str = "skip-execution";
/// The id or tag of cells that prepare others: `--only` also runs those before its last cell.
const SETUP: &str = "setup";

/// One part of `--only`: a cell or a range of cells. A cell is named by its id, or by its number among the code cells,
/// from 1.
#[derive(Clone, Debug, PartialEq)]
pub enum CellFilter {
    /// This cell.
    Cell(String),
    /// From this cell, or the first, to this one, or the last, inclusive.
    Range(Option<String>, Option<String>),
}

impl FromStr for CellFilter {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let end = |name: &str| (!name.is_empty()).then(|| name.to_owned());
        // An id consists of letters, digits, `-` and `_`, so it never contains the dots.
        match text.split_once("..").map(|(from, to)| (end(from), end(to))) {
            None if !text.is_empty() => Ok(Self::Cell(text.to_owned())),
            None | Some((None, None)) => {
                Err("name a cell, such as A2 or 3, or a range, such as A2..A6 or 3..7".to_owned())
            }
            Some((from, to)) => Ok(Self::Range(from, to)),
        }
    }
}

/// Returns the indices of the cells to run: the code cells that `only` names and those that prepare them, or all code
/// cells if `only` is empty.
///
/// # Errors
/// A message: which cell does not exist, or which range is empty.
pub fn select(document: &Document, only: &[CellFilter]) -> Result<Vec<usize>, String> {
    let code_cells = code_cells(document);
    if only.is_empty() {
        return Ok(without_skipped(document, code_cells));
    }
    let mut chosen = vec![false; code_cells.len()];
    for part in only {
        let (first, last) = match part {
            CellFilter::Cell(name) => {
                let number = number_of(document, &code_cells, name)?;
                (number, number)
            }
            CellFilter::Range(from, to) => {
                let number = |name: &String| number_of(document, &code_cells, name);
                let first = from.as_ref().map_or(Ok(0), number)?;
                let last = to.as_ref().map_or(Ok(code_cells.len()), |name| {
                    number(name).map(|last| last + 1)
                })?;
                if last <= first {
                    return Err(format!(
                        "the range {} is empty: it ends before it begins",
                        shown(from, to)
                    ));
                }
                (first, last - 1)
            }
        };
        chosen[first..=last].fill(true);
    }
    let last = chosen.iter().rposition(|chosen| *chosen).unwrap_or(0);
    for (number, &index) in code_cells[..last].iter().enumerate() {
        chosen[number] |= is_setup(&document.cells()[index]);
    }
    let chosen = code_cells.into_iter().zip(chosen);
    let chosen = chosen.filter_map(|(index, chosen)| chosen.then_some(index));
    Ok(without_skipped(document, chosen.collect()))
}

/// Returns the indices of the code cells.
pub fn code_cells(document: &Document) -> Vec<usize> {
    let cells = document.cells().iter().enumerate();
    cells
        .filter(|(_, cell)| cell["cell_type"] == "code")
        .map(|(index, _)| index)
        .collect()
}

/// Returns what to call the cell at this index: its id, or `number` and its number among the code cells if it has none.
pub fn name_of(document: &Document, index: usize) -> String {
    match id_of(&document.cells()[index]) {
        Some(id) => id.to_owned(),
        None => {
            let before = code_cells(document).partition_point(|&other| other < index);
            format!("number {}", before + 1)
        }
    }
}

/// Returns whether the cell has this tag.
pub fn has_tag(cell: &Value, tag: &str) -> bool {
    let tags = cell["metadata"].get("tags").and_then(Value::as_array);
    tags.is_some_and(|tags| tags.iter().any(|own| own == tag))
}

/// Returns the cell's number among the code cells, from 0.
fn number_of(document: &Document, code_cells: &[usize], name: &str) -> Result<usize, String> {
    let named = |&index: &usize| id_of(&document.cells()[index]) == Some(name);
    let same: Vec<usize> = (0..code_cells.len())
        .filter(|number| named(&code_cells[*number]))
        .collect();
    match same[..] {
        [] => (),
        [number] => return Ok(number),
        [first, second, ..] => {
            return Err(format!(
                "{} code cells have the id `{name}`; refer to them by number, such as {} and {}",
                same.len(),
                first + 1,
                second + 1
            ));
        }
    }
    match name.parse::<usize>() {
        Ok(number) if (1..=code_cells.len()).contains(&number) => Ok(number - 1),
        Ok(number) => Err(format!(
            "there is no code cell number {number}, only 1 to {}",
            code_cells.len()
        )),
        Err(_) => Err(format!("no code cell has the id `{name}`")),
    }
}

fn without_skipped(document: &Document, mut cells: Vec<usize>) -> Vec<usize> {
    cells.retain(|&index| !has_tag(&document.cells()[index], SKIPPED));
    cells
}

fn is_setup(cell: &Value) -> bool {
    id_of(cell) == Some(SETUP) || has_tag(cell, SETUP)
}

fn id_of(cell: &Value) -> Option<&str> {
    cell.get("id").and_then(Value::as_str)
}

fn shown(from: &Option<String>, to: &Option<String>) -> String {
    let name = |end: &Option<String>| end.clone().unwrap_or_default();
    format!("{}..{}", name(from), name(to))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Each cell is given as `id` or `id:tag`; `-` is a Markdown cell.
    fn notebook(cells: &[&str]) -> Document {
        let cell = |name: &&str| {
            let (id, tag) = name.split_once(':').unwrap_or((name, "other"));
            let kind = if *name == "-" { "markdown" } else { "code" };
            json!({"cell_type": kind, "id": id, "metadata": {"tags": [tag]}, "source": "1"})
        };
        let cells: Vec<Value> = cells.iter().map(cell).collect();
        let file = tempfile::NamedTempFile::new().unwrap();
        let notebook = json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells});
        std::fs::write(file.path(), notebook.to_string()).unwrap();
        Document::read(file.path()).unwrap()
    }

    fn selected(document: &Document, only: &str) -> Result<Vec<String>, String> {
        let only: Vec<CellFilter> = only
            .split_terminator(',')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let cells = select(document, &only)?;
        Ok(cells.iter().map(|&cell| name_of(document, cell)).collect())
    }

    #[test]
    fn an_id_that_is_there_twice_names_no_cell() {
        let notebook = notebook(&["a", "-", "q1", "q1"]);
        let why = selected(&notebook, "q1").unwrap_err();
        assert_eq!(
            why,
            "2 code cells have the id `q1`; refer to them by number, such as 2 and 3"
        );
        assert_eq!(selected(&notebook, "3").unwrap(), ["q1"]);
    }

    #[test]
    fn cells_are_named_by_id_or_number() {
        let notebook = notebook(&["-", "setup", "A1", "-", "A2", "extra-a", "A3", "-"]);
        for (only, expected) in [
            ("", vec!["setup", "A1", "A2", "extra-a", "A3"]),
            ("A2", vec!["setup", "A2"]),
            ("3", vec!["setup", "A2"]),
            ("A1..extra-a", vec!["setup", "A1", "A2", "extra-a"]),
            ("2..4", vec!["setup", "A1", "A2", "extra-a"]),
            ("2..A2", vec!["setup", "A1", "A2"]),
            ("4..", vec!["setup", "extra-a", "A3"]),
            ("..A1", vec!["setup", "A1"]),
            ("A3,A1", vec!["setup", "A1", "A3"]),
            ("1", vec!["setup"]),
            ("A3..A3", vec!["setup", "A3"]),
        ] {
            let expected = expected.into_iter().map(str::to_owned).collect();
            assert_eq!(selected(&notebook, only), Ok(expected), "{only}");
        }
    }

    #[test]
    fn an_id_that_looks_like_a_number_is_an_id() {
        let notebook = notebook(&["2", "1"]);
        assert_eq!(selected(&notebook, "1"), Ok(vec!["1".to_owned()]));
    }

    #[test]
    fn tags_prepare_and_skip() {
        let notebook = notebook(&["a:setup", "b", "c:skip-execution", "d", "e:setup"]);
        let cells = |names: &[&str]| Ok(names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(selected(&notebook, "d"), cells(&["a", "d"]));
        assert_eq!(selected(&notebook, "b..d"), cells(&["a", "b", "d"]));
        assert_eq!(selected(&notebook, ""), cells(&["a", "b", "d", "e"]));
    }

    #[test]
    fn an_error_names_the_missing_cell() {
        let notebook = notebook(&["a", "b"]);
        for (only, expected) in [
            ("c", "no code cell has the id `c`"),
            ("a..c", "`c`"),
            ("3", "number 3, only 1 to 2"),
            ("0", "number 0"),
            ("b..a", "ends before it begins"),
            ("..", "such as A2"),
        ] {
            let error = selected(&notebook, only).unwrap_err();
            assert!(error.contains(expected), "{only}: {error}");
        }
    }
}
