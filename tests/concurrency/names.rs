//! The table of Python's names in `docs/python.md`: it has every public name of the modules, and no other. And a search
//! for a Python name finds the item that has another name here.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::not_run;

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

/// Names for which this crate has no item: the row says what to use instead.
const WITHOUT_ITEM: &[&str] = &[
    "Thread.run",
    "Thread(context=)",
    "Timer.run",
    "local",
    "Lock.locked",
    "excepthook",
    "ExceptHookArgs",
    "TIMEOUT_MAX",
    "settrace",
    "settrace_all_threads",
    "gettrace",
    "setprofile",
    "setprofile_all_threads",
    "getprofile",
    "Executor",
    "interpreter.BrokenInterpreterPool",
];

#[test]
fn an_item_with_another_name_than_pythons_is_found_by_that_too() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let read = |page: &str| fs::read_to_string(root.join(page)).expect("the page");
    let (here, multiprocessing) = (
        read("docs/python.md"),
        read("docs/python_multiprocessing.md"),
    );
    let submodules = ["connection", "managers", "pool", "shared_memory"];
    let submodules = submodules.map(|name| format!("multiprocessing.{name}"));
    let tables = MODULES.iter().map(|module| (&here, *module));
    let tables = tables.chain([(&multiprocessing, "multiprocessing")]);
    let tables = tables.chain(
        submodules
            .iter()
            .map(|module| (&multiprocessing, module.as_str())),
    );

    let aliases = aliases_below(&root.join("src"));
    let mut without_item = BTreeSet::new();
    let mut renamed = 0;
    for row in tables.flat_map(|(page, module)| rows_of(page, module)) {
        // Such a row has items of the same names, or none.
        let no_other_names = ["instead:", "the same", "those of", "as for"];
        if no_other_names.iter().any(|start| row[1].starts_with(start)) {
            continue;
        }
        let words: BTreeSet<&str> = row[1]
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .collect();
        for name in code_in(row[0]) {
            let last = name
                .trim_end_matches([')', '='])
                .rsplit(['.', '('])
                .next()
                .unwrap_or(name);
            if words.contains(last) || row[1].contains("the methods of") {
                continue;
            }
            renamed += 1;
            if !aliases.contains(last) {
                without_item.insert(name);
            }
        }
    }
    assert_eq!(without_item, WITHOUT_ITEM.iter().copied().collect());
    assert!(renamed > 30, "{renamed} names");
}

/// Returns the aliases that the items in a folder have in the documentation.
fn aliases_below(folder: &Path) -> BTreeSet<String> {
    let mut aliases = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            aliases.extend(aliases_below(&path));
            continue;
        }
        let text = fs::read_to_string(path).expect("a source");
        for attribute in text.split("#[doc(alias").skip(1) {
            let attribute = attribute.split(']').next().unwrap_or_default();
            aliases.extend(attribute.split('"').skip(1).step_by(2).map(String::from));
        }
    }
    aliases
}

/// Returns the cells of the rows in the section of this title.
fn rows_of<'a>(page: &'a str, title: &str) -> Vec<Vec<&'a str>> {
    let heading = format!("\n## {title}\n");
    let (_, section) = page.split_once(&heading).expect("the section");
    let section = section.split("\n## ").next().unwrap_or(section);
    let rows = section.lines().filter(|line| line.starts_with("| `"));
    rows.map(|row| {
        let row = row.trim_start_matches("| ").trim_end_matches('|');
        // A bar within the code is written `\|`, without spaces around it.
        row.split(" | ").map(str::trim).collect()
    })
    .collect()
}

/// Returns what is in backticks.
fn code_in(cell: &str) -> impl Iterator<Item = &str> {
    cell.split('`').skip(1).step_by(2)
}
