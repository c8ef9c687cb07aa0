//! `threadbook check`: every kind of difference is found, and permitted differences are not reported.

mod class;
mod different;
mod report;
mod same;

use serde_json::{Value, json};
use std::fs;
use support::project;
use support::python::{display, error, result, stream};
use support::run::Ended;
use support::sandbox::Sandbox;
use support::tools::need;
use support::{notebook, python, run};

/// A code cell with its `threadbook` metadata and its stored outputs.
struct Cell {
    id: &'static str,
    rule: Value,
    source: &'static str,
    stored: Vec<Value>,
}

fn cell(id: &'static str, rule: Value, source: &'static str, stored: Vec<Value>) -> Cell {
    Cell {
        id,
        rule,
        source,
        stored,
    }
}

/// Returns a Python notebook with these cells.
fn notebook_of(cells: &[Cell]) -> Value {
    let mut made = python::of(cells.iter().map(|cell| (cell.id, cell.source)));
    for (index, cell) in cells.iter().enumerate() {
        let made = &mut made["cells"][index];
        if !cell.rule.is_null() {
            made["metadata"]["threadbook"] = cell.rule.clone();
        }
        made["outputs"] = json!(cell.stored);
        made["execution_count"] = json!(1);
    }
    made
}

/// Checks a notebook of these cells with these options; returns the program's output and the report.
fn check(cells: &[Cell], options: &[&str]) -> (Ended, Value) {
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("checked.ipynb");
    notebook::write(&path, &notebook_of(cells));
    let before = fs::read(&path).expect("a file");
    let arguments = ["check", "checked.ipynb", "--json", "report.json"];
    let ended = python::threadbook(&sandbox, &[&arguments[..], options].concat());
    assert_eq!(
        fs::read(&path).expect("a file"),
        before,
        "the notebook was changed"
    );
    sandbox.expect_nothing_left();
    let report = fs::read(sandbox.work().join("report.json")).expect("a report");
    (ended, serde_json::from_slice(&report).expect("JSON"))
}

/// Returns the ids of the cells that differ, from the report.
fn ids_of_different(report: &Value) -> Vec<&str> {
    let cells = report["notebooks"][0]["cells"].as_array().expect("cells");
    let different = cells.iter().filter(|cell| cell["status"] == "different");
    different
        .map(|cell| cell["id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn options_apply_only_to_cells_without_metadata() {
    need!(python);
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell(
            "foreign",
            Value::Null,
            "print('a\\ntook 3 s')",
            out("took 4 s\na\n"),
        ),
        cell(
            "own",
            json!({ "class": "exact" }),
            "print('a\\ntook 3 s')",
            out("took 4 s\na\n"),
        ),
    ];
    let (ended, report) = check(&cells, &["--class", "lines", "--mask", "rates,times"]);
    ended.expect_code(1);
    assert_eq!(ids_of_different(&report), ["own"]);
    assert_eq!(
        report["notebooks"][0]["cells"][0]["rule"],
        "lines, ids, addresses, images, rates, times"
    );
}

#[test]
fn only_the_selected_cells_are_checked() {
    need!(python);
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell("setup", Value::Null, "n = 5", vec![]),
        cell("first", Value::Null, "print(n)", out("6\n")),
        cell("second", Value::Null, "print(n)", out("5\n")),
    ];
    let (ended, report) = check(&cells, &["--only", "second"]);
    ended.expect_code(0);
    let cells = report["notebooks"][0]["cells"].as_array().expect("cells");
    let statuses: Vec<_> = cells.iter().map(|cell| cell["status"].as_str()).collect();
    assert_eq!(statuses, [Some("same"), Some("skipped"), Some("same")]);
}

