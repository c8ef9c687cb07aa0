//! Completion and inspection requests.

use serde_json::json;
use std::time::Instant;
use support::completion::{
    WARM, complete, expect_no_completion_process, inspect, kernel, matches, warm_up,
};
use support::kernel::{BOUND, Kernel};
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;

#[test]
fn names_are_completed_before_anything_is_loaded() {
    need!(python);
    let _turn = turn::alone();
    let (_sandbox, mut kernel) = kernel();
    let begin = Instant::now();
    assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
    assert!(begin.elapsed() < WARM, "{:?}", begin.elapsed());
    assert!(matches(&complete(&mut kernel, "squ^")).contains(&"square"));
    assert_eq!(matches(&complete(&mut kernel, ":he^")), [":help"]);
    let found = inspect(&mut kernel, "numbers^", 0);
    assert!(
        found["data"]["text/plain"]
            .as_str()
            .unwrap()
            .contains("Vec<i32>"),
        "{found}"
    );
}

#[test]
fn completions_depend_on_types() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    for (code, wanted) in [
        ("numbers.pus^", "push"),
        ("numbers.iter().ma^", "map"),
        ("account.dep^", "deposit"),
        ("shared.lo^", "lock"),
        ("*shared.lock().unwrap().^", "pow"),
        ("squ^", "square"),
        ("thread::spa^", "spawn"),
        ("let here = String::new(); here.le^", "len"),
        ("fn f(n: u8) { n.count_on^ }", "count_ones"),
        ("Proc^", "Process"),
        ("Process::n^", "new"),
        ("let q: Queue<u8> = Queue::new(); q.pu^", "put"),
        // Python's name for it.
        ("let s = Semaphore::new(1); s.get_val^", "value"),
        (
            "use threadbook::rayon::prelude::*; numbers.par_it^",
            "par_iter",
        ),
        ("std::collections::Ha^", "HashMap"),
        ("Account { bal^", "balance"),
    ] {
        let reply = complete(&mut kernel, code);
        assert!(matches(&reply).contains(&wanted), "{code}: {reply}");
    }
    let types =
        &complete(&mut kernel, "account.dep^")["metadata"]["_jupyter_types_experimental"][0];
    assert_eq!(types["type"], "function");
    assert!(
        types["signature"].as_str().unwrap().contains("amount: i64"),
        "{types}"
    );
    // Later cells replace items and variables.
    kernel
        .execute("struct Account { owner: String }\nlet numbers = \"one\";")
        .ok();
    assert!(matches(&complete(&mut kernel, "Account { ow^")).contains(&"owner"));
    assert!(matches(&complete(&mut kernel, "numbers.to_upper^")).contains(&"to_uppercase"));
    assert!(!matches(&complete(&mut kernel, "numbers.pus^")).contains(&"push"));
}

#[test]
fn positions_are_counted_in_characters() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    // A character of two bytes, and one that needs two units in UTF-16.
    let reply = complete(&mut kernel, "let größe = \"😀\"; größe.is_em^ // ä");
    assert_eq!(reply["matches"], json!(["is_empty"]));
    assert_eq!(
        (&reply["cursor_start"], &reply["cursor_end"]),
        (&json!(23), &json!(28))
    );
    let reply = complete(&mut kernel, "let größe = \"😀\"; grö^");
    assert_eq!(reply["matches"], json!(["größe"]));
    assert_eq!(
        (&reply["cursor_start"], &reply["cursor_end"]),
        (&json!(17), &json!(20))
    );
    // A cursor beyond the end counts as at the end.
    let reply = kernel.ask(
        "shell",
        "complete_request",
        json!({"code": "squa", "cursor_pos": 99}),
    );
    assert_eq!(reply["matches"], json!(["square"]));
}

