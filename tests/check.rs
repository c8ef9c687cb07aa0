//! `threadbook check`: every kind of difference is found, and what may differ is none.

mod common;

use common::project::{self, NOTEBOOKS};
use common::python::{display, error, result, stream};
use common::run::Ended;
use common::sandbox::Sandbox;
use common::venv::Venv;
use common::{notebook, python, run, turn};
use serde_json::{Value, json};
use std::fs;
use std::time::Duration;

/// A cell with what is stored in it; it is its name whether a check finds a difference.
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

/// A Python notebook of these cells. Each may fail.
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

/// Checks a notebook of these cells with these options; gives what was told, and the report.
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

/// The ids of the cells that differ, from the report.
fn different(report: &Value) -> Vec<&str> {
    let cells = report["notebooks"][0]["cells"].as_array().expect("cells");
    let different = cells.iter().filter(|cell| cell["status"] == "different");
    different
        .map(|cell| cell["id"].as_str().expect("an id"))
        .collect()
}

#[test]
fn each_kind_of_difference_is_found() {
    let exact = || json!({ "class": "exact" });
    let lines = || json!({ "class": "lines", "masks": ["ids"] });
    let race = |property: Value| json!({ "class": "race", "property": property });
    let final_result =
        || race(json!({ "lines": ["Final result: {n}"], "numbers": { "n": { "below": 500000 } } }));
    let two_pids = "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getpid())";
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell("text", exact(), "print('a\\nb')", out("a\nc\n")),
        cell("order", exact(), "print('a\\nb')", out("b\na\n")),
        cell("newline", exact(), "print('a', end='')", out("a\n")),
        cell("blanks", exact(), "print('a  b')", out("a b\n")),
        cell("nothing-now", exact(), "pass", out("a\n")),
        cell("nothing-then", exact(), "print('a')", vec![]),
        cell(
            "stderr",
            exact(),
            "import sys\nprint('a', file=sys.stderr)",
            vec![stream("stderr", "b\n")],
        ),
        cell(
            "stream",
            exact(),
            "import sys\nprint('a', file=sys.stderr)",
            out("a\n"),
        ),
        cell("overwritten", exact(), "print('10%\\r20%')", out("10%\n")),
        cell("result", exact(), "1 + 1", vec![result("3")]),
        cell("no-result", exact(), "x = 1 + 1", vec![result("2")]),
        cell(
            "display",
            exact(),
            "from IPython.display import display\ndisplay({'text/html': '<b>1</b>'}, raw=True)",
            vec![display("text/html", "<b>2</b>")],
        ),
        cell(
            "format",
            exact(),
            "from IPython.display import display\ndisplay({'text/html': 'x'}, raw=True)",
            vec![display("text/markdown", "x")],
        ),
        cell(
            "picture",
            exact(),
            "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)",
            vec![display("image/png", "AAAB")],
        ),
        cell(
            "evalue",
            exact(),
            "raise ValueError('a')",
            vec![error("ValueError", "b")],
        ),
        cell(
            "ename",
            exact(),
            "raise ValueError('a')",
            vec![error("TypeError", "a")],
        ),
        cell("error-now", exact(), "1 / 0", vec![]),
        cell(
            "error-then",
            exact(),
            "1",
            vec![result("1"), error("ValueError", "b")],
        ),
        cell("line-missing", lines(), "print('a')", out("a\nb\n")),
        cell("line-twice", lines(), "print('a\\nb\\nb')", out("b\na\n")),
        cell(
            "values-swapped",
            lines(),
            "print('a 1\\nb 2')",
            out("a 2\nb 1\n"),
        ),
        cell(
            "ids-were-different",
            lines(),
            two_pids,
            out("PID: 7\nPID: 8\n"),
        ),
        cell(
            "ids-were-different-exact",
            json!({ "masks": ["ids"] }),
            two_pids,
            out("PID: 7\nPID: 8\n"),
        ),
        cell(
            "ids-were-equal",
            lines(),
            "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getppid())",
            out("PID: 7\nPID: 7\n"),
        ),
        cell(
            "ids-not-masked",
            exact(),
            "import os\nprint('PID:', os.getpid())",
            out("PID: 7\n"),
        ),
        cell(
            "time-not-masked",
            exact(),
            "print('took 3 s')",
            out("took 4 s\n"),
        ),
        cell(
            "race",
            final_result(),
            "print('Final result: 500000')",
            out("Final result: 5\n"),
        ),
        cell(
            "race-lines",
            final_result(),
            "print('Final result: 5\\nmore')",
            out("Final result: 5\n"),
        ),
        cell(
            "race-error",
            final_result(),
            "print('Final result: 5')\n1 / 0",
            out("Final result: 5\n"),
        ),
        cell(
            "race-undeclared",
            json!({ "class": "race" }),
            "print('n is 5')",
            out("m is 7\n"),
        ),
        cell(
            "error-of-any",
            json!({ "class": "any" }),
            "1 / 0",
            out("a\n"),
        ),
        cell("foreign", Value::Null, "print('a')", out("b\n")),
        cell("foreign-id", Value::Null, two_pids, out("PID: 7\nPID: 8\n")),
        cell(
            "foreign-time",
            Value::Null,
            "print('took 3 s')",
            out("took 4 s\n"),
        ),
        cell(
            "foreign-order",
            Value::Null,
            "print('a\\nb')",
            out("b\na\n"),
        ),
    ];
    let (ended, report) = check(&cells, &[]);
    let ended = ended.expect_code(1);
    let all: Vec<&str> = cells.iter().map(|cell| cell.id).collect();
    assert_eq!(different(&report), all, "{ended}");
    assert_eq!(report["ok"], false);

    // What people read names notebook, cell and class, and shows the lines.
    for words in [
        "checked.ipynb, cell text (exact)\nstdout differs\n--- stored\n+++ now\n@@ -1,2 +1,2 @@\n a\n-c\n+b\n",
        "checked.ipynb, cell line-missing (lines, ids)\n",
        "its property does not hold: n must be below 500000, and is 500000",
        "cell ids-were-different (lines, ids)\nthe lines are the same, but not which of their ids are equal",
        "cell ids-were-different-exact (exact, ids)\nstdout differs\n",
        "-PID: <id 2>\n+PID: <id 1>\n",
        "-ValueError: b\n",
        "+ValueError: a\n",
        "It would be the same with --mask times,rates.\n",
        "It would be the same with --class lines.\n",
    ] {
        assert!(ended.stdout.contains(words), "{words} is missing: {ended}");
    }
    assert!(
        !ended.stdout.contains('\u{1b}'),
        "colours are for terminals: {ended}"
    );
    let summary = format!("{} differ: text, order", all.len());
    assert!(ended.stderr.contains(&summary), "{ended}");
}

