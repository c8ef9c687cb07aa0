//! Process, current_process, active_children.

use std::io;
use std::process::id;
use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn a_name_is_process_and_the_numbers_from_the_top_joined_by_colons() {
    within(30, || {
        let me = current_process().name().to_owned();
        let number = me.strip_prefix("Process-").unwrap();
        assert!(
            number.parse::<u32>().unwrap() >= 1,
            "a child of the main process"
        );
        let child = Process::new(|| ());
        assert_eq!(child.name(), format!("{me}:1"));
    });
}

#[test]
fn the_numbers_begin_at_1_again_in_each_child() {
    within(30, || {
        let me = current_process().name().to_owned();
        for n in 1..=3 {
            let me = me.clone();
            let code = run(move || {
                let grandchild = Process::new(|| ());
                assert_eq!(grandchild.name(), format!("{me}:{n}:1"));
            });
            assert_eq!(code, Some(0));
        }
    });
}

#[test]
fn the_number_advances_at_construction_also_for_named_ones_managers_and_pool_workers() {
    within(30, || {
        let me = current_process().name().to_owned();
        let _never_started = Process::new(|| ());
        let _named = Process::named("a name", || ());
        let third = Process::new(|| ());
        assert_eq!(third.name(), format!("{me}:3"));
        let _manager = Manager::new().unwrap();
        let path = me.strip_prefix("Process-").unwrap();
        let names: Vec<_> = active_children()
            .iter()
            .map(|p| p.name().to_owned())
            .collect();
        assert_eq!(names, [format!("SyncManager-{path}:4")]);
        let worker = Pool::new(1).apply(|| current_process().name().to_owned());
        assert_eq!(worker.unwrap(), format!("ForkPoolWorker-{path}:5"));
        assert_eq!(Process::new(|| ()).name(), format!("{me}:6"));
    });
}

#[test]
fn pid_and_exitcode_are_none_before_the_start_and_exitcode_while_it_runs() {
    within(30, || {
        let mut p = Process::new(sleep_for_ever);
        assert_eq!((p.pid(), p.exitcode(), p.is_alive()), (None, None, false));
        p.start().unwrap();
        assert!(p.pid().is_some_and(|pid| pid != id()));
        assert_eq!((p.exitcode(), p.is_alive()), (None, true));
        kill(&p);
    });
}

#[test]
fn exitcode_is_0_after_a_return_and_n_after_exit_n() {
    within(30, || {
        assert_eq!(run(|| ()), Some(0));
        for n in [0, 1, 3, 255] {
            assert_eq!(run(move || std::process::exit(n)), Some(n));
        }
    });
}

#[test]
fn a_panic_prints_the_name_and_the_message_to_stderr_and_is_exitcode_1() {
    within(30, || {
        let (text, code) = output(2, || panic!("no {}", "luck"));
        assert_eq!(code, Some(1));
        assert!(text.ends_with("Process writer:\nno luck\n"), "{text}");
    });
}

#[test]
fn exitcode_is_minus_n_if_signal_n_ended_it() {
    within(30, || {
        for signal in [libc::SIGKILL, libc::SIGTERM, libc::SIGSEGV, libc::SIGUSR1] {
            let code = run(move || raise(signal));
            assert_eq!(code, Some(-signal));
        }
    });
}

#[test]
fn is_alive_and_exitcode_reap() {
    within(30, || {
        let ways: [fn(&Process) -> bool; 2] = [|p| !p.is_alive(), |p| p.exitcode() == Some(0)];
        for ended in ways {
            let p = start(|| ());
            let pid = p.pid().unwrap();
            until(|| ended(&p));
            assert!(!exists(pid), "a zombie");
        }
    });
}

#[test]
fn terminate_is_sigterm_and_kill_is_sigkill_and_both_return_at_once() {
    within(30, || {
        let terminate: fn(&Process) -> io::Result<()> = Process::terminate;
        for (end, code) in [(terminate, -15), (Process::kill, -9)] {
            // A stopped process handles SIGTERM only once it continues: so it is alive after `terminate`. SIGKILL kills
            // it all the same.
            let p = endless();
            let signal = |signal| {
                // SAFETY: sends a signal to a child.
                unsafe { libc::kill(p.pid().unwrap() as libc::pid_t, signal) };
            };
            signal(libc::SIGSTOP);
            let began = Instant::now();
            end(&p).unwrap();
            assert!(
                began.elapsed() < Duration::from_secs(5),
                "it has not waited"
            );
            assert!(code == -9 || p.is_alive());
            signal(libc::SIGCONT);
            p.join().unwrap();
            assert_eq!((p.is_alive(), p.exitcode()), (false, Some(code)));
        }
    });
}

