//! A cell that begins with `//: explore` is run in every order of its threads' steps.

mod processes;
mod programs;
#[path = "explore/shuttle.rs"]
mod shuttle_programs;

use processes::PROCESSES;
use programs::{PROGRAMS, Program};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::kernel::{Executed, Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

/// What the cells name.
const IMPORTS: &str = "use std::sync::{Arc, Barrier, Condvar, Mutex, Once, OnceLock, RwLock, mpsc};\n\
                       use std::sync::atomic::{AtomicBool, AtomicI32, Ordering::{Relaxed, SeqCst}};\nuse std::thread;\nuse std::time::Duration;";

fn start(venv: &Venv, sandbox: &Sandbox) -> Kernel {
    let mut kernel = Kernel::start(venv, sandbox);
    kernel.execute(IMPORTS).ok();
    kernel
}

/// What the picture tells programs about an explored cell.
#[track_caller]
fn explored(executed: &Executed) -> Value {
    let displays = executed.0.iter();
    let summary = displays
        .map(|message| &message.content["metadata"]["threadbook"]["explored"])
        .find(|summary| summary.is_object());
    summary
        .unwrap_or_else(|| panic!("not explored: {executed:#?}"))
        .clone()
}

/// What the picture says as text.
fn text(executed: &Executed) -> String {
    let texts = executed.0.iter().filter_map(|message| {
        let shown = &message.content["metadata"]["threadbook"]["explored"];
        let text = message.content["data"]["text/plain"].as_str();
        text.filter(|_| shown.is_object())
    });
    texts.collect()
}

/// The programs whose shown orders are replayed.
const REPLAYED: [&str; 2] = ["a lost update", "a notification that comes too early"];

/// What an outcome shows, as one text.
fn shown(outcome: &Value) -> String {
    let text = |key: &str| outcome[key].as_str().unwrap_or_default().to_owned();
    let failure = match &outcome["failure"] {
        Value::Null => String::new(),
        Value::String(kind) => kind.clone(),
        Value::Object(kind) => kind.keys().cloned().collect(),
        other => panic!("{other}"),
    };
    [text("output"), text("value"), failure].concat()
}

/// The number of orders of each outcome.
fn counts(summary: &Value) -> BTreeMap<String, u64> {
    let outcomes = summary["outcomes"].as_array().expect("outcomes").iter();
    outcomes
        .map(|outcome| (shown(outcome), outcome["count"].as_u64().expect("a number")))
        .collect()
}

fn expected(program: &Program) -> BTreeMap<String, u64> {
    let outcomes = program.outcomes.iter();
    outcomes
        .map(|(shown, count)| ((*shown).to_owned(), *count))
        .collect()
}

#[test]
fn the_orders_of_programs_are_those_that_can_be_counted_by_hand() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    expect_counts(&mut kernel, PROGRAMS);
}

