//! Output of cells and their processes: it is complete and in order, and no cell hangs.

use std::time::{Duration, Instant};
use support::kernel::{Executed, Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;

fn kernel() -> (Sandbox, Kernel) {
    let sandbox = Sandbox::new();
    let kernel = Kernel::start(&Venv::open(), &sandbox);
    (sandbox, kernel)
}

/// Returns the stream output, with adjacent texts of the same stream joined.
fn folded(executed: &Executed) -> Vec<(String, String)> {
    let mut folded: Vec<(String, String)> = Vec::new();
    for (stream, text) in executed.streams() {
        match folded.last_mut() {
            Some((last, before)) if last == stream => before.push_str(text),
            _ => folded.push((stream.to_owned(), text.to_owned())),
        }
    }
    folded
}

#[test]
fn stdout_and_stderr_stay_in_order() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = r#"for i in 0..500 { println!("out {i}"); eprintln!("err {i}"); }"#;
    let expected: Vec<(String, String)> = (0..500)
        .flat_map(|i| {
            [
                ("stdout".to_owned(), format!("out {i}\n")),
                ("stderr".to_owned(), format!("err {i}\n")),
            ]
        })
        .collect();
    assert_eq!(folded(&kernel.execute(cell).ok()), expected);
}

#[test]
fn bursts_stay_in_order() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = r#"for round in 0..20 {
        for i in 0..50 { println!("out {round} {i}"); }
        for i in 0..50 { eprintln!("err {round} {i}"); }
    }"#;
    let burst = |word, round| {
        (0..50)
            .map(|i| format!("{word} {round} {i}\n"))
            .collect::<String>()
    };
    let expected: Vec<(String, String)> = (0..20)
        .flat_map(|round| {
            [
                ("stdout".to_owned(), burst("out", round)),
                ("stderr".to_owned(), burst("err", round)),
            ]
        })
        .collect();
    assert_eq!(folded(&kernel.execute(cell).ok()), expected);
}

#[test]
fn output_of_a_process_stays_in_order() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    kernel.execute(&setup()).ok();
    let cell = r#"
        println!("parent before");
        let mut child = Process::new(|| for i in 0..100 { println!("out {i}"); eprintln!("err {i}"); });
        child.start().unwrap();
        child.join().unwrap();
        eprintln!("parent after");
    "#;
    let line = |stream: &str, text: String| (stream.to_owned(), text);
    let mut expected = vec![line("stdout", "parent before\nout 0\n".to_owned())];
    for i in 0..99 {
        expected.push(line("stderr", format!("err {i}\n")));
        expected.push(line("stdout", format!("out {}\n", i + 1)));
    }
    expected.push(line("stderr", "err 99\nparent after\n".to_owned()));
    assert_eq!(folded(&kernel.execute(cell).ok()), expected);
}

#[test]
fn text_without_a_newline_is_shown_when_the_cell_ends() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    // Not flushed: std buffers it until a newline or a flush.
    let executed = kernel.execute(r#"print!("no newline")"#).ok();
    assert_eq!(executed.stream("stdout"), "no newline");
    let executed = kernel
        .execute("use std::io::Write;\nprint!(\"flushed\"); std::io::stdout().flush().unwrap();")
        .ok();
    assert_eq!(executed.stream("stdout"), "flushed");
    let executed = kernel.execute(r#"println!("next")"#).ok();
    assert_eq!(executed.stream("stdout"), "next\n");
}

#[test]
fn a_result_comes_after_text_without_a_newline() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let executed = kernel.execute("print!(\"before\");\n6 * 7").ok();
    assert_eq!(executed.stream("stdout"), "before");
    assert_eq!(executed.result(), Some("42"));
}

#[test]
fn text_without_a_newline_from_a_process_is_shown() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    kernel.execute(&setup()).ok();
    let cell = r#"
        let mut child = Process::new(|| print!("from the child"));
        child.start().unwrap();
        child.join().unwrap();
    "#;
    assert_eq!(kernel.execute(cell).ok().stream("stdout"), "from the child");
    let other_program =
        r#"std::process::Command::new("printf").arg("from printf").status().unwrap();"#;
    assert_eq!(
        kernel.execute(other_program).ok().stream("stdout"),
        "from printf"
    );
}

