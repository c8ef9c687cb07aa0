//! Cells that an interrupt ends, whatever they do.

use super::*;

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