#[test]
fn terminate_runs_no_destructors_in_the_child() {
    /// Reports in which process it was dropped.
    struct Note(Value<u32>);
    impl Drop for Note {
        fn drop(&mut self) {
            self.0.set(id());
        }
    }
    within(30, || {
        let dropped = Value::new(0);
        let note = Note(dropped.clone());
        let p = holding(move || note);
        p.terminate().unwrap();
        assert_eq!(end_of(&p), Some(-15));
        assert_eq!(dropped.get(), id(), "the parent's copy, by the start");
    });
}

#[test]
fn join_may_be_called_many_times_and_with_a_timeout_it_waits_that_long() {
    within(30, || {
        let p = endless();
        let (limit, began) = (Duration::from_millis(30), Instant::now());
        assert!(!p.join_timeout(limit).unwrap());
        assert!(began.elapsed() >= limit);
        assert_eq!(p.exitcode(), None);
        kill(&p);
        for _ in 0..3 {
            p.join().unwrap();
            assert!(p.join_timeout(Duration::ZERO).unwrap());
        }
    });
}

#[test]
fn mistakes_are_errors_with_pythons_text() {
    within(30, || {
        let mut p = Process::new(sleep_for_ever);
        assert_eq!(error_of(p.join()), "can only join a started process");
        p.start().unwrap();
        assert_eq!(error_of(p.start()), "cannot start a process twice");
        let foreign = start(|| ());
        assert_eq!(
            run(move || assert_eq!(error_of(foreign.join()), "can only join a child process")),
            Some(0)
        );
        let foreign = start(|| ());
        let code = run(move || {
            assert_eq!(
                panic_of(|| foreign.is_alive()),
                "can only test a child process"
            )
        });
        assert_eq!(code, Some(0));
        let mut foreign = Process::new(|| ());
        let code = run(move || {
            let error = error_of(foreign.start());
            assert_eq!(
                error,
                "can only start a process object created by current process"
            );
        });
        assert_eq!(code, Some(0));
        let mut daemon = Process::new(|| {
            let error = error_of(Process::new(|| ()).start());
            assert_eq!(error, "daemonic processes are not allowed to have children");
        });
        daemon.set_daemon(true).unwrap();
        daemon.start().unwrap();
        assert_eq!(end_of(&daemon), Some(0));
        assert!(
            error_of(p.close()).starts_with("Cannot close a process while it is still running.")
        );
        kill(&p);
        p.close().unwrap();
        assert_eq!(error_of(p.join()), "process object is closed");
    });
}

#[test]
fn repr_tells_the_state_the_exitcode_and_whether_it_is_a_daemon() {
    within(30, || {
        let me = id();
        let mut p = Process::named("p", sleep_for_ever);
        p.set_daemon(true).unwrap();
        assert_eq!(
            repr(&p),
            format!("<Process name='p' parent={me} initial daemon>")
        );
        p.start().unwrap();
        let pid = p.pid().unwrap();
        let start = format!("<Process name='p' pid={pid} parent={me}");
        assert_eq!(repr(&p), format!("{start} started daemon>"));
        p.terminate().unwrap();
        p.join().unwrap();
        assert_eq!(
            repr(&p),
            format!("{start} stopped exitcode=-SIGTERM daemon>")
        );
        p.close().unwrap();
        assert_eq!(
            repr(&p),
            format!("<Process name='p' parent={me} closed daemon>")
        );

        let p = start_named("q", || std::process::exit(7));
        assert_eq!(end_of(&p), Some(7));
        assert!(repr(&p).ends_with(" stopped exitcode=7>"));
        let code = run(move || assert!(repr(&p).ends_with(" unknown>")));
        assert_eq!(code, Some(0));
    });
}

fn start_named(name: &str, f: impl FnOnce() + 'static) -> Process {
    let mut p = Process::named(name, f);
    p.start().unwrap();
    p
}
