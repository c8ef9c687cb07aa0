//! The runner watches notebooks: all cells of one, or for a trace.

use serde_json::json;
use support::sandbox::{BOUND, Sandbox};
use support::{notebook, run};

#[test]
fn the_runner_watches_all_cells_without_a_change_to_them() {
    let sandbox = Sandbox::new();
    let cells = [
        ("quiet", "let quiet = 1;"),
        (
            "sleep",
            "std::thread::sleep(std::time::Duration::from_millis(50));",
        ),
    ];
    let original = notebook::of(cells);
    let path = sandbox.work().join("a.ipynb");
    notebook::write(&path, &original);
    // With `--timings`, rustc is called as if it were a nightly one.
    let arguments = [
        "run",
        "a.ipynb",
        "--in-place",
        "--watch",
        "--timings",
        "--html",
        "pages",
    ];
    run::to_end(sandbox.threadbook().args(arguments), BOUND).expect_code(0);
    let executed = notebook::read(&path);
    assert!(notebook::cell(&executed, "quiet").outputs().is_empty());
    let sleep = notebook::cell(&executed, "sleep");
    let source = json!(["std::thread::sleep(std::time::Duration::from_millis(50));"]);
    assert_eq!(sleep.0["source"], source);
    assert_eq!(sleep.outputs().len(), 1);
    let page = std::fs::read_to_string(sandbox.work().join("pages/a.html")).expect("a page");
    assert!(page.contains("<img") && page.contains("data:image/svg+xml;base64,"));
    assert!(page.contains("<summary>Waits</summary>"));
    assert!(page.contains("1: <code>std::thread::sleep"), "{page}");
}

#[test]
fn the_runner_writes_a_trace() {
    let sandbox = Sandbox::new();
    let code = "use std::sync::{Arc, Mutex};\nlet balance = Arc::new(Mutex::new(0));\nlet theirs = balance.clone();\nlet guard = balance.lock().unwrap();\n\
                let waiter = std::thread::Builder::new().name(\"waiter\".to_owned()).spawn(move || *theirs.lock().unwrap() += 1).unwrap();\n\
                std::thread::sleep(std::time::Duration::from_millis(30));\ndrop(guard);\nwaiter.join().unwrap();";
    notebook::write(
        &sandbox.work().join("a.ipynb"),
        &notebook::of([("lock", code)]),
    );
    let run = |file: &str| {
        let arguments = ["run", "a.ipynb", "--in-place", "--trace", file];
        run::to_end(sandbox.threadbook().args(arguments), BOUND)
    };
    run("trace.json").expect_code(0);
    let executed = notebook::read(&sandbox.work().join("a.ipynb"));
    assert!(notebook::cell(&executed, "lock").outputs().is_empty());
    let text = std::fs::read_to_string(sandbox.work().join("trace.json")).expect("a trace");
    let trace: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let events = trace["traceEvents"].as_array().expect("events");
    let find = |phase: &str, name: &str| {
        let mut events = events.iter();
        events
            .find(|event| event["ph"] == phase && event["name"] == name)
            .unwrap_or_else(|| panic!("no {name}: {text}"))
    };
    let wait = find("X", "waits for `balance`, which main holds");
    assert!(wait["dur"].as_f64() > Some(10_000.0), "{wait}");
    assert_eq!(wait["args"]["line"], 5);
    let released = "main releases `balance`, and waiter takes it";
    assert_eq!(find("s", released)["id"], find("f", released)["id"]);
    find("b", "main holds `balance`");
    // Again over its own file, but over no other one.
    run("trace.json").expect_code(0);
    let refused = run("a.ipynb").expect_code(2);
    assert!(
        refused
            .stderr
            .contains("a.ipynb exists and is no trace of this program"),
        "{}",
        refused.stderr
    );
    assert_eq!(notebook::read(&sandbox.work().join("a.ipynb")), executed);
}
