//! Completion and inspection.

mod common;

use common::kernel::{BOUND, Kernel, setup};
use common::process::{self, Process};
use common::sandbox::Sandbox;
use common::turn;
use common::venv::Venv;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

/// A warm answer takes no longer.
const WARM: Duration = Duration::from_millis(300);

const ITEMS: &str = "use std::sync::{Arc, Mutex};\nuse std::thread;\n\
    /// Money that is kept.\nstruct Account { balance: i64 }\n\
    impl Account {\n    /// Adds money.\n    fn deposit(&mut self, amount: i64) { self.balance += amount; }\n}\n\
    fn square(n: i32) -> i32 { n * n }";

fn kernel() -> (Sandbox, Kernel) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute(ITEMS).ok();
    kernel
        .execute("let numbers = vec![1, 2, 3];\nlet account = Account { balance: 1 };\nlet shared = Arc::new(Mutex::new(0));")
        .ok();
    (sandbox, kernel)
}

/// The reply for a cursor that is where `^` stands.
fn complete(kernel: &mut Kernel, marked: &str) -> Value {
    let cursor = marked
        .chars()
        .position(|letter| letter == '^')
        .expect("a cursor");
    let content = json!({"code": marked.replacen('^', "", 1), "cursor_pos": cursor});
    kernel.ask("shell", "complete_request", content)
}

fn matches(reply: &Value) -> Vec<&str> {
    let all = reply["matches"].as_array().expect("matches").iter();
    all.filter_map(Value::as_str).collect()
}

fn inspect(kernel: &mut Kernel, marked: &str, level: u32) -> Value {
    let cursor = marked
        .chars()
        .position(|letter| letter == '^')
        .expect("a cursor");
    let code = marked.replacen('^', "", 1);
    let content = json!({"code": code, "cursor_pos": cursor, "detail_level": level});
    kernel.ask("shell", "inspect_request", content)
}

/// Asks until the analyst answers, which alone knows what a number can do; how long that took.
#[track_caller]
fn warm_up(kernel: &mut Kernel) -> Duration {
    let begin = Instant::now();
    while !matches(&complete(kernel, "7u8.is_power^")).contains(&"is_power_of_two") {
        assert!(begin.elapsed() < BOUND, "the analyst is not warm");
        std::thread::yield_now();
    }
    begin.elapsed()
}

fn process_with(sandbox: &Sandbox, argument: &str) -> Process {
    let found = sandbox.processes().into_iter();
    let mut found = found.filter(|process| {
        process
            .arguments
            .get(1)
            .is_some_and(|other| other == argument)
    });
    found
        .next()
        .unwrap_or_else(|| panic!("no process `{argument}`"))
}

/// Resident memory in megabytes (proc(5)).
fn memory(process: &Process) -> u64 {
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", process.id)).expect("a process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .expect("VmRSS");
    line.trim()
        .trim_end_matches(" kB")
        .parse::<u64>()
        .expect("a number")
        / 1024
}

