//! The JUnit report of `threadbook check`.

use super::*;
use std::time::Duration;
use support::venv::Venv;

/// Python's parser, which is independent of this program, reads the report.
#[test]
fn the_junit_report_is_valid() {
    need!(python);
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
            &support::sandbox::root()
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
