//! Faults that a student's cell can cause: each time the variables are as they were before the cell, the error says
//! what happened, and no process of the cell is left.

mod common;

use common::kernel::{Executed, Kernel, setup};
use common::process::{self, Watched};
use common::sandbox::Sandbox;
use common::tools::need;
use common::turn;
use common::venv::Venv;
use serde_json::Value;
use std::time::{Duration, Instant};

/// The time limit from an interrupt to the end of the cell.
const WITHIN: Duration = Duration::from_secs(1);

/// The time limit from the end of a cell to the exit of its processes.
const SOON: Duration = Duration::from_secs(5);

/// A kernel with a variable that must survive.
struct Class {
    kernel: Kernel,
    _sandbox: Sandbox,
}

impl Class {
    fn start() -> Class {
        let sandbox = Sandbox::new();
        let mut kernel = Kernel::start(&Venv::open(), &sandbox);
        kernel.execute(&setup()).ok();
        kernel
            .execute("use std::sync::Mutex;\nuse std::thread;\nuse std::time::Duration;")
            .ok();
        kernel.execute("let v = vec![1, 2, 3];").ok();
        Class {
            kernel,
            _sandbox: sandbox,
        }
    }

    /// Returns the id of the process that runs the cells.
    fn runtime(&mut self) -> u32 {
        let executed = self
            .kernel
            .execute("println!(\"{}\", std::process::id());")
            .ok();
        executed
            .stream("stdout")
            .trim()
            .parse()
            .expect("a process id")
    }

    /// Runs `cell`, and checks that it has changed nothing.
    #[track_caller]
    fn run(&mut self, cell: &str) -> Executed {
        let group = self.runtime();
        let executed = self.kernel.execute(cell);
        self.check(group);
        executed
    }

    /// Runs `cell` until it prints `started`, and interrupts it.
    #[track_caller]
    fn interrupt(&mut self, cell: &str) -> Executed {
        let group = self.runtime();
        let request = self.kernel.begin(cell);
        self.kernel.until_shown(&request, "started\n");
        let begin = Instant::now();
        self.kernel.interrupt();
        let executed = self.kernel.finish(&request, SOON);
        let took = begin.elapsed();
        assert!(took < WITHIN, "the cell ended after {took:?}");
        self.check(group);
        executed
    }

    /// Checks that the variable is unchanged, and that of the process group only the runtime is left.
    #[track_caller]
    fn check(&mut self, group: u32) {
        assert_eq!(self.kernel.execute("v").ok().result(), Some("[1, 2, 3]"));
        let runtime = self.runtime();
        let end = Instant::now() + SOON;
        for process in process::in_group(group) {
            assert!(
                process.id == runtime || Watched::open(process.id).ends_before(end),
                "still running: {process}"
            );
        }
    }
}

/// Runs a cell that `fault` ends; returns the `evalue` of its error.
#[track_caller]
fn error_after(fault: &str) -> String {
    let _turn = turn::shared();
    let executed = Class::start().run(fault);
    let error = executed.error();
    let lines = error["traceback"].as_array().expect("a traceback");
    assert!(!lines.is_empty());
    assert_eq!(executed.reply().content["ename"], error["ename"]);
    error["evalue"].as_str().expect("a text").to_owned()
}

#[track_caller]
fn assert_reported(fault: &str, message: &str) {
    let error = error_after(fault);
    assert!(
        error.contains(message) && error.contains("your variables are as they were before it"),
        "{error}"
    );
}

#[track_caller]
fn assert_interrupted(cell: &str) {
    let _turn = turn::alone();
    let executed = Class::start().interrupt(cell);
    assert_eq!(executed.error()["ename"], "Interrupted");
}

#[test]
fn an_endless_loop_can_be_interrupted() {
    need!(python);
    assert_interrupted("println!(\"started\"); loop {}");
}

#[test]
fn a_deadlock_on_a_mutex_can_be_interrupted() {
    need!(python);
    assert_interrupted(
        "{\n    let m = Mutex::new(1);\n    let _first = m.lock().unwrap();\n    println!(\"started\");\n    \
         let _second = m.lock();\n}",
    );
}

#[test]
fn a_deadlock_of_two_processes_can_be_interrupted() {
    need!(python);
    assert_interrupted(
        "{\nlet (a, b) = (Lock::new(), Lock::new());\nlet met = threadbook::shared::Barrier::new(2);\n\
         let take = |first: Lock, second: Lock, met: threadbook::shared::Barrier| move || {\n\
             let _first = first.lock();\nif met.wait().unwrap() == 0 { println!(\"started\"); }\n\
             let _second = second.lock();\n};\n\
         let mut p1 = Process::new(take(a.clone(), b.clone(), met.clone()));\n\
         let mut p2 = Process::new(take(b, a, met));\n\
         p1.start().unwrap(); p2.start().unwrap();\np1.join().unwrap(); p2.join().unwrap();\n}",
    );
}

#[test]
fn a_sleeping_child_can_be_interrupted() {
    need!(python);
    assert_interrupted(
        "let mut p = Process::new(|| { println!(\"started\"); thread::sleep(Duration::from_secs(600)) });\n\
         p.start().unwrap();\np.join().unwrap();",
    );
}

#[test]
fn a_blocked_read_can_be_interrupted() {
    need!(python);
    assert_interrupted(
        "let (mut reader, _writer) = std::io::pipe().unwrap();\nprintln!(\"started\");\n\
         std::io::Read::read(&mut reader, &mut [0; 8]).unwrap();",
    );
}

