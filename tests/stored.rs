//! The notebooks as they lie in the repository: complete, and with the outputs of a real run.

mod common;

use common::executed::{check_sound, judge_all};
use common::notebook::{self, Cell, joined};
use common::project::{self, NOTEBOOKS};
use regex::Regex;
use serde::Serialize;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};
use std::fs;

/// How many rows of the contract each notebook has, and by which letter they are named.
const ROWS: [(&str, u32); 2] = [("A", 13), ("B", 26)];

fn stored() -> [Value; 2] {
    NOTEBOOKS.map(|name| notebook::read(&project::notebook_path(name)))
}

#[test]
fn every_row_is_there_once_and_in_order() {
    for (notebook, (letter, count)) in stored().iter().zip(ROWS) {
        let cells = notebook::code_cells(notebook);
        let rows: Vec<&str> = cells
            .iter()
            .map(Cell::id)
            .filter(|id| project::is_row(id))
            .collect();
        let expected: Vec<String> = (1..=count).map(|n| format!("{letter}{n}")).collect();
        assert_eq!(rows, expected);
        assert_eq!(cells[0].id(), "setup");
    }
}

#[test]
fn ids_are_unique_and_say_what_a_cell_is() {
    // At most 64 characters of those that nbformat allows.
    let form =
        Regex::new(r"^(?:setup|[ABF]\d+|(?:extra|text)-[a-zA-Z0-9-]{1,58})$").expect("a pattern");
    for notebook in &stored() {
        let cells = notebook["cells"].as_array().expect("cells");
        let mut ids: Vec<&str> = cells
            .iter()
            .filter_map(|cell| cell["id"].as_str())
            .collect();
        assert_eq!(ids.len(), cells.len());
        for id in &ids {
            assert!(form.is_match(id), "{id}");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), cells.len(), "two cells have one id");
    }
}

#[test]
fn every_cell_was_executed_in_order_and_its_output_is_right() {
    for notebook in &stored() {
        judge_all(notebook, str::to_owned);
        check_sound(notebook);
    }
}

/// A cell says by which class its output is compared. Those that fail on purpose do not stop a run.
#[test]
fn every_code_cell_has_a_class() {
    let classes = ["exact", "lines", "race", "range", "result", "error"];
    for notebook in &stored() {
        for cell in notebook::code_cells(notebook) {
            let class = cell.0["metadata"]["threadbook"]["class"]
                .as_str()
                .unwrap_or_default();
            assert!(classes.contains(&class), "{}: {class:?}", cell.id());
            let tags = joined(&cell.0["metadata"]["tags"]);
            assert_eq!(
                class == "error",
                tags == "raises-exception",
                "{}",
                cell.id()
            );
        }
    }
}

/// Only the cell that asks for the working directory may tell where the notebook was run.
#[test]
fn no_output_tells_where_it_was_made() {
    let path = Regex::new(r"(?:^|[\s'\x22(=:])/(?:home|root|work|tmp|opt|usr|Users|var|mnt)/")
        .expect("a pattern");
    for notebook in &stored() {
        for cell in notebook::code_cells(notebook) {
            if cell.id() == "B5" {
                continue;
            }
            for output in cell.outputs() {
                let text = output.to_string().replace("\\n", "\n");
                assert!(!path.is_match(&text), "{}: {text}", cell.id());
            }
        }
    }
}

/// As Jupyter's own `nbformat` writes a file, so that saving it there changes no line.
#[test]
fn the_files_are_laid_out_as_jupyter_does_it() {
    for name in NOTEBOOKS {
        let text = fs::read_to_string(project::notebook_path(name)).expect("a notebook");
        let notebook: Value = serde_json::from_str(&text).expect("JSON");
        let mut written = Vec::new();
        let layout = PrettyFormatter::with_indent(b" ");
        notebook
            .serialize(&mut Serializer::with_formatter(&mut written, layout))
            .expect("JSON");
        written.push(b'\n');
        assert!(written == text.as_bytes(), "{name}");
        check_sorted(&notebook, name);
    }
}

#[track_caller]
fn check_sorted(value: &Value, place: &str) {
    match value {
        Value::Object(members) => {
            let keys: Vec<&String> = members.keys().collect();
            assert!(keys.is_sorted(), "{place}: {keys:?}");
            members
                .iter()
                .for_each(|(key, value)| check_sorted(value, key));
        }
        Value::Array(items) => items.iter().for_each(|item| check_sorted(item, place)),
        _ => {}
    }
}

/// The prose keeps to plain sentences.
#[test]
fn the_prose_has_no_long_dashes() {
    for notebook in &stored() {
        for cell in notebook["cells"].as_array().expect("cells") {
            let text = joined(&cell["source"]);
            let odd = text
                .chars()
                .find(|c| matches!(c, '\u{2012}'..='\u{2015}' | '\u{1F300}'..='\u{1FAFF}'));
            assert_eq!(odd, None, "{}: {text}", cell["id"]);
        }
    }
}
