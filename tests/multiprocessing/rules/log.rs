//! log_to_stderr, start methods, the key of the program, interrupt and locked.

use threadbook::prelude::*;

use crate::life::*;
use crate::python::python;

fn log_program() {
    let logger = log_to_stderr(Level::Info);
    let p = start(|| get_logger().warning("doomed"));
    assert_eq!(end_of(&p), Some(0));
    logger.set_level(Level::Error);
    logger.info("not shown");
    logger.error("done");
    // What this process says at its end is the main process's in Python.
}

#[test]
fn log_to_stderr_shows_what_python_shows() {
    let Some(python) = python(|| ()) else {
        return;
    };
    within(30, move || {
        let (ours, _) = output(2, log_program);
        let expected = python.run(
            "import logging, multiprocessing, sys\n\
             sys.stderr = sys.stdout\n\
             ctx = multiprocessing.get_context('fork')\n\
             logger = multiprocessing.log_to_stderr(logging.INFO)\n\
             def f(): multiprocessing.get_logger().warning('doomed')\n\
             p = ctx.Process(target=f, name='Process-1'); p.start(); p.join()\n\
             logger.setLevel(logging.ERROR); logger.info('not shown'); logger.error('done')",
        );
        // The main process of the test is one that has a number.
        let child = with_pythons_names(&ours);
        assert_eq!(child, expected);
    });
}

/// The names of the processes as in the other program.
fn with_pythons_names(text: &str) -> String {
    text.lines()
        .map(|line| match line.split_once(']') {
            Some((head, message)) if head.ends_with("/writer") => {
                format!(
                    "{}/MainProcess]{message}\n",
                    head.trim_end_matches("/writer")
                )
            }
            Some((head, message)) => {
                let (level, _) = head.split_once('/').unwrap();
                format!("{level}/Process-1]{message}\n")
            }
            None => format!("{line}\n"),
        })
        .collect()
}

#[test]
fn fork_is_the_start_method_and_others_are_an_error_that_says_why() {
    assert_eq!(get_start_method(), "fork");
    assert_eq!(get_all_start_methods(), ["fork"]);
    set_start_method("fork").unwrap();
    assert!(error_of(set_start_method("spawn")).contains("a closure exists in this process alone"));
    assert!(error_of(set_start_method("thread")).starts_with("cannot find context for 'thread'"));
}

#[test]
fn all_processes_of_a_program_have_one_key() {
    within(30, || {
        let key = current_process().authkey().to_vec();
        assert_eq!(key.len(), 32);
        assert_eq!(
            run(move || assert_eq!(current_process().authkey(), key)),
            Some(0)
        );
    });
}

#[test]
fn interrupt_sends_sigint() {
    within(30, || {
        let p = endless();
        p.interrupt().unwrap();
        assert_eq!(end_of(&p), Some(-2));
        let p = Process::new(|| ());
        assert_eq!(
            error_of(p.interrupt()),
            "can only interrupt a started process"
        );
    });
}

#[test]
fn locked_tells_whether_a_lock_is_held() {
    within(30, || {
        let (lock, rlock) = (Lock::new(), RLock::new());
        assert!(!lock.locked() && !rlock.locked());
        let _guards = (lock.lock(), rlock.lock());
        let same = (lock.clone(), rlock.clone());
        let both = move || assert!(same.0.locked() && same.1.locked());
        assert_eq!(run(both), Some(0));
    });
}