#[test]
fn a_child_that_ignores_sigterm_can_be_interrupted() {
    need!(python);
    assert_interrupted(
        "unsafe extern \"C\" { fn signal(number: i32, handler: usize) -> usize; }\n\
         let mut p = Process::new(|| {\n\
             // SIGINT and SIGTERM; SIG_IGN is 1.\n\
             unsafe { signal(2, 1); signal(15, 1); }\n\
             println!(\"started\");\nloop { thread::sleep(Duration::from_secs(600)); }\n});\n\
         p.start().unwrap();\np.join().unwrap();",
    );
}

#[test]
fn an_unanswered_input_can_be_interrupted() {
    need!(python);
    let _turn = turn::alone();
    let mut class = Class::start();
    let group = class.runtime();
    let request = class
        .kernel
        .begin_with_stdin("let name = input(\"Name? \").unwrap();");
    class
        .kernel
        .until(SOON, |message| message.kind == "input_request");
    class.kernel.interrupt();
    let executed = class.kernel.finish(&request, SOON);
    assert_eq!(executed.error()["ename"], "Interrupted");
    class.check(group);
}

/// A program for which a cell waits receives SIGINT and can exit cleanly.
#[test]
fn an_interrupted_program_can_clean_up() {
    need!(python);
    let _turn = turn::alone();
    let executed = Class::start().interrupt(
        "let script = \"trap 'echo cleaned up; exit 7' INT; echo started; while :; do sleep 0.02; done\";\n\
         std::process::Command::new(\"sh\").args([\"-c\", script]).status().unwrap();\n\
         println!(\"not reached\");",
    );
    assert_eq!(executed.error()["ename"], "Interrupted");
    assert_eq!(executed.stream("stdout"), "started\ncleaned up\n");
}

/// A cell that handles the signal can finish normally.
#[test]
fn a_cell_can_handle_the_interrupt_itself() {
    need!(python);
    let _turn = turn::alone();
    let mut class = Class::start();
    class
        .kernel
        .execute(
            "use std::sync::atomic::{AtomicBool, Ordering};\nstatic STOP: AtomicBool = AtomicBool::new(false);\n\
             extern \"C\" fn on_interrupt(_: i32) { STOP.store(true, Ordering::Relaxed); }",
        )
        .ok();
    let executed = class.interrupt(
        "unsafe extern \"C\" { fn signal(number: i32, handler: extern \"C\" fn(i32)) -> usize; }\n\
         unsafe { signal(2, on_interrupt); }\nprintln!(\"started\");\n\
         while !STOP.load(Ordering::Relaxed) { std::hint::spin_loop(); }\nprintln!(\"in good order\");",
    );
    assert_eq!(executed.ok().stream("stdout"), "started\nin good order\n");
}

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

#[test]
fn closed_streams_are_open_again_in_the_next_cell() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    class
        .run("unsafe extern \"C\" { fn close(fd: i32) -> i32; }\nunsafe { close(1); close(2); close(0); }")
        .ok();
    let executed = class.kernel.execute("println!(\"heard again\");").ok();
    assert_eq!(executed.stream("stdout"), "heard again\n");
}

#[test]
fn a_fork_that_is_never_reaped_is_not_left_behind() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    let group = class.runtime();
    let cell = "unsafe extern \"C\" { fn fork() -> i32; fn _exit(code: i32) -> !; }\n\
                if unsafe { fork() } == 0 {\n    thread::sleep(Duration::from_millis(300));\n    unsafe { _exit(0) };\n}\n\
                println!(\"in the parent\");";
    let executed = class.run(cell).ok();
    assert_eq!(executed.stream("stdout"), "in the parent\n");
    class.check(group);
}

#[test]
fn ten_thousand_threads_can_run() {
    need!(python);
    let _turn = turn::alone();
    let cell = "let start = std::sync::Arc::new(std::sync::Barrier::new(10_001));\n\
                let threads: Vec<_> = (0..10_000).map(|n| {\n    let start = start.clone();\n    \
                thread::Builder::new().stack_size(64 << 10).spawn(move || { start.wait(); n }).unwrap()\n}).collect();\n\
                start.wait();\nprintln!(\"{}\", threads.into_iter().map(|t| t.join().unwrap()).sum::<i32>());";
    let executed = Class::start().run(cell).ok();
    assert_eq!(executed.stream("stdout"), "49995000\n");
}

#[test]
fn invalid_utf8_is_shown_as_replacement_characters() {
    need!(python);
    let _turn = turn::shared();
    let cell = "use std::io::Write;\nstd::io::stdout().write_all(b\"\\xff\\xfe\\x00ok\\n\").unwrap();\n\
                std::io::stderr().write_all(b\"\\xe2\\x96\\n\").unwrap();";
    let executed = Class::start().run(cell).ok();
    assert_eq!(executed.stream("stdout"), "\u{fffd}\u{fffd}\0ok\n");
    assert_eq!(executed.stream("stderr"), "\u{fffd}\n");
}

#[test]
fn the_control_words_of_evcxr_do_no_harm() {
    need!(python);
    let _turn = turn::shared();
    let mut class = Class::start();
    for words in [
        "EVCXR_EXECUTION_COMPLETE",
        "EVCXR_PANIC_NOTIFICATION",
        "EVCXR_ERROR_OCCURRED",
        "EVCXR_VARIABLE_CHANGED_TYPE:v",
        "EVCXR_BEGIN_CONTENT text/plain",
        "EVCXR_END_CONTENT",
        "LOAD_AND_RUN a b",
    ] {
        let group = class.runtime();
        class.kernel.execute(&format!("println!(\"{words}\");"));
        class.kernel.execute("let v = vec![1, 2, 3];").ok();
        class.check(group);
    }
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