#[test]
fn names_are_found_before_anything_is_loaded() {
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
fn types_are_known_to_the_analyst() {
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
    // What a later cell says instead counts from then on.
    kernel
        .execute("struct Account { owner: String }\nlet numbers = \"one\";")
        .ok();
    assert!(matches(&complete(&mut kernel, "Account { ow^")).contains(&"owner"));
    assert!(matches(&complete(&mut kernel, "numbers.to_upper^")).contains(&"to_uppercase"));
    assert!(!matches(&complete(&mut kernel, "numbers.pus^")).contains(&"push"));
}

#[test]
fn positions_are_counted_in_letters() {
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    // A letter of two bytes, and one that UTF-16 writes as two.
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
    // Beyond the end is the end.
    let reply = kernel.ask(
        "shell",
        "complete_request",
        json!({"code": "squa", "cursor_pos": 99}),
    );
    assert_eq!(reply["matches"], json!(["square"]));
}

#[test]
fn names_are_explained() {
    let _turn = turn::shared();
    let (_sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    for (code, wanted) in [
        ("numbers^", "Vec<i32>"),
        ("numbers.push^(1)", "Appends an element"),
        ("numbers.push(^", "Appends an element"),
        ("account.deposit^", "Adds money."),
        ("Account^", "Money that is kept."),
        ("Process::new^", "A process named"),
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

/// Asks at many places; how long the slowest answer took.
#[track_caller]
fn slowest_of_many(kernel: &mut Kernel) -> Duration {
    let mut slowest = Duration::ZERO;
    for code in [
        "numbers.^",
        "shared.lo^",
        "std::^",
        "^",
        "let p = Process::new(|| {}); p.^",
        "account.de^",
    ] {
        let begin = Instant::now();
        let reply = complete(kernel, code);
        slowest = slowest.max(begin.elapsed());
        assert!(!matches(&reply).is_empty(), "{code}");
    }
    slowest
}

#[test]
fn warm_answers_are_fast_also_while_a_cell_runs() {
    let _turn = turn::alone();
    let (sandbox, mut kernel) = kernel();
    let engine = process_with(&sandbox, "engine");
    let before = memory(&engine);
    let first = warm_up(&mut kernel);
    let analyst = process_with(&sandbox, "analyst");
    // The first time loads what nobody has asked for yet.
    slowest_of_many(&mut kernel);
    let running = kernel.begin("println!(\"running\"); loop { std::hint::spin_loop(); }");
    kernel.until_shown(&running, "running\n");
    let slowest = (0..5)
        .map(|_| slowest_of_many(&mut kernel))
        .max()
        .unwrap_or_default();
    let found = inspect(&mut kernel, "numbers.len^", 0);
    assert_eq!(found["found"], true);
    kernel.interrupt();
    kernel.finish(&running, BOUND);
    eprintln!(
        "warm after {first:?}, then at most {slowest:?} an answer; analyst {} MB, engine {before} MB before and {} MB after",
        memory(&analyst),
        memory(&engine),
    );
    assert!(slowest < WARM, "{slowest:?}");
    assert!(
        memory(&engine) < before + 5,
        "the engine grew from {before} MB"
    );
}

/// The niceness of a process's threads (proc(5)).
fn niceness(process: &Process) -> Vec<i32> {
    let threads = std::fs::read_dir(format!("/proc/{}/task", process.id))
        .into_iter()
        .flatten();
    threads
        .filter_map(|thread| std::fs::read_to_string(thread.ok()?.path().join("stat")).ok())
        .filter_map(|stat| stat.rsplit_once(") ")?.1.split(' ').nth(16)?.parse().ok())
        .collect()
}

#[test]
fn loading_gives_way_to_cells() {
    let _turn = turn::alone();
    let (sandbox, mut kernel) = kernel();
    complete(&mut kernel, "numb^");
    let analyst = process_with(&sandbox, "analyst");
    let begin = Instant::now();
    while !niceness(&analyst).contains(&10) {
        assert!(begin.elapsed() < BOUND, "{:?}", niceness(&analyst));
        std::thread::yield_now();
    }
    let cell = kernel.execute("numbers.len()").ok();
    assert_eq!(cell.result(), Some("3"));
    // Answers are short, and somebody waits for them.
    warm_up(&mut kernel);
    assert!(
        niceness(&analyst).iter().any(|nice| *nice < 10),
        "{:?}",
        niceness(&analyst)
    );
}

#[test]
fn an_analyst_that_dies_is_replaced() {
    let _turn = turn::shared();
    let (sandbox, mut kernel) = kernel();
    warm_up(&mut kernel);
    for _ in 0..2 {
        let analyst = process_with(&sandbox, "analyst");
        let watched = process::Watched::open(analyst.id);
        process::signal(analyst.id, libc::SIGKILL);
        assert!(watched.ends_before(Instant::now() + BOUND));
        assert!(matches(&complete(&mut kernel, "numb^")).contains(&"numbers"));
        warm_up(&mut kernel);
        assert!(matches(&complete(&mut kernel, "account.dep^")).contains(&"deposit"));
        assert_ne!(process_with(&sandbox, "analyst").id, analyst.id);
    }
    assert_eq!(kernel.execute("numbers.len()").ok().result(), Some("3"));
}

#[test]
fn nothing_is_started_before_somebody_asks() {
    let _turn = turn::shared();
    let (sandbox, _kernel) = kernel();
    let running = sandbox.processes();
    assert!(
        running.iter().all(|process| process
            .arguments
            .get(1)
            .is_none_or(|name| name != "analyst")),
        "{running:#?}"
    );
}

#[test]
fn without_the_standard_librarys_source_names_are_found() {
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
    let log = || std::fs::read_to_string(sandbox.path("client.log")).expect("the log");
    let begin = Instant::now();
    while !log().contains("rustup component add rust-src") {
        assert!(begin.elapsed() < BOUND, "{}", log());
        complete(&mut kernel, "numb^");
    }
    for _ in 0..5 {
        complete(&mut kernel, "numb^");
    }
    drop(kernel);
    let said = log().matches("rustup component add rust-src").count();
    assert_eq!(said, 1, "{}", log());
}

#[test]
fn a_crate_of_a_dep_line_is_known() {
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
