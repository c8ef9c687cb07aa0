//! An interrupt ends the running cell, whatever it is doing, and the kernel continues.

use std::time::{Duration, Instant};
use support::kernel::{Kernel, setup};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;
use support::{process, turn};

/// The time limit from the request on the control channel to the end of the cell.
const WITHIN: Duration = Duration::from_secs(1);

/// Runs the cell, interrupts it when `ready` returns, and checks the messages and the variables.
fn assert_interrupted(before: &str, cell: &str, ready: impl FnOnce(&mut Kernel, &Sandbox, &str)) {
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute(before).ok();
    kernel.execute("let kept = vec![1, 2];").ok();
    let request = kernel.begin(cell);
    ready(&mut kernel, &sandbox, &request);

    let begin = Instant::now();
    kernel.interrupt();
    let (mut cell_ended, mut answered, mut idle) = (None, None, false);
    let messages = kernel.until(Duration::from_secs(30), |message| {
        idle |= message.parent == request && message.content["execution_state"] == "idle";
        if message.kind == "execute_reply" && message.parent == request {
            cell_ended = Some(begin.elapsed());
        }
        if message.kind == "interrupt_reply" {
            assert_eq!(message.content["status"], "ok");
            answered = Some(begin.elapsed());
        }
        idle && cell_ended.is_some() && answered.is_some()
    });
    let (cell_ended, answered) = (cell_ended.expect("the end"), answered.expect("the answer"));
    assert!(
        cell_ended < WITHIN && answered < WITHIN,
        "the cell: {cell_ended:?}, the answer: {answered:?}"
    );
    let error = messages
        .iter()
        .find(|message| message.kind == "error" && message.parent == request);
    let error = error.unwrap_or_else(|| panic!("no error: {messages:#?}"));
    assert_eq!(error.content["ename"], "Interrupted");

    // The kernel continues with the variables as they were before the cell.
    assert_eq!(kernel.execute("kept").ok().result(), Some("[1, 2]"));
}

fn until_started(kernel: &mut Kernel, _: &Sandbox, request: &str) {
    kernel.until_shown(request, "started\n");
}

#[test]
fn a_busy_loop_is_interrupted() {
    need!(python);
    assert_interrupted(
        "",
        "println!(\"started\");\nloop { std::hint::spin_loop(); }",
        until_started,
    );
}

#[test]
fn a_sleep_is_interrupted() {
    need!(python);
    let cell = "println!(\"started\");\nstd::thread::sleep(std::time::Duration::from_secs(600));";
    assert_interrupted("", cell, until_started);
}

#[test]
fn a_join_of_a_busy_thread_is_interrupted() {
    need!(python);
    let cell = "std::thread::spawn(|| { println!(\"started\"); loop {} }).join().unwrap();";
    assert_interrupted("", cell, until_started);
}

#[test]
fn a_join_of_a_sleeping_process_is_interrupted() {
    need!(python);
    let cell = r#"
        let mut child = Process::new(|| {
            println!("started");
            std::thread::sleep(std::time::Duration::from_secs(600));
        });
        child.start().unwrap();
        child.join().unwrap();
    "#;
    assert_interrupted(&setup(), cell, until_started);
}

#[test]
fn a_process_that_ignores_signals_ends_with_its_cell() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    let cell = r#"
        let child = std::process::Command::new("sh")
            .args(["-c", "trap '' INT TERM HUP; echo $$ started; while :; do sleep 600; done"])
            .status();
    "#;
    let request = kernel.begin(cell);
    let shown = kernel.until_shown(&request, "started\n");
    let id = shown.split_whitespace().next();
    let id = id.and_then(|id| id.parse().ok()).expect("the shell's id");
    let shell = process::Watched::open(id);
    kernel.interrupt();
    assert!(
        shell.ends_before(Instant::now() + Duration::from_secs(5)),
        "process {id} still runs"
    );
    kernel.finish(&request, Duration::from_secs(30)).error();
}

/// A constant that keeps the compiler busy forever.
const ENDLESS_COMPILE: &str = "
    #[allow(long_running_const_eval)]
    const N: u64 = { let mut n = 0; while n < u64::MAX { n += 1; } n };
    println!(\"{N}\");";

fn until_the_compiler_runs(_: &mut Kernel, sandbox: &Sandbox, _: &str) {
    let end = Instant::now() + Duration::from_secs(30);
    let compiles = |sandbox: &Sandbox| {
        let is_compiler = |process: &process::Process| {
            process.arguments[0].ends_with("rustc")
                && process.arguments.iter().any(|argument| argument == "ctx")
        };
        sandbox.processes().iter().any(is_compiler)
    };
    // Only the process shows that the compiler is running.
    while !compiles(sandbox) {
        assert!(
            Instant::now() < end,
            "no compiler: {:#?}",
            sandbox.processes()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_compilation_is_interrupted() {
    need!(python);
    assert_interrupted(
        "println!(\"ready\");",
        ENDLESS_COMPILE,
        until_the_compiler_runs,
    );
}

/// It is not compiled once more to run without its locks.
#[test]
fn a_compilation_of_a_watched_cell_is_interrupted() {
    need!(python);
    assert_interrupted(
        "use std::sync::Mutex;",
        &format!("//: watch\nlet lock = Mutex::new(1);{ENDLESS_COMPILE}"),
        until_the_compiler_runs,
    );
}

/// The first cell waits until the kernel can compile.
#[test]
fn the_first_cell_is_interrupted_while_the_kernel_starts() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    let request = kernel.begin("loop {}");
    kernel.until(Duration::from_secs(30), |message| {
        message.kind == "execute_input"
    });
    kernel.interrupt();
    kernel.finish(&request, Duration::from_secs(10)).error();
    kernel.execute("println!(\"goes on\");").ok();
}

#[test]
fn cells_queued_behind_an_interrupted_cell_are_aborted() {
    need!(python);
    let _turn = turn::alone();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    let first = kernel.begin("println!(\"started\");\nloop {}");
    let second = kernel.begin("println!(\"second\");");
    kernel.until_shown(&first, "started\n");
    kernel.interrupt();
    let executed = kernel.finish(&second, Duration::from_secs(30));
    assert_eq!(executed.reply().content["status"], "aborted");
    // A cell that has not run has no execution count.
    assert!(executed.reply().content.get("execution_count").is_none());
    assert_eq!(executed.streams(), []);
}

#[test]
fn an_interrupt_between_cells_does_nothing() {
    need!(python);
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let mut kernel = Kernel::start(&venv, &sandbox);
    kernel.execute("let kept = 7;").ok();
    kernel.interrupt();
    kernel.until(Duration::from_secs(30), |message| {
        message.kind == "interrupt_reply"
    });
    assert_eq!(kernel.execute("kept").ok().result(), Some("7"));
}
