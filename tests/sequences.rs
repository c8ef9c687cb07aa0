//! Sequences of cells, each cell a part of a valid program: it shows what the program would. Invalid cells show rustc's
//! errors, and the next cell works.
//!
//! The sequences are in `sequences/`, one file for each kind. Lines before the first case are comments. A case begins with
//! `=== name`; `---` separates its cells. After a cell, lines with `> ` are its stdout, lines with `= ` its result as `{:?}`
//! formats it, each line with `~ ` is a part of its stderr, and each with `! ` a part of its error. A cell without `> ` and `= ` shows
//! nothing.

use std::path::PathBuf;
use support::notebook::Cell;
use support::sandbox::{Sandbox, root};
use support::sequence;

struct Case {
    /// The name of its file and its own name.
    name: String,
    cells: Vec<Expected>,
}

#[derive(Default)]
struct Expected {
    code: String,
    stdout: String,
    result: Option<String>,
    errors: Vec<String>,
    stderr: Vec<String>,
}

#[test]
fn each_cell_shows_what_the_program_would() {
    let only = std::env::var("THREADBOOK_SEQUENCES").unwrap_or_default();
    let mut files: Vec<PathBuf> = std::fs::read_dir(root().join("tests/sequences"))
        .expect("the sequences")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.to_string_lossy().contains(&only))
        .collect();
    files.sort();
    let cases: Vec<Case> = files.iter().flat_map(read).collect();
    sequence::check_all(&cases, check);
    assert!(!cases.is_empty());
}

fn read(path: &PathBuf) -> Vec<Case> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let file = path.file_stem().expect("a name").to_string_lossy();
    let mut cases: Vec<Case> = Vec::new();
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("=== ") {
            cases.push(Case {
                name: format!("{file}: {name}"),
                cells: vec![Expected::default()],
            });
            continue;
        }
        // Lines before the first case are comments.
        let Some(case) = cases.last_mut() else {
            continue;
        };
        let cell = case.cells.last_mut().expect("a case has a cell");
        if line == "---" {
            case.cells.push(Expected::default());
        } else if let Some(text) = line.strip_prefix("> ").or((line == ">").then_some("")) {
            cell.stdout.push_str(&format!("{text}\n"));
        } else if let Some(text) = line.strip_prefix("= ") {
            let result = cell
                .result
                .take()
                .map_or(String::new(), |before| before + "\n");
            cell.result = Some(result + text);
        } else if let Some(text) = line.strip_prefix("! ") {
            cell.errors.push(text.to_owned());
        } else if let Some(text) = line.strip_prefix("~ ") {
            cell.stderr.push(text.to_owned());
        } else {
            cell.code.push_str(&format!("{line}\n"));
        }
    }
    cases
}

/// Describes the first cell that shows something unexpected, if any.
fn check(case: &Case) -> Option<String> {
    let sandbox = Sandbox::new();
    let sources = case.cells.iter().map(|cell| cell.code.trim_end());
    let executed = sequence::execute(&sandbox, sources);
    let mut cells = executed.iter().zip(&case.cells).enumerate();
    cells.find_map(|(index, (cell, expected))| {
        let problem = problem(cell, expected)?;
        Some(format!(
            "{}, cell {}: {}\n  {problem}",
            case.name,
            index + 1,
            expected.code.trim_end()
        ))
    })
}

fn problem(cell: &Cell, expected: &Expected) -> Option<String> {
    let text = cell
        .error()
        .map(|error| format!("{}\n{}\n{}", error.ename, error.evalue, error.traceback));
    match &text {
        Some(text) if expected.errors.is_empty() => return Some(format!("failed:\n{text}")),
        Some(text) if text.contains("evcxr") || text.contains("threadbook_") => {
            return Some(format!("mentions internal names:\n{text}"));
        }
        Some(text) => {
            if let Some(wanted) = expected
                .errors
                .iter()
                .find(|wanted| !text.contains(*wanted))
            {
                return Some(format!("failed without {wanted:?}:\n{text}"));
            }
        }
        None if !expected.errors.is_empty() => {
            return Some(format!("did not fail with {:?}", expected.errors));
        }
        None => {}
    }
    let stderr = cell.stream("stderr");
    if let Some(wanted) = expected
        .stderr
        .iter()
        .find(|wanted| !stderr.contains(*wanted))
    {
        return Some(format!("stderr is {stderr:?}, without {wanted:?}"));
    }
    let (stdout, result) = (cell.stream("stdout"), cell.result());
    if stdout.trim_end_matches('\n') != expected.stdout.trim_end_matches('\n') {
        return Some(format!("stdout is {stdout:?}, not {:?}", expected.stdout));
    }
    let trimmed = |result: &Option<String>| result.as_ref().map(|text| text.trim_end().to_owned());
    (trimmed(&result) != trimmed(&expected.result))
        .then(|| format!("the result is {result:?}, not {:?}", expected.result))
}
