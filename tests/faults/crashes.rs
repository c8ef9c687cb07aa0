//! Cells that end their process.

use super::*;
use serde_json::Value;

const WILD_WRITE: &str = "unsafe { std::ptr::write_volatile(8 as *mut i32, 1) }";

#[test]
fn a_segmentation_fault_is_reported() {
    need!(python);
    assert_reported(WILD_WRITE, "segmentation fault in this cell");
}

#[test]
fn a_segmentation_fault_of_a_thread_is_reported() {
    need!(python);
    assert_reported(
        &format!("thread::spawn(|| {WILD_WRITE}).join().unwrap();"),
        "segmentation fault in this cell",
    );
}

#[test]
fn a_segmentation_fault_of_a_child_sets_its_exit_code() {
    need!(python);
    let _turn = turn::shared();
    let cell = format!(
        "let mut p = Process::new(|| {WILD_WRITE});\np.start().unwrap();\np.join().unwrap();\n\
         println!(\"{{:?}}\", p.exitcode());"
    );
    let executed = Class::start().run(&cell).ok();
    // The negated signal, as in Python.
    assert_eq!(executed.stream("stdout"), "Some(-11)\n");
}

#[test]
fn an_abort_is_reported() {
    need!(python);
    assert_reported("std::process::abort();", "this cell aborted");
}

#[test]
fn an_exit_is_reported() {
    need!(python);
    assert_reported("std::process::exit(0);", "exit(0)");
    assert_reported("std::process::exit(3);", "exit(3)");
}

#[test]
fn a_panic_is_reported() {
    need!(python);
    assert_eq!(error_after("panic!(\"on purpose\");"), "on purpose");
}

#[test]
fn a_stack_overflow_is_reported() {
    need!(python);
    assert_reported(
        "fn down(n: u64) -> u64 { std::hint::black_box(down(n + 1)) + 1 }\ndown(0);",
        "stack overflow in this cell",
    );
}

#[test]
fn exceeding_the_memory_limit_is_reported() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    class
        .kernel
        .execute("unsafe { std::env::set_var(\"THREADBOOK_MEMORY_LIMIT\", \"300M\") };")
        .ok();
    let greedy = "let mut all = Vec::new();\nloop { all.push(vec![1_u8; 10 << 20]); }";
    let in_the_cell = class.run(greedy);
    let in_a_child = class.run(&format!(
        "let mut p = Process::new(|| {{ {greedy} }});\np.start().unwrap();\np.join().unwrap();"
    ));
    for executed in [in_the_cell, in_a_child] {
        let error = executed.error()["evalue"].to_string();
        assert!(error.contains("THREADBOOK_MEMORY_LIMIT"), "{error}");
    }
}

#[test]
fn variables_survive_a_killed_runtime() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    let runtime = class.runtime();
    let watched = Watched::open(runtime);
    process::signal(runtime, libc::SIGKILL);
    assert!(watched.ends_before(Instant::now() + SOON));
    class.check(runtime);
}

/// Without the engine the variables' types are lost. The kernel reports that, and the next cell starts a new engine.
#[test]
fn a_killed_engine_is_reported_and_replaced() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    let runtime = class.runtime();
    let engine = process::all()
        .into_iter()
        .find(|process| {
            process.parent() == Some(class.kernel.pid)
                && process
                    .arguments
                    .get(1)
                    .is_some_and(|word| word == "engine")
        })
        .expect("an engine");
    let request = class.kernel.begin("println!(\"started\");\nloop {}");
    class.kernel.until_shown(&request, "started\n");
    process::signal(engine.id, libc::SIGKILL);
    let executed = class.kernel.finish(&request, SOON);
    assert_eq!(executed.error()["ename"], "EngineEnded");
    assert!(Watched::open(runtime).ends_before(Instant::now() + SOON));
    class.kernel.execute("let v = vec![1, 2, 3];").ok();
    class.check(runtime);
}

/// Cells queued behind one that fails are not run, and their replies have the status `aborted`.
#[test]
fn cells_queued_behind_a_fault_are_aborted() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    let first = class.kernel.begin(WILD_WRITE);
    let second = class.kernel.begin("println!(\"second\");");
    class.kernel.finish(&first, SOON).error();
    let second = class.kernel.finish(&second, SOON);
    assert_eq!(second.reply().content["status"], Value::from("aborted"));
    assert_eq!(second.streams(), []);
}