#[test]
fn what_may_differ_is_no_difference() {
    let lines = || json!({ "class": "lines", "masks": ["ids", "times"] });
    let out = |text: &str| vec![stream("stdout", text)];
    let cells = [
        cell(
            "same",
            json!({}),
            "print('a')\n1 + 1",
            vec![stream("stdout", "a\n"), result("2")],
        ),
        cell("order", lines(), "print('a\\nb\\nb')", out("b\na\nb\n")),
        cell(
            "ids",
            json!({ "masks": ["ids"] }),
            "import os\nprint('PID:', os.getpid())\nprint('PID:', os.getppid())\nprint('by process', os.getpid())",
            out("PID: 7\nPID: 8\nby process 7\n"),
        ),
        cell(
            "ids-and-order",
            lines(),
            "import os\nprint('PID:', os.getpid(), 'begins')\nprint('PID:', os.getppid(), 'begins')\n\
             print('PID:', os.getpid(), 'ends')",
            out("PID: 7 ends\nPID: 8 begins\nPID: 7 begins\n"),
        ),
        cell(
            "times",
            lines(),
            "import time\nt = time.time()\ntime.sleep(0.01)\nprint('execution time :', time.time() - t)\nprint('took 3 s')",
            out("took 99 ms\nexecution time : 1.0047\n"),
        ),
        cell(
            "bar",
            json!({ "class": "times" }),
            "import sys\nfor n in (0, 50, 100):\n    print(f'\\r{n:3}%|...| {n}/100 [00:0{n // 50}<00:01, {n + 1}.5it/s]', \
             end='', file=sys.stderr)",
            vec![stream(
                "stderr",
                "\r  0%|...| 0/100 [00:00<?, ?it/s]\r100%|...| 100/100 [00:09<00:00, 11.1it/s]",
            )],
        ),
        cell(
            "shared-line",
            json!({ "class": "lines" }),
            "print('Square: 100Cube: 1000\\n\\nDone!')",
            out("Cube: 1000\nSquare: 100\nDone!\n"),
        ),
        cell(
            "pieces",
            json!({}),
            "import sys\nprint('a', end='', flush=True)\nprint('!', file=sys.stderr)\nprint('b')",
            vec![stream("stdout", "ab\n"), stream("stderr", "!\n")],
        ),
        cell(
            "overwritten",
            json!({}),
            "print('10%\\r20%\\rab\\x08c')",
            out("ac%\n"),
        ),
        cell(
            "race",
            json!({
                "class": "race",
                "property": { "lines": [{ "times": 3, "line": "balance = {n}" }], "numbers": { "n": { "not": 100, "at_least": 2 } } },
            }),
            "print('balance = 1\\nbalance = 100\\nbalance = -3')",
            out("balance = 7\nbalance = 8\nbalance = 9\n"),
        ),
        cell(
            "race-undeclared",
            json!({ "class": "race" }),
            "print('n is 5')",
            out("n is 7\n"),
        ),
        cell("any", json!({ "class": "any" }), "print('a')", out("b\n")),
        cell(
            "path",
            json!({ "masks": ["paths"] }),
            "'/opt/somewhere/notebooks'",
            vec![result("'/a/notebooks'")],
        ),
        cell(
            "error",
            json!({}),
            "raise ValueError('a')",
            vec![
                json!({ "output_type": "error", "ename": "ValueError", "evalue": "a", "traceback": ["elsewhere"] }),
            ],
        ),
        cell(
            "foreign",
            Value::Null,
            "import os\nprint('PID:', os.getpid(), object())",
            out("PID: 7 <object object at 0x7fe1c0ffee00>\n"),
        ),
        cell(
            "foreign-picture",
            Value::Null,
            "from IPython.display import display\ndisplay({'image/png': 'AAAA'}, raw=True)",
            vec![display("image/png", "AAAB")],
        ),
        cell(
            "widget",
            Value::Null,
            "from IPython.display import display\n\
             display({'application/vnd.jupyter.widget-view+json': {'model_id': 'a'}}, raw=True)",
            vec![json!({
                "output_type": "display_data", "metadata": {},
                "data": { "application/vnd.jupyter.widget-view+json": { "model_id": "b" } },
            })],
        ),
    ];
    let (ended, report) = check(&cells, &[]);
    let ended = ended.expect_code(0);
    assert_eq!(different(&report), [""; 0], "{ended}");
    assert_eq!(report["ok"], true);
    assert_eq!(ended.stdout, "");
    let summary = format!("checked.ipynb: {} cells, ", cells.len());
    assert!(
        ended.stderr.starts_with(&summary) && ended.stderr.ends_with("s, as stored\n"),
        "{ended}"
    );
}