/// Explores programs, replays some of them, and fails if outcomes or their numbers differ.
#[track_caller]
fn expect_counts(kernel: &mut Kernel, programs: &[Program]) {
    let mut wrong = Vec::new();
    for program in programs {
        let cell = format!("//: explore time=60\n{}", program.code);
        let executed = kernel.execute(&cell);
        let summary = explored(&executed);
        let found = counts(&summary);
        if found != expected(program) || summary["end"] != "All" {
            let text = text(&executed);
            wrong.push(format!("{}: {found:?} in {summary}\n{text}", program.name));
        } else if REPLAYED.contains(&program.name) {
            replay(kernel, program, &summary);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Replays the shown orders of a program.
fn replay(kernel: &mut Kernel, program: &Program, summary: &Value) {
    for outcome in summary["outcomes"].as_array().expect("outcomes") {
        let order = outcome["order"].as_str().expect("an order");
        let cell = format!("//: replay {order}\n{}", program.code);
        for _ in 0..20 {
            let replayed = explored(&kernel.execute(&cell));
            let once = BTreeMap::from([(shown(outcome), 1)]);
            assert_eq!(counts(&replayed), once, "{} by {order}", program.name);
            assert_eq!(replayed["outcomes"][0]["order"], order);
        }
    }
}

/// One kernel, for it takes longer to start than most of this.
#[test]
fn limits_variables_notes_and_interrupts() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    limits_and_seeds_are_kept(&mut kernel);
    a_cell_runs_on_with_its_variables_unless_an_order_fails(&mut kernel);
    what_cannot_be_trusted_or_explored_is_said(&mut kernel);
    exploring_can_be_interrupted(&mut kernel);
}

fn limits_and_seeds_are_kept(kernel: &mut Kernel) {
    let code = "let x = Arc::new(AtomicI32::new(0));\n\
                let threads: Vec<_> = (0..5).map(|_| { let x = x.clone(); thread::spawn(move || { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); }) }).collect();\n\
                for thread in threads { thread.join().unwrap(); }\nx.load(SeqCst)";
    // Five threads with two steps each have 10! / 2^5 orders.
    let mut explore =
        |words: &str| explored(&kernel.execute(&format!("//: explore {words}\n{code}")));
    let some = explore("orders=300 seed=7 time=60");
    assert_eq!(
        (&some["orders"], &some["end"]),
        (&300.into(), &"Orders".into())
    );
    assert_eq!(some["seed"], 7);
    let estimate = some["estimate"].as_f64().expect("an estimate");
    assert!((11_340.0..1_134_000.0).contains(&estimate), "{estimate}");
    assert_eq!(some, explore("orders=300 seed=7 time=60"));
    // Of the five threads that run one after the other, each may be the first, and so on.
    let few = explore("switches=0 time=60");
    assert_eq!((&few["orders"], &few["end"]), (&120.into(), &"All".into()));
    assert_eq!(counts(&few), BTreeMap::from([("5".to_owned(), 120)]));
}

fn a_cell_runs_on_with_its_variables_unless_an_order_fails(kernel: &mut Kernel) {
    kernel.execute("let total = Arc::new(Mutex::new(40));").ok();
    let cell = "//: explore\nlet added = { let total = total.clone(); thread::spawn(move || { *total.lock().unwrap() += 1; 1 }) };\n\
                *total.lock().unwrap() += 1;\nlet one = added.join().unwrap();\nprintln!(\"{}\", total.lock().unwrap());";
    let executed = kernel.execute(cell).ok();
    let summary = explored(&executed);
    assert_eq!(counts(&summary), BTreeMap::from([("42\n".to_owned(), 2)]));
    // The runs have changed nothing; the cell itself has.
    let streams = executed.streams();
    assert_eq!(streams, [("stdout", "42\n")]);
    assert_eq!(
        kernel.execute("*total.lock().unwrap() + one").ok().result(),
        Some("43")
    );
    let failing = "//: explore\nlet lost = 5;\nlet seen = thread::spawn(|| panic!(\"no\")).join().is_ok();\nassert!(seen, \"it failed\");";
    let executed = kernel.execute(failing).ok();
    assert!(explored(&executed)["outcomes"][0]["failure"]["Panic"] == "it failed");
    assert_eq!(executed.streams(), []);
    assert_eq!(kernel.execute("lost").error()["ename"], "error[E0425]");
}

fn what_cannot_be_trusted_or_explored_is_said(kernel: &mut Kernel) {
    let notes = |executed: &Executed| explored(executed)["notes"].to_string();
    let weak = "//: explore\nlet x = AtomicI32::new(1);\nx.load(Relaxed)";
    assert!(notes(&kernel.execute(weak).ok()).contains("WeakOrdering"));
    let time =
        "//: explore\nlet begin = std::time::Instant::now();\nbegin.elapsed().as_secs() > 600";
    assert!(notes(&kernel.execute(time).ok()).contains("the time"));
    // Nine looks, of which the last three are made only when the other thread has written.
    let counts_looks = "//: explore\nlet flag = Arc::new(AtomicBool::new(false));\nlet other = flag.clone();\n\
                        let thread = thread::spawn(move || other.store(true, SeqCst));\n\
                        let mut looks = 0;\nwhile looks < 9 && !flag.load(SeqCst) { looks += 1; }\nthread.join().unwrap();\nlooks";
    let executed = kernel.execute(counts_looks).ok();
    assert!(notes(&executed).contains("LoopsLeftOut"));
    let text = text(&executed);
    assert!(text.starts_with("8 orders: 8 different outcomes"), "{text}");
    assert!(
        text.contains("the loop at line 6 looks again and again"),
        "{text}"
    );
    // The library for explored cells does not have what is deprecated.
    let old = "//: explore\nlet (lock, condition) = (Mutex::new(2), Condvar::new());\n\
               #[allow(deprecated)]\nlet (guard, _) = condition.wait_timeout_ms(lock.lock().unwrap(), 1).unwrap();\nlet two = *guard;\ndrop(guard);\ntwo";
    let executed = kernel.execute(old).ok();
    assert!(notes(&executed).contains("RanOnce"));
    assert_eq!(executed.result(), Some("2"));
    let wrong = kernel.execute("//: explore orders=none\n1");
    let message = wrong.error()["evalue"].to_string();
    assert!(message.contains("orders=none"), "{message}");
}

fn exploring_can_be_interrupted(kernel: &mut Kernel) {
    kernel.execute("let kept = 7;").ok();
    let cell = "//: explore time=600 orders=1000000\nlet x = AtomicI32::new(0);\n\
                thread::scope(|scope| for _ in 0..6 { scope.spawn(|| { x.store(x.load(SeqCst) + 1, SeqCst); }); });";
    let request = kernel.begin(cell);
    // The progress comes when some orders have been run.
    kernel.until_shown(&request, " of about ");
    kernel.interrupt();
    let executed = kernel.finish(&request, support::kernel::BOUND);
    assert_eq!(executed.error()["ename"], "Interrupted");
    let summary = explored(&executed);
    assert_eq!(summary["end"], "Interrupt");
    assert!(summary["orders"].as_u64() > Some(0), "{summary}");
    let text = text(&executed);
    let line = text.lines().next().expect("a line");
    assert!(
        line.contains(" of about ") && line.contains("orders, interrupted: "),
        "{line}"
    );
    assert_eq!(kernel.execute("kept").ok().result(), Some("7"));
}

#[test]
fn processes_take_part() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute(&setup()).ok();
    kernel.execute("use std::time::Duration;").ok();
    expect_counts(&mut kernel, PROCESSES);
}

#[test]
fn the_step_that_fails_is_marked() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    let cell = "//: explore\nlet flag = Arc::new(AtomicBool::new(false));\nlet other = flag.clone();\n\
                let thread = thread::spawn(move || assert!(!flag.load(SeqCst), \"too late\"));\n\
                other.store(true, SeqCst);\nthread.join().expect(\"it ends\");";
    let executed = kernel.execute(cell).ok();
    let text = text(&executed);
    for mark in [
        "4: panics: `too late`\n⚠  the thread fails\n",
        "6: panics: `it ends: Any { .. }`\n⚠  the cell fails\n",
    ] {
        assert!(text.contains(mark), "{text}");
    }
}

#[test]
fn the_outcomes_are_those_that_shuttle_finds() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = start(&venv, &sandbox);
    for program in shuttle_programs::PROGRAMS {
        let executed = kernel.execute(&format!("//: explore time=60\n{}", program.code));
        let summary = explored(&executed);
        let found: BTreeSet<String> = counts(&summary).into_keys().collect();
        let name = program.name;
        assert_eq!(found, (program.outcomes)(), "{name}: {}", text(&executed));
        assert_eq!(summary["end"], "All", "{name}");
        assert_eq!(summary["notes"], Value::Array(vec![]), "{name}");
    }
}
