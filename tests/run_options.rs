//! The options of `threadbook run`: several notebooks at once, timeouts, parameters, selected cells; and Ctrl-C.

mod ctrl_c;
mod parameters;

use serde_json::{Value, json};
use std::time::{Duration, Instant};
use support::sandbox::{BOUND, Sandbox};
use support::tools::need;
use support::venv::Venv;
use support::{notebook, python};

/// Writes a notebook with these Python cells.
fn write(sandbox: &Sandbox, name: &str, cells: &[(&str, &str)]) {
    notebook::write(
        &sandbox.work().join(name),
        &python::of(cells.iter().copied()),
    );
}

fn read(sandbox: &Sandbox, name: &str) -> Value {
    notebook::read(&sandbox.work().join(name))
}

/// Returns what a cell wrote to stdout.
#[track_caller]
fn printed(executed: &Value, id: &str) -> String {
    notebook::cell(executed, id).stream("stdout")
}

#[track_caller]
fn tag(notebook: &mut Value, cell: usize, tag: &str) {
    notebook["cells"][cell]["metadata"]["tags"] = json!([tag]);
}

/// Each of two notebooks waits for the other, so neither ends unless both run at once. The one named first ends last but is
/// reported first.
#[test]
fn several_notebooks_run_at_once() {
    need!(python);
    let sandbox = Sandbox::new();
    let wait = |name: &str| {
        format!(
            "import os, time\nwhile not os.path.exists('{name}'):\n    time.sleep(0.01)\nprint('{name}')"
        )
    };
    write(
        &sandbox,
        "a.ipynb",
        &[("begin", "open('a', 'w').close()"), ("end", &wait("b"))],
    );
    write(
        &sandbox,
        "b.ipynb",
        &[
            ("wait", &wait("a")),
            ("end", "open('b', 'w').close()\nprint('ends')"),
        ],
    );
    let arguments = [
        "run",
        "a.ipynb",
        "b.ipynb",
        "--in-place",
        "--jobs",
        "2",
        "--timeout",
        "120",
    ];
    let ended = python::threadbook(&sandbox, &arguments).expect_code(0);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        lines.len() == 2
            && lines[0].starts_with("a.ipynb: 2 cells")
            && lines[1].starts_with("b.ipynb: 2 cells"),
        "{ended}"
    );
    assert_eq!(printed(&read(&sandbox, "a.ipynb"), "end"), "b\n");
    assert_eq!(printed(&read(&sandbox, "b.ipynb"), "end"), "ends\n");
}

#[test]
fn a_failing_notebook_does_not_stop_the_others() {
    need!(python);
    let sandbox = Sandbox::new();
    write(&sandbox, "a.ipynb", &[("fails", "1 / 0")]);
    write(&sandbox, "b.ipynb", &[("good", "print('b')")]);
    let arguments = ["run", "a.ipynb", "b.ipynb", "--in-place", "-j2"];
    let ended = python::threadbook(&sandbox, &arguments).expect_code(1);
    assert!(
        ended.stderr.contains("cell fails: ZeroDivisionError"),
        "{ended}"
    );
    assert_eq!(printed(&read(&sandbox, "b.ipynb"), "good"), "b\n");
}

/// A timeout is an error of the cell, and errors are allowed.
#[test]
fn cells_run_after_one_that_times_out() {
    need!(python);
    let sandbox = Sandbox::new();
    let cells = [
        ("endless", "import time\nwhile True:\n    time.sleep(1)"),
        ("last", "print('last')"),
    ];
    write(&sandbox, "long.ipynb", &cells);
    let arguments = [
        "run",
        "long.ipynb",
        "--in-place",
        "--timeout",
        "3",
        "--allow-errors",
    ];
    python::threadbook(&sandbox, &arguments).expect_code(0);
    let executed = read(&sandbox, "long.ipynb");
    let error = notebook::cell(&executed, "endless")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "CellTimeoutError");
    assert_eq!(printed(&executed, "last"), "last\n");
}

#[test]
fn a_notebook_that_times_out_keeps_its_outputs() {
    need!(python);
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "print('first')"),
        (
            "endless",
            "print('begins', flush=True)\nimport time\nwhile True:\n    time.sleep(1)",
        ),
        ("last", "print('last')"),
    ];
    write(&sandbox, "long.ipynb", &cells);
    let arguments = [
        "run",
        "long.ipynb",
        "--in-place",
        "--notebook-timeout",
        "20",
    ];
    let begin = Instant::now();
    let ended = python::threadbook(&sandbox, &arguments).expect_code(1);
    assert!(begin.elapsed() >= Duration::from_secs(20), "{ended}");
    assert!(
        ended
            .stderr
            .contains("cell endless: NotebookTimeoutError: the notebook took longer than 20 s"),
        "{ended}"
    );
    let executed = read(&sandbox, "long.ipynb");
    assert_eq!(printed(&executed, "first"), "first\n");
    assert_eq!(printed(&executed, "endless"), "begins\n");
    let error = notebook::cell(&executed, "endless")
        .error()
        .expect("an error");
    assert!(error.traceback.contains("KeyboardInterrupt"), "{error:?}");
    let last = notebook::cell(&executed, "last");
    assert_eq!(
        (last.outputs().len(), &last.0["execution_count"]),
        (0, &Value::Null)
    );
}

