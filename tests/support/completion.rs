//! Sends completion and inspection requests to a kernel.

use super::kernel::{BOUND, Kernel, setup};
use super::process::Process;
use super::sandbox::Sandbox;
use super::venv::Venv;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// The time limit for an answer once the completion process is warm.
pub const WARM: Duration = Duration::from_millis(300);

const ITEMS: &str = "use std::sync::{Arc, Mutex};\nuse std::thread;\n\
    /// Money that is kept.\nstruct Account { balance: i64 }\n\
    impl Account {\n    /// Adds money.\n    fn deposit(&mut self, amount: i64) { self.balance += amount; }\n}\n\
    fn square(n: i32) -> i32 { n * n }";

pub fn kernel() -> (Sandbox, Kernel) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute(ITEMS).ok();
    kernel
        .execute("let numbers = vec![1, 2, 3];\nlet account = Account { balance: 1 };\nlet shared = Arc::new(Mutex::new(0));")
        .ok();
    (sandbox, kernel)
}

/// Returns the reply for a cursor at `^`.
pub fn complete(kernel: &mut Kernel, marked: &str) -> Value {
    let cursor = marked
        .chars()
        .position(|letter| letter == '^')
        .expect("a cursor");
    let content = json!({"code": marked.replacen('^', "", 1), "cursor_pos": cursor});
    kernel.ask("shell", "complete_request", content)
}

pub fn matches(reply: &Value) -> Vec<&str> {
    let all = reply["matches"].as_array().expect("matches").iter();
    all.filter_map(Value::as_str).collect()
}

pub fn inspect(kernel: &mut Kernel, marked: &str, level: u32) -> Value {
    let cursor = marked
        .chars()
        .position(|letter| letter == '^')
        .expect("a cursor");
    let code = marked.replacen('^', "", 1);
    let content = json!({"code": code, "cursor_pos": cursor, "detail_level": level});
    kernel.ask("shell", "inspect_request", content)
}

/// Asks until the completion process answers: only it knows the methods of a number. Returns how long that took.
#[track_caller]
pub fn warm_up(kernel: &mut Kernel) -> Duration {
    let begin = Instant::now();
    while !matches(&complete(kernel, "7u8.is_power^")).contains(&"is_power_of_two") {
        assert!(
            begin.elapsed() < BOUND,
            "the completion process does not answer"
        );
        std::thread::yield_now();
    }
    begin.elapsed()
}

/// Returns the sandbox's process with this first argument, such as `engine`.
pub fn process_with(sandbox: &Sandbox, argument: &str) -> Process {
    let mut found = sandbox.processes().into_iter();
    found
        .find(|process| has_argument(process, argument))
        .unwrap_or_else(|| panic!("no process with the argument `{argument}`"))
}

/// Checks that no completion process runs.
#[track_caller]
pub fn expect_no_completion_process(sandbox: &Sandbox) {
    let running = sandbox.processes();
    assert!(
        !running
            .iter()
            .any(|process| has_argument(process, "completion")),
        "{running:#?}"
    );
}

fn has_argument(process: &Process, argument: &str) -> bool {
    process
        .arguments
        .get(1)
        .is_some_and(|other| other == argument)
}
