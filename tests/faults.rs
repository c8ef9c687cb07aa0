//! Faults that a student's cell can cause: each time the variables are as they were before the cell, the error says
//! what happened, and no process of the cell is left.

mod crashes;
mod interrupts;

use std::time::{Duration, Instant};
use support::kernel::{Executed, Kernel, setup};
use support::process::{self, Watched};
use support::sandbox::Sandbox;
use support::tools::need;
use support::turn;
use support::venv::Venv;

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
