//! Cells that fail: what is told of it, and that it goes no further.

mod common;

use common::kernel::{Kernel, setup};
use common::run::Ended;
use common::sandbox::Sandbox;
use common::venv::Venv;
use common::{notebook, turn};
use serde_json::{Value, json};
use std::fs;

/// Three cells; the second one fails.
fn run_failing(cell: &str, options: &[&str]) -> (Ended, Value, String) {
    let sandbox = Sandbox::new();
    let cells = [
        ("first", "println!(\"first\");"),
        ("second", cell),
        ("third", "println!(\"third\");"),
    ];
    let mut made = notebook::of(cells);
    // An output of an earlier run, which must not pass for one of this run.
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
fn failed(cell: &str, ename: &str, told: &str) {
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
    assert!(error.traceback.contains(told), "{error:?}");
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
        page.contains("first") && page.contains(told) && !page.contains("of old"),
        "{told}"
    );
}

#[test]
fn a_cell_that_panics() {
    failed(
        "println!(\"before\");\npanic!(\"on purpose\");",
        "panic",
        "on purpose",
    );
}

#[test]
fn a_cell_that_does_not_compile() {
    failed("let n: i32 = \"text\";", "error[E0308]", "mismatched types");
}

#[test]
fn a_cell_that_leaves_by_an_error() {
    failed("\"x\".parse::<i32>()?;", "Error", "invalid digit");
}

#[test]
fn a_cell_that_ends_its_process() {
    failed("std::process::abort();", "Crash", "this cell aborted");
    failed("std::process::exit(3);", "Crash", "3");
}

#[test]
fn a_helper_crate_that_is_not_there() {
    failed(
        ":dep threadbook = { path = \"nowhere\" }",
        "HelperError",
        "nowhere",
    );
}

#[test]
fn a_cell_that_takes_too_long() {
    // The first cell waits until the compiler is ready, which takes a while on a busy machine.
    let (ended, executed, _) = run_failing("loop {}", &["--timeout", "10"]);
    let ended = ended.expect_code(1);
    let error = notebook::cell(&executed, "second")
        .error()
        .unwrap_or_else(|| panic!("the cell has no error: {ended}"));
    assert!(error.ename.to_lowercase().contains("timeout"), "{error:?}");
    assert_eq!(notebook::cell(&executed, "third").outputs().len(), 0);
}

#[test]
fn errors_that_are_allowed() {
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
fn the_text_of_a_panic() {
    let _turn = turn::shared();
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
fn the_text_of_a_panic_of_a_thread_and_of_a_process() {
    let _turn = turn::shared();
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
fn the_text_of_an_error_that_leaves_the_cell() {
    let _turn = turn::shared();
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    // It is written in pieces; which of them are there first must not matter.
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
    let _turn = turn::shared();
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
        // As they were before the cell.
        assert_eq!(
            kernel.execute("kept").ok().result(),
            Some("[1, 2]"),
            "{cell}"
        );
    }
    // And they can be changed as ever.
    kernel.execute("kept.push(4);").ok();
    assert_eq!(kernel.execute("kept").ok().result(), Some("[1, 2, 4]"));
}

/// rustc warns of what is not used, also beside an error.
#[test]
fn warnings_are_not_told_as_errors() {
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
