//! The notebooks as stored in the repository: complete, and with the outputs of a real run.

use regex::Regex;
use serde::Serialize;
use serde_json::ser::{PrettyFormatter, Serializer};
use serde_json::{Value, json};
use std::fs;
use support::executed::{check_sound, judge_all};
use support::expected_output;
use support::notebook::{self, Cell, joined};
use support::project::{self, NOTEBOOKS};

/// The letter of each notebook's numbered cells, and how many there are.
const ROWS: [(&str, u32); 3] = [("A", 13), ("B", 26), ("W", 23)];

fn stored() -> [Value; 3] {
    NOTEBOOKS.map(|name| notebook::read(&project::notebook_path(name)))
}

#[test]
fn every_row_appears_once_and_in_order() {
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
fn ids_are_unique_and_name_the_kind_of_cell() {
    // nbformat allows these characters, and at most 64 of them.
    let form =
        Regex::new(r"^(?:setup|[ABFW]\d+|(?:extra|text)-[a-zA-Z0-9-]{1,58})$").expect("a pattern");
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
        assert_eq!(ids.len(), cells.len(), "two cells share an id");
    }
}

#[test]
fn every_cell_ran_in_order_with_the_right_output() {
    for notebook in &stored() {
        judge_all(notebook, str::to_owned);
        check_sound(notebook);
    }
}

/// A cell's class says how its output is compared. Cells that fail on purpose do not stop a run.
#[test]
fn every_code_cell_has_a_class_and_a_tag_if_it_must_fail() {
    let classes = ["exact", "lines", "race", "range", "result"];
    let passed = Cell(json!({ "outputs": [] }));
    for notebook in &stored() {
        for cell in notebook::code_cells(notebook) {
            let metadata = &cell.0["metadata"];
            let class = metadata["threadbook"]["class"].as_str().unwrap_or_default();
            assert!(classes.contains(&class), "{}: {class:?}", cell.id());
            let must_fail = expected_output::judge_error(cell.id(), &passed).is_err();
            let tagged = metadata["tags"] == json!(["raises-exception"]);
            assert_eq!(must_fail, tagged, "{}", cell.id());
        }
    }
}

/// Only the cell that prints the working directory may reveal where the notebook ran.
#[test]
fn no_output_reveals_where_it_was_made() {
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

/// The layout is that of Jupyter's `nbformat`, so saving a file in Jupyter changes no line.
#[test]
fn files_have_jupyters_layout() {
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
fn check_sorted(value: &Value, name: &str) {
    match value {
        Value::Object(members) => {
            let keys: Vec<&String> = members.keys().collect();
            assert!(keys.is_sorted(), "{name}: {keys:?}");
            members
                .iter()
                .for_each(|(key, value)| check_sorted(value, key));
        }
        Value::Array(items) => items.iter().for_each(|item| check_sorted(item, name)),
        _ => {}
    }
}

/// The prose uses plain punctuation.
#[test]
fn the_prose_has_no_long_dashes_or_emoji() {
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
