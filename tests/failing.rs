//! Cells that fail: the error is reported, and the run stops there.

use serde_json::{Value, json};
use std::fs;
use support::kernel::{Kernel, setup};
use support::notebook;
use support::run::Ended;
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

/// Runs three cells, the second of which is `cell` and fails; returns the run, the notebook and the page.
fn run_failing(cell: &str, options: &[&str]) -> (Ended, Value, String) {
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "println!(\"first\");"),
        ("second", cell),
        ("third", "println!(\"third\");"),
    ];
    let mut made = notebook::of(cells);
    // An output of an earlier run, which must not remain.
    made["cells"][2]["outputs"] =
        json!([{ "output_type": "stream", "name": "stdout", "text": "of old" }]);
    notebook::write(&sandbox.work().join("failing.ipynb"), &made);
    let arguments = ["run", "failing.ipynb", "--in-place", "--html", "pages"];
    let ended = sandbox.run(arguments.iter().chain(options).copied());
    let page = fs::read_to_string(sandbox.work().join("pages/failing.html")).expect("a page");
    (
        ended,
        notebook::read(&sandbox.work().join("failing.ipynb")),
        page,
    )
}

#[track_caller]
fn assert_stops_the_run(cell: &str, ename: &str, message: &str) {
    let (ended, executed, page) = run_failing(cell, &[]);
    let ended = ended.expect_code(1);
    assert!(
        ended.stderr.contains("second"),
        "the failed cell is not named: {ended}"
    );
    let error = notebook::cell(&executed, "second")
        .error()
        .expect("an error");
    assert_eq!(error.ename, ename, "{error:?}");
    assert!(error.traceback.contains(message), "{error:?}");
    assert_eq!(
        notebook::cell(&executed, "first").stream("stdout"),
        "first\n"
    );
    let third = notebook::cell(&executed, "third");
    assert_eq!(
        (third.outputs().len(), &third.0["execution_count"]),
        (0, &Value::Null)
    );
    let page = page
        .replace("&#39;", "'")
        .replace("&quot;", "\"")
        .replace("&gt;", ">");
    assert!(
        page.contains("first") && page.contains(message) && !page.contains("of old"),
        "{message}"
    );
}

#[test]
fn a_panic_stops_the_run() {
    assert_stops_the_run(
        "println!(\"before\");\npanic!(\"on purpose\");",
        "panic",
        "on purpose",
    );
}

#[test]
fn a_compile_error_stops_the_run() {
    assert_stops_the_run("let n: i32 = \"text\";", "error[E0308]", "mismatched types");
}

#[test]
fn an_error_returned_with_the_question_mark_stops_the_run() {
    assert_stops_the_run("\"x\".parse::<i32>()?;", "Error", "invalid digit");
}

#[test]
fn a_cell_that_ends_its_process_stops_the_run() {
    assert_stops_the_run("std::process::abort();", "Crash", "this cell aborted");
    assert_stops_the_run("std::process::exit(3);", "Crash", "3");
}

#[test]
fn a_version_of_the_helper_crate_that_is_not_here_stops_the_run() {
    assert_stops_the_run(":dep threadbook = \"9\"", "HelperError", "not 9");
}

#[test]
fn a_timeout_stops_the_run() {
    // The first cell waits for the compiler, which takes a while on a busy machine.
    let (ended, executed, _) = run_failing("loop {}", &["--timeout", "10"]);
    let ended = ended.expect_code(1);
    let error = notebook::cell(&executed, "second")
        .error()
        .unwrap_or_else(|| panic!("the cell has no error: {ended}"));
    assert!(error.ename.to_lowercase().contains("timeout"), "{error:?}");
    assert_eq!(notebook::cell(&executed, "third").outputs().len(), 0);
}

#[test]
fn an_allowed_error_does_not_stop_the_run() {
    let (ended, executed, page) = run_failing("panic!(\"on purpose\");", &["--allow-errors"]);
    ended.expect_code(0);
    assert!(notebook::cell(&executed, "second").error().is_some());
    assert_eq!(
        notebook::cell(&executed, "third").stream("stdout"),
        "third\n"
    );
    assert!(page.contains("on purpose") && page.contains("third"));
}

#[test]
fn a_panic_reports_its_message_and_line() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    let executed =
        kernel.execute("println!(\"before\");\nlet v = vec![1];\nprintln!(\"{}\", v[5]);");
    assert_eq!(executed.stream("stdout"), "before\n");
    let error = executed.error();
    assert_eq!(error["ename"], "panic");
    assert_eq!(
        error["evalue"],
        "index out of bounds: the len is 1 but the index is 5"
    );
    let traceback = error["traceback"].to_string();
    assert!(
        traceback.contains("line 3") && traceback.contains("v[5]"),
        "{traceback}"
    );
    assert_eq!(
        kernel
            .execute(r#"println!("goes on")"#)
            .ok()
            .stream("stdout"),
        "goes on\n"
    );
}

#[test]
fn panics_of_threads_and_processes_are_shown_on_stderr() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let executed = kernel
        .execute("let ended = std::thread::spawn(|| { panic!(\"of a thread\") }).join().is_err();")
        .ok();
    assert!(
        executed.stream("stderr").contains("of a thread"),
        "{executed:#?}"
    );
    let cell = "let mut child = Process::new(|| panic!(\"of a process\"));\nchild.start().unwrap();\n\
                child.join().unwrap();\nchild.exitcode()";
    let executed = kernel.execute(cell).ok();
    assert!(
        executed.stream("stderr").contains("of a process"),
        "{executed:#?}"
    );
    assert_eq!(executed.result(), Some("Some(1)"));
}

#[test]
fn a_returned_error_reports_its_message() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    // The error is written in pieces, whose timing must not matter.
    for _ in 0..10 {
        let executed = kernel.execute("println!(\"before\");\nstd::fs::read(\"/no/such/file\")?;");
        assert_eq!(executed.stream("stdout"), "before\n");
        assert_eq!(
            executed.error()["evalue"],
            "No such file or directory (os error 2)"
        );
    }
}

#[test]
fn variables_survive_a_cell_that_ends_its_process() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute("let mut kept = vec![1, 2];").ok();
    for cell in [
        "kept.push(3); std::process::abort();",
        "kept.push(3); std::process::exit(3);",
        "kept.push(3); unsafe { std::ptr::null_mut::<u8>().write_volatile(0) };",
        "kept.push(3); fn down(n: u64) -> u64 { std::hint::black_box(down(n + 1)) + 1 } down(0);",
    ] {
        let executed = kernel.execute(cell);
        assert_eq!(executed.error()["ename"], "Crash", "{cell}");
        // The variable is as it was before the cell.
        assert_eq!(
            kernel.execute("kept").ok().result(),
            Some("[1, 2]"),
            "{cell}"
        );
    }
    // It can still be changed.
    kernel.execute("kept.push(4);").ok();
    assert_eq!(kernel.execute("kept").ok().result(), Some("[1, 2, 4]"));
}

/// rustc warns of unused items even when there is an error.
#[test]
fn warnings_are_not_reported_as_errors() {
    let (_, executed, _) = run_failing(
        "macro_rules! never_used { () => {} }\nlet n: u8 = \"one\";",
        &[],
    );
    let error = notebook::cell(&executed, "second")
        .error()
        .expect("an error");
    assert_eq!(error.ename, "error[E0308]");
    assert!(!error.traceback.contains("never_used"), "{error:?}");
}
