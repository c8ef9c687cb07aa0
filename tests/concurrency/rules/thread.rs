//! Thread, Timer and the list of threads.

use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use threadbook::prelude::{Process, thread_name};
use threadbook::threading::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(20);

/// Starts a thread that runs until something is sent.
fn blocked() -> (Thread, mpsc::Sender<()>) {
    let (go, gate) = mpsc::channel();
    let t = Thread::new(move || gate.recv().unwrap());
    t.start().unwrap();
    (t, go)
}

#[test]
fn threads_are_numbered_from_1_and_a_given_name_takes_no_number() {
    within(30, || {
        let names = [
            Thread::new(|| ()).name(),
            Thread::named("loader", || ()).name(),
            Thread::new(|| ()).name(),
        ];
        assert_eq!(names, ["Thread-1", "loader", "Thread-2"]);
    });
}

#[test]
fn a_thread_can_be_started_once() {
    within(30, || {
        let t = Thread::new(|| ());
        t.start().unwrap();
        t.join().unwrap();
        assert_eq!(error_of(t.start()), "threads can only be started once");
    });
}

#[test]
fn is_alive_from_the_start_to_the_end() {
    within(30, || {
        let t = Thread::new(|| ());
        assert!(!t.is_alive());
        let (t, go) = blocked();
        assert!(t.is_alive(), "start returns when it runs");
        go.send(()).unwrap();
        t.join().unwrap();
        assert!(!t.is_alive());
    });
}

#[test]
fn join_needs_a_start_and_no_thread_joins_itself() {
    within(30, || {
        let t = Thread::new(|| ());
        assert_eq!(t.join(), Err(ThreadError::NotStarted));
        let (tell, told) = mpsc::channel();
        let t = Thread::new(move || tell.send(current_thread().join()).unwrap());
        t.start().unwrap();
        assert_eq!(told.recv().unwrap(), Err(ThreadError::JoinsItself));
        assert_eq!(main_thread().join(), Err(ThreadError::JoinsItself));
    });
}

#[test]
fn join_with_a_timeout_tells_whether_the_thread_has_ended_and_may_be_repeated() {
    within(30, || {
        let (t, go) = blocked();
        let began = Instant::now();
        assert_eq!(t.join_timeout(SHORT), Ok(false));
        assert!(began.elapsed() >= SHORT && t.is_alive());
        go.send(()).unwrap();
        assert_eq!(t.join_timeout(LONG), Ok(true));
        assert_eq!((t.join(), t.join()), (Ok(()), Ok(())));
    });
}

#[test]
fn join_returns_the_panic_of_the_thread() {
    within(30, || {
        be_silent();
        let t = Thread::new(|| panic!("no luck"));
        t.start().unwrap();
        assert_eq!(t.join(), Err(ThreadError::Panicked("no luck".into())));
        assert!(!t.is_alive());
    });
}

#[test]
fn the_name_can_be_changed_and_is_the_threads_own() {
    within(30, || {
        let (tell, told) = mpsc::channel();
        let t = Thread::named("before", move || {
            tell.send(thread_name()).unwrap();
            current_thread().set_name("after");
            tell.send(thread_name()).unwrap();
        });
        t.start().unwrap();
        t.join().unwrap();
        assert_eq!(told.iter().collect::<Vec<_>>(), ["before", "after"]);
        assert_eq!(t.name(), "after");
    });
}

#[test]
fn ident_and_native_id_are_none_before_the_start_and_remain_after_the_end() {
    within(30, || {
        let (tell, told) = mpsc::channel();
        let t = Thread::new(move || tell.send((get_ident(), get_native_id())).unwrap());
        assert_eq!((t.ident(), t.native_id()), (None, None));
        t.start().unwrap();
        t.join().unwrap();
        let (ident, native_id) = told.recv().unwrap();
        assert_eq!((t.ident(), t.native_id()), (Some(ident), Some(native_id)));
        assert_ne!(native_id, get_native_id());
        if cfg!(target_os = "linux") {
            assert_eq!(get_native_id(), std::process::id(), "of the main thread");
        }
    });
}

#[test]
fn daemon_is_inherited_and_fixed_at_the_start() {
    within(30, || {
        assert!(!current_thread().daemon());
        let (tell, told) = mpsc::channel();
        let t = Thread::new(move || tell.send(Thread::new(|| ()).daemon()).unwrap());
        assert!(!t.daemon());
        t.set_daemon(true).unwrap();
        t.start().unwrap();
        assert_eq!(
            error_of(t.set_daemon(false)),
            "cannot set daemon status of active thread"
        );
        assert!(told.recv().unwrap());
    });
}

#[test]
fn a_process_waits_for_threads_that_are_not_daemons_before_it_exits() {
    within(30, || {
        let done = threadbook::prelude::Value::new(false);
        let in_child = done.clone();
        let code = run(move || {
            Thread::new(move || {
                std::thread::sleep(SHORT);
                in_child.set(true);
            })
            .start()
            .unwrap();
        });
        assert_eq!((code, done.get()), (Some(0), true));
        let code = run(|| {
            let t = Thread::new(sleep_for_ever);
            t.set_daemon(true).unwrap();
            t.start().unwrap();
        });
        assert_eq!(code, Some(0));
    });
}