#[test]
fn a_kernel_that_dies_counts_as_a_difference() {
    need!(python);
    let cells = [
        cell("first", Value::Null, "1", vec![result("1")]),
        cell("dies", Value::Null, "import os\nos._exit(3)", vec![]),
        cell("last", Value::Null, "2", vec![result("2")]),
    ];
    let (ended, report) = check(&cells, &["--junit", "report.xml"]);
    let ended = ended.expect_code(1);
    assert!(
        ended.stderr.contains("the kernel died (exit status: 3)"),
        "{ended}"
    );
    let notebook = &report["notebooks"][0];
    assert!(
        notebook["failure"]
            .as_str()
            .is_some_and(|failure| failure.contains("died")),
        "{notebook}"
    );
    let statuses: Vec<_> = notebook["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .map(|cell| &cell["status"])
        .collect();
    assert_eq!(statuses, ["same", "different", "not-run"]);
}

#[test]
fn a_second_run_of_the_projects_notebooks_shows_no_difference() {
    let sandbox = Sandbox::new();
    let folder = project::mirror_with_notebooks(&sandbox.path("project"));
    let folder = folder.display().to_string();
    // The notebooks mostly wait, so all at once take hardly longer than one.
    sandbox
        .run(["run", &folder, "--in-place", "--jobs=3"])
        .expect_code(0);
    let checked = sandbox.run(["check", &folder, "--jobs=3"]).expect_code(0);
    assert_eq!(checked.stdout, "");
}

#[test]
fn invalid_notebooks_and_arguments_are_rejected() {
    need!(python);
    let sandbox = Sandbox::new();
    let write = |name: &str, rule: Value, stored: Vec<Value>| {
        let mut made = notebook_of(&[cell("a", rule, "1", stored)]);
        if made["cells"][0]["outputs"] == json!([]) {
            made["cells"][0]["execution_count"] = Value::Null;
        }
        notebook::write(&sandbox.work().join(name), &made);
    };
    write("good.ipynb", Value::Null, vec![result("1")]);
    write("never.ipynb", Value::Null, vec![]);
    write(
        "class.ipynb",
        json!({ "class": "exakt" }),
        vec![result("1")],
    );
    write(
        "mask.ipynb",
        json!({ "masks": [{ "ids": "(" }] }),
        vec![result("1")],
    );
    write(
        "property.ipynb",
        json!({ "class": "race", "property": { "line": [] } }),
        vec![result("1")],
    );
    for (arguments, parts) in [
        (
            ["check", "never.ipynb"].as_slice(),
            ["never.ipynb", "never been run"],
        ),
        (
            &["check", "class.ipynb"],
            ["class.ipynb, cell a: ", "unknown class `exakt`"],
        ),
        (
            &["check", "mask.ipynb"],
            ["mask.ipynb, cell a: ", "invalid regular expression"],
        ),
        (
            &["check", "property.ipynb"],
            ["property.ipynb, cell a: ", "`property` is invalid"],
        ),
        (
            &["check", "missing.ipynb"],
            ["missing.ipynb", "No such file"],
        ),
        (
            &["check", "good.ipynb", "--only", "b"],
            ["good.ipynb: ", "no code cell has the id `b`"],
        ),
        (
            &["check", "good.ipynb", "--json", "no/report.json"],
            ["cannot write", "no/report.json"],
        ),
        (
            &["check", "good.ipynb", "--junit", "."],
            ["cannot write", "."],
        ),
        // A shell expands `--json *.ipynb` to this.
        (
            &["check", "--json", "mask.ipynb", "good.ipynb"],
            ["mask.ipynb exists and is not a report", "another name"],
        ),
        (
            &["check", "good.ipynb", "--junit", "good.ipynb"],
            ["good.ipynb exists and is not a report", "another name"],
        ),
        (
            &["check", "good.ipynb", "--junit", "a", "--json", "./a"],
            ["both reports would be written to ./a", "different names"],
        ),
    ] {
        assert_rejected(python::threadbook(&sandbox, arguments), &parts);
    }
    assert_rejected(
        sandbox.run(["check", "good.ipynb", "--kernel", "no-such-kernel"]),
        &["no-such-kernel", "installed kernels: none"],
    );
    assert_rejected(
        sandbox.run(["check", "good.ipynb"]),
        &[
            "good.ipynb: the notebook is written in python",
            "--kernel python3",
        ],
    );
    for arguments in [
        ["check"].as_slice(),
        &["check", "good.ipynb", "--class", "exakt"],
        &["check", "good.ipynb", "--mask", "exakt"],
        &["check", "good.ipynb", "--jobs", "0"],
        &["check", "good.ipynb", "--in-place"],
    ] {
        let ended = sandbox.run(arguments.iter().copied()).expect_code(2);
        assert!(ended.stderr.contains("--help"), "{ended}");
    }
}

/// Checks that the exit code is 2 and that the one line on stderr contains `parts`.
#[track_caller]
fn assert_rejected(ended: Ended, parts: &[&str]) {
    let ended = ended.expect_code(2);
    assert_eq!(
        (ended.stdout.as_str(), ended.stderr.lines().count()),
        ("", 1),
        "{ended}"
    );
    assert!(
        parts.iter().all(|part| ended.stderr.contains(part)),
        "{parts:?}: {ended}"
    );
}

/// The notebook is for our own kernel and shows a compile error on purpose.
#[test]
fn rust_cells_are_compared_like_any_others() {
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("rust.ipynb");
    let mut made = notebook::of([
        ("wrong", "let n: i32 = \"text\";"),
        (
            "threads",
            "std::thread::scope(|s| { for n in 0..4 { s.spawn(move || println!(\"worker {n}\")); } });",
        ),
        ("value", "2 + 2"),
    ]);
    made["cells"][0]["metadata"]["tags"] = json!(["raises-exception"]);
    made["cells"][1]["metadata"]["threadbook"] = json!({ "class": "lines" });
    notebook::write(&path, &made);
    sandbox
        .run(["run", "rust.ipynb", "--in-place"])
        .expect_code(0);
    sandbox.run(["check", "rust.ipynb"]).expect_code(0);

    let mut stored = notebook::read(&path);
    stored["cells"][0]["outputs"][0]["evalue"] = json!("another error");
    stored["cells"][1]["outputs"][0]["text"] = json!("worker 1\nworker 0\nworker 3\nworker 2\n");
    stored["cells"][2]["outputs"][0]["data"]["text/plain"] = json!("5");
    notebook::write(&path, &stored);
    let ended = run::to_end(
        sandbox.threadbook().args(["check", "rust.ipynb"]),
        support::sandbox::BOUND,
    );
    let ended = ended.expect_code(1);
    assert!(ended.stderr.contains("2 differ: wrong, value"), "{ended}");
    assert!(
        ended.stdout.contains("-5\n") && ended.stdout.contains("+4\n"),
        "{ended}"
    );
}
