//! Cells that ask the user for input.

use serde_json::{Value, json};
use std::time::Duration;
use support::kernel::{Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

/// Runs `cell`, which asks once; returns what it printed and the content of its input request.
#[track_caller]
fn run_and_answer(cell: &str, answer: &str) -> (String, Value) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let request = kernel.begin_with_stdin(cell);
    let question = kernel.answer(answer);
    let executed = kernel.finish(&request, Duration::from_secs(60)).ok();
    (executed.stream("stdout"), question)
}

#[test]
fn input_asks_with_a_prompt() {
    need!(python);
    let (shown, question) = run_and_answer(
        "let name = input(\"Your name? \").unwrap();\nprintln!(\"Hello {name}!\");",
        "Ångström",
    );
    assert_eq!(shown, "Hello Ångström!\n");
    assert_eq!(
        question,
        json!({ "prompt": "Your name? ", "password": false })
    );
}

#[test]
fn a_password_request_is_marked_as_such() {
    need!(python);
    let (shown, question) = run_and_answer(
        "println!(\"{}\", password(\"Secret? \").unwrap().len());",
        "12345",
    );
    assert_eq!(shown, "5\n");
    assert_eq!(question, json!({ "prompt": "Secret? ", "password": true }));
}

#[test]
fn read_line_asks_the_user() {
    need!(python);
    let cell = "let mut line = String::new();\nprint!(\"Say something: \");\n\
                std::io::stdin().read_line(&mut line).unwrap();\nprintln!(\"{line:?}\");";
    let (shown, question) = run_and_answer(cell, "so it is");
    assert_eq!(shown, "Say something: \"so it is\\n\"\n");
    assert_eq!(question["password"], false);
}

/// The crate `evcxr_input` prints such a line.
#[test]
fn evcxr_input_asks_the_user() {
    need!(python);
    let cell = "println!(\"EVCXR_INPUT_REQUEST_PASSWORD:Word? \");\nlet mut line = String::new();\n\
                std::io::stdin().read_line(&mut line).unwrap();\nprintln!(\"{}\", line.trim());";
    let (shown, question) = run_and_answer(cell, "sesame");
    assert_eq!(shown, "sesame\n");
    assert_eq!(question, json!({ "prompt": "Word? ", "password": true }));
}

#[test]
fn without_a_user_reads_return_immediately() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let executed = kernel
        .execute("println!(\"{}\", input(\"Name? \").unwrap_err());")
        .ok();
    assert!(
        executed.stream("stdout").contains("does not support input"),
        "{executed:?}"
    );
    let cell = "println!(\"{}\", std::io::stdin().read_line(&mut String::new()).unwrap());";
    assert_eq!(kernel.execute(cell).ok().stream("stdout"), "0\n");
}

#[test]
fn a_forked_process_cannot_ask_the_user() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let cell = "let mut p = Process::new(|| {\n    println!(\"{}\", input(\"Name? \").unwrap_err());\n    \
                println!(\"{}\", std::io::stdin().read_line(&mut String::new()).unwrap());\n});\n\
                p.start().unwrap();\np.join().unwrap();";
    let request = kernel.begin_with_stdin(cell);
    let executed = kernel.finish(&request, Duration::from_secs(60)).ok();
    let shown = executed.stream("stdout");
    assert!(
        shown.contains("main process") && shown.ends_with("0\n"),
        "{shown}"
    );
}

#[test]
fn a_late_answer_does_not_answer_the_next_question() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let ask = |kernel: &mut Kernel, cell: &str| {
        let request = kernel.begin_with_stdin(cell);
        let messages = kernel.until(Duration::from_secs(60), |message| {
            message.kind == "input_request"
        });
        (request, messages.last().expect("the question").id.clone())
    };
    let cell = "println!(\"{}\", input(\"Name? \").unwrap());";
    let (first, old) = ask(&mut kernel, cell);
    kernel.interrupt();
    kernel.finish(&first, Duration::from_secs(60)).error();
    let (second, new) = ask(&mut kernel, cell);
    kernel.answer_to(&old, "late");
    kernel.answer_to(&new, "right");
    let executed = kernel.finish(&second, Duration::from_secs(60)).ok();
    assert_eq!(executed.stream("stdout"), "right\n");
}
