//! What happens when a process exits by itself.

use super::*;
use crate::process::{ExitPhase, at_exit};

#[test]
fn daemons_are_terminated_and_others_joined() {
    for by_exit in [false, true] {
        let (finished, pid_of_daemon) = (Value::new(false), Value::new(0));
        let (reader, writer) = pipe().unwrap();
        let (in_other, in_daemon) = (finished.clone(), pid_of_daemon.clone());
        let mut p = Process::new(move || {
            let mut daemon = Process::new(|| {
                loop {
                    thread::park();
                }
            });
            daemon.set_daemon(true).unwrap();
            daemon.start().unwrap();
            in_daemon.set(daemon.pid().unwrap());
            let mut other = Process::new(move || {
                wait_for_word(reader);
                in_other.set(true);
            });
            other.start().unwrap();
            if by_exit {
                std::process::exit(0);
            }
        });
        p.start().unwrap();
        give_word(writer);
        assert_eq!(join(&p), Some(0));
        assert!(finished.get());
        assert!(
            !exists(pid_of_daemon.get()),
            "the daemon lives or is a zombie"
        );
    }
}

#[test]
fn a_daemon_may_not_have_children_and_its_unstarted_ones_are_daemons() {
    let mut p = Process::new(|| {
        let mut child = Process::new(|| ());
        assert!(child.daemon());
        assert_eq!(
            child.start().unwrap_err().to_string(),
            "daemonic processes are not allowed to have children"
        );
    });
    assert!(!p.daemon());
    p.set_daemon(true).unwrap();
    p.start().unwrap();
    assert_eq!(join(&p), Some(0));
    assert_eq!(
        p.set_daemon(false).unwrap_err().to_string(),
        "process has already started"
    );
}

#[test]
fn what_was_left_for_the_end_is_done_in_its_order_and_by_its_process_only() {
    let (text, code) = output(1, || {
        let say = |text: &'static str| {
            move || {
                io::stdout().write_all(text.as_bytes()).unwrap();
            }
        };
        at_exit(ExitPhase::AfterChildren, say("after "));
        at_exit(ExitPhase::BeforeChildren, say("before "));
        let mut child = Process::new(say("child "));
        child.start().unwrap();
        child.join().unwrap();
        panic!("it ends by a panic");
    });
    assert_eq!((text.as_str(), code), ("child before after ", Some(1)));
}

#[test]
fn threads_that_are_not_joined_end_with_the_process() {
    within(60, || {
        let code = run(|| {
            thread::spawn(|| {
                loop {
                    thread::park();
                }
            });
        });
        assert_eq!(code, Some(0));
    });
}