#[test]
fn a_process_may_outlive_its_cell() {
    need!(python);
    let _turn = turn::alone();
    let (_sandbox, mut kernel) = kernel();
    kernel.execute(&setup()).ok();
    let cell = r#"
        let mut child = Process::new(|| {
            std::thread::sleep(std::time::Duration::from_secs(2));
            println!("late");
        });
        child.start().unwrap();
        println!("done");
    "#;
    let request = kernel.begin(cell);
    kernel.until_shown(&request, "done");
    let started = Instant::now();
    kernel.finish(&request, Duration::from_secs(60)).ok();
    assert!(
        started.elapsed() < Duration::from_secs(1),
        "the cell waited for its child: {:?}",
        started.elapsed()
    );
    // The kernel sends it without another cell.
    kernel.until_shown(&request, "late\n");
    assert_eq!(
        kernel.execute(r#"println!("next")"#).ok().stream("stdout"),
        "next\n"
    );
}

#[test]
fn a_thread_may_outlive_its_cell() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = r#"std::thread::spawn(|| {
        std::thread::sleep(std::time::Duration::from_millis(500));
        println!("late");
    });"#;
    let request = kernel.begin(cell);
    kernel.finish(&request, Duration::from_secs(60)).ok();
    kernel.until_shown(&request, "late\n");
}

#[test]
fn invalid_utf8_is_replaced() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = r#"
        use std::io::Write;
        std::io::stdout().write_all(b"a\xff\xfeb\n").unwrap();
        std::io::stderr().write_all(b"\xc3").unwrap();
    "#;
    let executed = kernel.execute(cell).ok();
    assert_eq!(executed.stream("stdout"), "a\u{fffd}\u{fffd}b\n");
    assert_eq!(executed.stream("stderr"), "\u{fffd}");
    assert_eq!(
        kernel.execute(r#"println!("fine")"#).ok().stream("stdout"),
        "fine\n"
    );
}

#[test]
fn a_character_written_byte_by_byte_stays_whole() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = r#"
        use std::io::Write;
        for byte in "€\n".bytes() {
            std::io::stdout().write_all(&[byte]).unwrap();
            std::io::stdout().flush().unwrap();
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
    "#;
    assert_eq!(kernel.execute(cell).ok().stream("stdout"), "€\n");
}

#[test]
fn large_output_is_complete_and_comes_in_few_messages() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let executed = kernel
        .execute(r#"for i in 0..200_000 { println!("line {i}"); }"#)
        .ok();
    let expected: String = (0..200_000).map(|i| format!("line {i}\n")).collect();
    assert!(
        executed.stream("stdout") == expected,
        "{} bytes",
        executed.stream("stdout").len()
    );
    assert!(
        executed.streams().len() < 2000,
        "{} messages",
        executed.streams().len()
    );
}

#[test]
fn a_cell_may_print_evcxrs_end_marker() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let cell = "println!(\"EVCXR_EXECUTION_COMPLETE\");\nprintln!(\"after\");\n1 + 1";
    let executed = kernel.execute(cell).ok();
    assert_eq!(
        executed.stream("stdout"),
        "EVCXR_EXECUTION_COMPLETE\nafter\n"
    );
    assert_eq!(executed.result(), Some("2"));
}

#[test]
fn a_silent_cell_shows_nothing() {
    need!(python);
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    let content = serde_json::json!({
        "code": "println!(\"hidden\"); let kept = 5;", "silent": true, "store_history": false,
        "user_expressions": {}, "allow_stdin": false, "stop_on_error": true,
    });
    let request = kernel.request("shell", "execute_request", content);
    let executed = kernel.finish(&request, Duration::from_secs(60)).ok();
    assert_eq!(executed.streams(), []);
    assert_eq!(kernel.execute("kept").ok().result(), Some("5"));
}
