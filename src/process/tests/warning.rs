//! The warning when a process is started while other threads run.

use super::*;
use crate::prelude::ProcessPoolExecutor;

/// Returns what a process prints to stderr when it starts a process while the thread `name` runs.
fn stderr_beside(name: &'static str) -> String {
    let (text, code) = output(2, move || {
        let (reader, writer) = pipe().unwrap();
        let thread = thread::Builder::new().name(name.into());
        let (named, tell) = mpsc::channel::<()>();
        let wait = move || {
            drop(named);
            wait_for_word(reader);
        };
        let other = thread.spawn(wait).unwrap();
        tell.recv().unwrap_err();
        for _ in 0..2 {
            assert_eq!(run(|| ()), Some(0));
        }
        give_word(writer);
        other.join().unwrap();
    });
    assert_eq!(code, Some(0));
    text
}

#[cfg(target_os = "linux")]
#[test]
fn it_comes_once_for_a_thread_of_the_user() {
    within(60, || {
        let text = stderr_beside("mine");
        assert!(text.starts_with("warning: Process-"), "{text}");
        assert!(
            text.contains(" was started while 1 other thread of process "),
            "{text}"
        );
        assert_eq!(text.lines().count(), 1, "{text}");
    });
}

#[test]
fn it_does_not_come_for_the_kernels_thread_nor_for_this_crates() {
    within(60, || {
        assert_eq!(stderr_beside("threadbook-output"), "");
        assert_eq!(stderr_beside("QueueFeederThread"), "");
    });
}

#[cfg(target_os = "linux")]
#[test]
fn an_executor_does_not_warn_of_the_thread_that_submits_but_of_others() {
    within(60, || {
        let submit = || {
            let pool = ProcessPoolExecutor::new(1);
            assert_eq!(pool.submit(|| 1).result(), Ok(1));
        };
        assert_eq!(output(2, submit), (String::new(), Some(0)));
        let (text, code) = output(2, move || {
            let (tell, told) = mpsc::channel::<()>();
            let other = thread::spawn(move || told.recv());
            submit();
            drop(tell);
            other.join().unwrap().unwrap_err();
        });
        assert!(
            text.contains(" was started while 1 other thread of process "),
            "{text}"
        );
        assert_eq!(code, Some(0));
    });
}

#[test]
fn it_does_not_come_for_a_thread_that_was_joined() {
    within(60, || {
        let (text, code) = output(2, || {
            for _ in 0..200 {
                thread::spawn(|| ()).join().unwrap();
                // The thread that kills this process when its parent exits is running.
                assert!(os::other_threads().len() <= 1);
            }
        });
        assert_eq!((text.as_str(), code), ("", Some(0)));
    });
}