#[test]
fn a_dead_kernel_is_reported() {
    need!(python);
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "print('first')"),
        (
            "dies",
            "import os, sys\nprint('before', flush=True)\nos.kill(os.getpid(), 9)",
        ),
    ];
    write(&sandbox, "dies.ipynb", &cells);
    let ended = python::threadbook(&sandbox, &["run", "dies.ipynb", "--in-place"]).expect_code(1);
    assert!(
        ended
            .stderr
            .contains("the kernel died (signal: 9 (SIGKILL))"),
        "{ended}"
    );
    let executed = read(&sandbox, "dies.ipynb");
    assert_eq!(printed(&executed, "first"), "first\n");
    assert_eq!(
        notebook::cell(&executed, "dies")
            .error()
            .expect("an error")
            .ename,
        "DeadKernelError"
    );
}

#[test]
fn tags_allow_cells_to_fail_or_skip_them() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut made = python::of([
        ("fails", "1 / 0"),
        ("skipped", "print('new')"),
        ("last", "print('last')"),
    ]);
    tag(&mut made, 0, "raises-exception");
    tag(&mut made, 1, "skip-execution");
    made["cells"][1]["outputs"] = json!([python::stream("stdout", "old\n")]);
    notebook::write(&sandbox.work().join("tags.ipynb"), &made);
    python::threadbook(&sandbox, &["run", "tags.ipynb", "--in-place"]).expect_code(0);
    let executed = read(&sandbox, "tags.ipynb");
    let error = notebook::cell(&executed, "fails")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "ZeroDivisionError");
    assert_eq!(printed(&executed, "skipped"), "old\n");
    assert_eq!(printed(&executed, "last"), "last\n");
}

#[test]
fn selected_cells_run_after_the_setup() {
    need!(python);
    let cells = [
        ("setup", "ran = ['setup']"),
        ("A1", "ran.append('A1')\nprint(ran)"),
        ("A2", "ran.append('A2')\nprint(ran)"),
        ("A3", "ran.append('A3')\nprint(ran)"),
    ];
    for (only, expected) in [
        ("A2", ["", "['setup', 'A2']\n", ""]),
        (
            "A2..A3",
            ["", "['setup', 'A2']\n", "['setup', 'A2', 'A3']\n"],
        ),
        ("2,4", ["['setup', 'A1']\n", "", "['setup', 'A1', 'A3']\n"]),
        ("..2", ["['setup', 'A1']\n", "", ""]),
    ] {
        let sandbox = Sandbox::new();
        write(&sandbox, "some.ipynb", &cells);
        let arguments = ["run", "some.ipynb", "--in-place", "--only", only];
        python::threadbook(&sandbox, &arguments).expect_code(0);
        let executed = read(&sandbox, "some.ipynb");
        let ran = ["A1", "A2", "A3"].map(|id| printed(&executed, id));
        assert_eq!(ran, expected, "{only}");
    }
}

#[test]
fn unknown_cells_and_invalid_options_are_rejected() {
    need!(python);
    let sandbox = Sandbox::new();
    write(&sandbox, "good.ipynb", &[("a", "print('a')")]);
    for (arguments, message) in [
        (
            ["--only", "b"].as_slice(),
            "good.ipynb: no code cell has the id `b`",
        ),
        (
            &["--only", "2"],
            "good.ipynb: there is no code cell number 2",
        ),
        (
            &["-p", "lambda=1"],
            "good.ipynb: `lambda` is a Python keyword",
        ),
    ] {
        let arguments = [&["run", "good.ipynb", "--in-place"], arguments].concat();
        let ended = python::threadbook(&sandbox, &arguments).expect_code(2);
        assert!(
            ended.stderr.contains(message) && ended.stderr.lines().count() == 1,
            "{ended}"
        );
    }
    for arguments in [
        ["-p", "n"],
        ["-p", "1n=2"],
        ["--only", ".."],
        ["--jobs", "0"],
        ["--notebook-timeout", "0"],
    ] {
        let arguments = [&["run", "good.ipynb", "--in-place"], &arguments[..]].concat();
        let ended = python::threadbook(&sandbox, &arguments).expect_code(2);
        assert!(ended.stderr.contains("--help"), "{ended}");
    }
    assert_eq!(
        notebook::cell(&read(&sandbox, "good.ipynb"), "a")
            .outputs()
            .len(),
        0
    );
}