#[test]
fn current_thread_is_the_thread_itself() {
    within(30, || {
        assert_eq!(current_thread(), main_thread());
        assert_eq!(main_thread().name(), "MainThread");
        assert!(main_thread().is_alive());
        let (tell, told) = mpsc::channel();
        let t = Thread::new(move || tell.send(current_thread()).unwrap());
        t.start().unwrap();
        assert_eq!(told.recv().unwrap(), t);
    });
}

#[test]
fn enumerate_has_the_threads_that_are_alive_the_main_thread_first() {
    within(30, || {
        assert_eq!((active_count(), enumerate()), (1, vec![main_thread()]));
        let ((a, go_a), (b, go_b)) = (blocked(), blocked());
        assert_eq!(enumerate(), [main_thread(), a.clone(), b.clone()]);
        go_a.send(()).unwrap();
        a.join().unwrap();
        assert_eq!(
            (active_count(), enumerate()),
            (2, vec![main_thread(), b.clone()])
        );
        go_b.send(()).unwrap();
        b.join().unwrap();
        assert_eq!(active_count(), 1);
    });
}

#[test]
fn a_thread_of_std_is_known_from_its_first_call_to_its_end() {
    within(30, || {
        let (tell, told) = mpsc::channel();
        let t = std::thread::spawn(move || tell.send((current_thread(), active_count())).unwrap());
        let (known, count) = told.recv().unwrap();
        t.join().unwrap();
        assert!(known.daemon() && known.name().starts_with("Thread-"));
        assert_eq!((count, active_count()), (2, 1));
    });
}

#[test]
fn in_a_forked_process_only_its_own_thread_lives() {
    within(30, || {
        let (t, go) = blocked();
        let in_child = t.clone();
        let code = run(move || {
            assert_eq!(enumerate(), [main_thread()]);
            assert!(!in_child.is_alive());
            in_child.join().unwrap();
            let (own, go) = blocked();
            assert_eq!(active_count(), 2);
            go.send(()).unwrap();
            own.join().unwrap();
        });
        go.send(()).unwrap();
        t.join().unwrap();
        assert_eq!(code, Some(0));
    });
}

#[test]
fn a_thread_that_was_created_before_a_fork_can_be_started_in_the_child() {
    within(30, || {
        let t = Thread::new(|| ());
        let code = run(move || {
            t.start().unwrap();
            assert_eq!(t.join_timeout(LONG), Ok(true));
        });
        assert_eq!(code, Some(0));
    });
}

#[test]
fn a_process_that_is_started_after_join_gets_no_warning() {
    within(30, || {
        let (text, code) = output(2, || {
            for _ in 0..20 {
                let (t, go) = blocked();
                go.send(()).unwrap();
                t.join().unwrap();
                assert_eq!(run(|| ()), Some(0));
            }
        });
        assert_eq!((text.as_str(), code), ("", Some(0)));
    });
}

#[test]
fn repr_is_pythons() {
    within(30, || {
        let (t, go) = blocked();
        let ident = t.ident().unwrap();
        assert_eq!(
            format!("{t:?}"),
            format!("<Thread(Thread-1, started {ident})>")
        );
        go.send(()).unwrap();
        t.join().unwrap();
        assert_eq!(
            format!("{t:?}"),
            format!("<Thread(Thread-1, stopped {ident})>")
        );
        assert_eq!(
            format!("{:?}", Thread::named("n", || ())),
            "<Thread(n, initial)>"
        );
    });
}

#[test]
fn a_timer_calls_its_closure_after_the_interval() {
    within(30, || {
        let (tell, told) = mpsc::channel();
        let began = Instant::now();
        let timer = Timer::new(SHORT, move || tell.send(began.elapsed()).unwrap());
        timer.start().unwrap();
        assert!(timer.is_alive());
        assert!(told.recv().unwrap() >= SHORT);
        timer.join().unwrap();
    });
}

#[test]
fn a_cancelled_timer_ends_at_once_and_calls_nothing() {
    within(30, || {
        let called = Arc::new(AtomicBool::new(false));
        let in_timer = Arc::clone(&called);
        let timer = Timer::new(Duration::from_secs(3600), move || {
            in_timer.store(true, SeqCst)
        });
        timer.start().unwrap();
        timer.cancel();
        timer.join().unwrap();
        assert!(!called.load(SeqCst));
    });
}

#[test]
fn the_exit_of_a_process_does_not_wait_for_threads_of_its_parent() {
    within(30, || {
        let (t, go) = blocked();
        let mut p = Process::new(|| ());
        p.start().unwrap();
        assert_eq!(end_of(&p), Some(0));
        go.send(()).unwrap();
        t.join().unwrap();
    });
}

#[test]
fn cancel_after_the_call_changes_nothing() {
    within(30, || {
        let (tell, told) = mpsc::channel();
        let timer = Timer::new(Duration::ZERO, move || tell.send(()).unwrap());
        timer.start().unwrap();
        timer.join().unwrap();
        timer.cancel();
        told.try_recv().unwrap();
        assert!(!timer.is_alive());
    });
}
