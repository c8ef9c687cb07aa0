//! Cells that ask the user.

mod common;

use common::kernel::{Kernel, setup};
use common::sandbox::Sandbox;
use common::turn;
use common::venv::Venv;
use serde_json::{Value, json};
use std::time::Duration;

/// Runs `cell`, which asks once, and gives what it printed and how it asked.
#[track_caller]
fn asked(cell: &str, answer: &str) -> (String, Value) {
    let _turn = turn::shared();
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
    let (shown, question) = asked(
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
fn a_password_is_asked_for_as_one() {
    let (shown, question) = asked(
        "println!(\"{}\", password(\"Secret? \").unwrap().len());",
        "12345",
    );
    assert_eq!(shown, "5\n");
    assert_eq!(question, json!({ "prompt": "Secret? ", "password": true }));
}

#[test]
fn the_standard_library_reads_a_line() {
    let cell = "let mut line = String::new();\nprint!(\"Say something: \");\n\
                std::io::stdin().read_line(&mut line).unwrap();\nprintln!(\"{line:?}\");";
    let (shown, question) = asked(cell, "so it is");
    assert_eq!(shown, "Say something: \"so it is\\n\"\n");
    assert_eq!(question["password"], false);
}

/// What the crate `evcxr_input` does.
#[test]
fn evcxr_input_announces_its_question() {
    let cell = "println!(\"EVCXR_INPUT_REQUEST_PASSWORD:Word? \");\nlet mut line = String::new();\n\
                std::io::stdin().read_line(&mut line).unwrap();\nprintln!(\"{}\", line.trim());";
    let (shown, question) = asked(cell, "sesame");
    assert_eq!(shown, "sesame\n");
    assert_eq!(question, json!({ "prompt": "Word? ", "password": true }));
}

#[test]
fn without_a_user_nothing_waits() {
    let _turn = turn::shared();
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let executed = kernel
        .execute("println!(\"{}\", input(\"Name? \").unwrap_err());")
        .ok();
    assert!(
        executed.stream("stdout").contains("cannot be asked"),
        "{executed:?}"
    );
    let cell = "println!(\"{}\", std::io::stdin().read_line(&mut String::new()).unwrap());";
    assert_eq!(kernel.execute(cell).ok().stream("stdout"), "0\n");
}

#[test]
fn a_forked_process_cannot_ask() {
    let _turn = turn::shared();
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
fn a_late_answer_is_not_taken_for_another_question() {
    let _turn = turn::shared();
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    let ask = |kernel: &mut Kernel, cell: &str| {
        let request = kernel.begin_with_stdin(cell);
        let asked = kernel.until(Duration::from_secs(60), |message| {
            message.kind == "input_request"
        });
        (request, asked.last().expect("the question").id.clone())
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
