//! The table of Python's names in `docs/python.md`: it has every public name of the modules, and no other.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::not_run;

const MODULES: [&str; 3] = ["threading", "queue", "concurrent.futures"];

fn names_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/python_names")
}

#[test]
fn the_table_has_each_public_name_and_no_other() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/python.md");
    let page = fs::read_to_string(page).expect("the page");
    for module in MODULES {
        let listed = fs::read_to_string(names_folder().join(format!("{module}.txt")));
        let listed = listed.expect("the list of names");
        let listed: BTreeSet<&str> = listed.lines().collect();
        let rows = rows_of(&page, module);
        let mut in_table = BTreeSet::new();
        for row in &rows {
            for name in code_in(row[0]) {
                assert!(in_table.insert(name), "{module}.{name} has two rows");
            }
            assert!(
                !row[1].is_empty(),
                "{module}: {} has no counterpart",
                row[0]
            );
        }
        let missing: Vec<_> = listed.difference(&in_table).collect();
        let unknown: Vec<_> = in_table.difference(&listed).collect();
        assert!(
            missing.is_empty(),
            "{module}: not in the table: {missing:?}"
        );
        assert!(unknown.is_empty(), "{module}: not in Python: {unknown:?}");
        assert!(listed.len() > 20, "{module}: {} names", listed.len());
    }
}

#[test]
fn the_lists_have_all_names_of_the_python_on_this_machine() {
    let script = names_folder().join("make.py");
    let mut python = Command::new("python3");
    let Ok(ended) = python.arg(script).arg("--check").args(MODULES).output() else {
        not_run::record(|| {}, "there is no python3 on the PATH");
        return;
    };
    let errors = String::from_utf8_lossy(&ended.stderr);
    assert!(ended.status.success(), "{errors}");
}

/// Returns the cells of the rows in the section of this title.
fn rows_of<'a>(page: &'a str, title: &str) -> Vec<Vec<&'a str>> {
    let heading = format!("\n## {title}\n");
    let (_, section) = page.split_once(&heading).expect("the section");
    let section = section.split("\n## ").next().unwrap_or(section);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        // A line begins and ends with a bar; `\|` is in the second cell at the earliest.
        cells[1..].to_vec()
    })
    .collect()
}

/// Returns what is in backticks.
fn code_in(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}