#[test]
fn inspection_explains_names() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    for (code, wanted) in [
        ("numbers^", "Vec<i32>"),
        ("numbers.push^(1)", "Appends an element"),
        ("numbers.push(^", "Appends an element"),
        ("account.deposit^", "Adds money."),
        ("Account^", "Money that is kept."),
        ("Process::new^", "Creates a process named"),
        ("println^!", "Prints to the standard output"),
        ("wh^ile", "loop"),
    ] {
        let reply = inspect(&mut kernel, code, 0);
        assert_eq!(reply["found"], true, "{code}");
        for mime in ["text/plain", "text/markdown"] {
            let text = reply["data"][mime].as_str().unwrap_or_default();
            assert!(text.contains(wanted), "{code}: {text}");
        }
    }
    let body = "n * n";
    assert!(
        !inspect(&mut kernel, "square^", 0)["data"]["text/plain"]
            .as_str()
            .unwrap()
            .contains(body)
    );
    assert!(
        inspect(&mut kernel, "square^", 1)["data"]["text/plain"]
            .as_str()
            .unwrap()
            .contains(body)
    );
    for nothing in ["^", "nothing_here^", "1;  ^  2"] {
        let reply = inspect(&mut kernel, nothing, 0);
        assert_eq!(
            (&reply["status"], &reply["found"]),
            (&json!("ok"), &json!(false)),
            "{nothing}"
        );
        assert_eq!(reply["data"], json!({}));
    }
}

#[test]
fn names_are_completed_without_the_standard_librarys_source() {
    need!(python);
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let environment = [
        ("RUST_SRC_PATH", "/nonexistent"),
        ("THREADBOOK_LOG", "warn"),
    ];
    let mut kernel = Kernel::start_with(&venv, &sandbox, &environment);
    kernel.execute("let numbers = vec![1];").ok();
    for _ in 0..5 {
        assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
    }
    assert_eq!(inspect(&mut kernel, "numbers^", 0)["found"], true);
    complete_until_logged(&mut kernel, &sandbox, "rustup component add rust-src");
    for _ in 0..5 {
        complete(&mut kernel, "numb^");
    }
    drop(kernel);
    let log = log(&sandbox);
    let warnings = log.matches("rustup component add rust-src").count();
    assert_eq!(warnings, 1, "{log}");
}

fn log(sandbox: &Sandbox) -> String {
    std::fs::read_to_string(sandbox.path("client.log")).expect("the log")
}

/// Completes names, which always works, until the log has this text.
#[track_caller]
fn complete_until_logged(kernel: &mut Kernel, sandbox: &Sandbox, text: &str) {
    let begin = Instant::now();
    while !log(sandbox).contains(text) {
        assert!(begin.elapsed() < BOUND, "{}", log(sandbox));
        assert!(matches(&complete(kernel, "numb^")).contains(&"numbers"));
    }
}

#[test]
fn completion_can_be_limited_to_the_notebook() {
    need!(python);
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start_with(&venv, &sandbox, &[("THREADBOOK_COMPLETION", "off")]);
    kernel.execute("let numbers = vec![1];").ok();
    assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
    assert_eq!(inspect(&mut kernel, "numbers^", 0)["found"], true);
    assert_eq!(complete(&mut kernel, "numbers.pus^")["matches"], json!([]));
    expect_no_completion_process(&sandbox);
}

#[test]
fn light_completion_reads_no_source() {
    need!(python);
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::with_fresh_cache());
    let environment = [
        ("THREADBOOK_COMPLETION", "light"),
        ("THREADBOOK_LOG", "warn"),
    ];
    let mut kernel = Kernel::start_with(&venv, &sandbox, &environment);
    kernel.execute("let numbers = vec![1];").ok();
    complete_until_logged(&mut kernel, &sandbox, "run `threadbook prepare`");
}

#[test]
fn the_crate_of_a_dep_line_is_completed() {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    kernel.execute(":dep itoa = \"1\"\nuse itoa::Buffer;").ok();
    warm_up(&mut kernel);
    let begin = Instant::now();
    while !matches(&complete(&mut kernel, "let mut b = Buffer::new(); b.for^")).contains(&"format")
    {
        assert!(begin.elapsed() < BOUND, "the crate is not known");
    }
    assert!(matches(&complete(&mut kernel, "itoa::Buf^")).contains(&"Buffer"));
}