#[test]
fn options_are_for_cells_that_say_nothing() {
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
    assert_eq!(different(&report), ["own"]);
    assert_eq!(
        report["notebooks"][0]["cells"][0]["rule"],
        "lines, ids, addresses, images, rates, times"
    );
}

#[test]
fn a_check_of_some_cells() {
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
fn a_kernel_that_dies_is_a_difference() {
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

/// Python reads what was written, with a parser that knows nothing of this program.
#[test]
fn the_report_for_junit() {
    let sandbox = Sandbox::new();
    let out = |text: &str| vec![stream("stdout", text)];
    let good = [cell("a", Value::Null, "print('<&>')", out("<&>\n"))];
    let bad = [
        cell(
            "b",
            json!({ "class": "lines" }),
            "print('\\x1b[31m<&>\\x00\\x1b[0m')",
            out("]]>\n"),
        ),
        cell("c", Value::Null, "print('a')", out("a\n")),
    ];
    let mut skipped = notebook_of(&bad);
    skipped["cells"][1]["metadata"]["tags"] = json!(["skip-execution"]);
    notebook::write(&sandbox.work().join("good.ipynb"), &notebook_of(&good));
    notebook::write(&sandbox.work().join("wrong.ipynb"), &skipped);
    let arguments = [
        "check",
        "good.ipynb",
        "wrong.ipynb",
        "--jobs",
        "2",
        "--junit",
        "report.xml",
    ];
    let ended = python::threadbook(&sandbox, &arguments).expect_code(1);
    let lines: Vec<&str> = ended.stderr.lines().collect();
    assert!(
        lines[0].starts_with("good.ipynb: ") && lines[1].starts_with("wrong.ipynb: "),
        "{ended}"
    );

    let read = Venv::open().run(
        &sandbox,
        "python",
        &[
            &common::sandbox::root()
                .join("tests/python/junit.py")
                .display()
                .to_string(),
            "report.xml",
        ],
        Duration::from_secs(60),
    );
    let read = read.expect_code(0);
    let report: Value = serde_json::from_str(&read.stdout).expect("JSON");
    assert_eq!(
        report,
        json!([
            { "suite": "good.ipynb", "cases": [["good.ipynb", "a", "passed", ""]] },
            { "suite": "wrong.ipynb", "cases": [
                ["wrong.ipynb", "b", "failure", "stdout differs"],
                ["wrong.ipynb", "c", "skipped", ""],
            ] },
        ])
    );
}

#[test]
fn the_projects_notebooks_show_what_they_showed_before() {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let folder = project::mirror(&sandbox.path("project"));
    for name in NOTEBOOKS {
        fs::copy(project::notebook_path(name), folder.join(name)).expect("a copy");
    }
    let folder = folder.display().to_string();
    sandbox.run(["run", &folder, "--in-place"]).expect_code(0);
    let checked = sandbox.run(["check", &folder]).expect_code(0);
    assert_eq!(checked.stdout, "");
}

#[test]
fn what_cannot_be_checked_is_refused() {
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
    for (arguments, words) in [
        (
            ["check", "never.ipynb"].as_slice(),
            ["never.ipynb", "never been run"],
        ),
        (
            &["check", "class.ipynb"],
            ["class.ipynb, cell a: ", "no class `exakt`"],
        ),
        (
            &["check", "mask.ipynb"],
            ["mask.ipynb, cell a: ", "wrong regular expression"],
        ),
        (
            &["check", "property.ipynb"],
            ["property.ipynb, cell a: ", "`property` is wrong"],
        ),
        (
            &["check", "missing.ipynb"],
            ["missing.ipynb", "No such file"],
        ),
        (
            &["check", "good.ipynb", "--only", "b"],
            ["good.ipynb: ", "no code cell with the id `b`"],
        ),
        (
            &["check", "good.ipynb", "--json", "no/report.json"],
            ["cannot write", "no/report.json"],
        ),
        (
            &["check", "good.ipynb", "--junit", "."],
            ["cannot write", "."],
        ),
        (
            &["check", "good.ipynb", "--kernel", "no-such-kernel"],
            ["no-such-kernel", "there is"],
        ),
    ] {
        let ended = sandbox.run(arguments.iter().copied()).expect_code(2);
        assert_eq!(
            (ended.stdout.as_str(), ended.stderr.lines().count()),
            ("", 1),
            "{ended}"
        );
        assert!(
            words.iter().all(|word| ended.stderr.contains(word)),
            "{words:?}: {ended}"
        );
    }
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

/// A notebook of this kernel's own, with a compile error that is shown on purpose.
#[test]
fn rust_cells_are_compared_as_any_others() {
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
        common::sandbox::BOUND,
    );
    let ended = ended.expect_code(1);
    assert!(ended.stderr.contains("2 differ: wrong, value"), "{ended}");
    assert!(
        ended.stdout.contains("-5\n") && ended.stdout.contains("+4\n"),
        "{ended}"
    );
}
