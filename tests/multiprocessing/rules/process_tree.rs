//! What a process inherits from its parent, and what happens to its children.

use std::io::{Write, stdout};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

#[test]
fn the_first_process_is_main_process() {
    assert_eq!(current_process().name(), "MainProcess");
    assert_eq!(parent_process(), None);
    within(30, || {
        assert_eq!(parent_process().unwrap().name(), "MainProcess")
    });
}

#[test]
fn start_flushes_stdout_first() {
    within(30, || {
        let (text, _) = output(1, || {
            write!(stdout(), "parent ").unwrap();
            run(|| write!(stdout(), "child ").unwrap());
            write!(stdout(), "end").unwrap();
        });
        assert_eq!(text, "parent child end");
    });
}

#[test]
fn the_child_sees_a_copy_and_its_changes_do_not_come_back() {
    within(30, || {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let mut list = vec![1];
        let copy = list.clone();
        NUMBER.store(2, Ordering::Relaxed);
        let code = run(move || {
            let mut copy = copy;
            copy.push(2);
            assert_eq!((copy, NUMBER.swap(9, Ordering::Relaxed)), (vec![1, 2], 2));
        });
        assert_eq!(code, Some(0));
        list.push(3);
        assert_eq!((list, NUMBER.load(Ordering::Relaxed)), (vec![1, 3], 2));
    });
}

#[test]
fn stdin_is_empty_in_the_child() {
    within(30, || {
        assert_eq!(std::io::read_to_string(std::io::stdin()).unwrap(), "");
    });
}

#[test]
fn active_children_reaps() {
    within(30, || {
        let (ended, running) = (start(|| ()), endless());
        let pid = ended.pid().unwrap();
        until(|| active_children().len() == 1);
        assert!(!exists(pid), "a zombie");
        assert_eq!(Some(active_children()[0].pid()), running.pid());
        kill(&running);
        assert!(active_children().is_empty());
    });
}

#[test]
fn at_the_end_daemons_are_terminated_and_the_others_joined() {
    within(30, || {
        let (go, finished, daemons_pid) = (Event::new(), Value::new(false), Value::new(0));
        let parent = start({
            let (go, finished, daemons_pid) = (go.clone(), finished.clone(), daemons_pid.clone());
            move || {
                let mut daemon = Process::new(sleep_for_ever);
                daemon.set_daemon(true).unwrap();
                daemon.start().unwrap();
                daemons_pid.set(daemon.pid().unwrap());
                start(move || {
                    go.wait();
                    finished.set(true);
                });
            }
        });
        assert!(
            !parent.join_timeout(Duration::from_millis(50)).unwrap(),
            "it waits for the other"
        );
        go.set();
        assert_eq!(end_of(&parent), Some(0));
        assert!(finished.get());
        assert!(!exists(daemons_pid.get()));
    });
}

#[test]
fn a_child_ends_with_its_parent_also_if_that_is_killed() {
    within(30, || {
        for from_main_thread in [true, false] {
            let (here, there) = Pipe::one_way::<()>();
            let parent = start(move || {
                let family = move || {
                    // The reader sees the end of the pipe when all have exited.
                    start(move || {
                        there.send(&()).unwrap();
                        sleep_for_ever();
                    });
                };
                match from_main_thread {
                    true => family(),
                    false => thread::spawn(family).join().unwrap(),
                }
                sleep_for_ever();
            });
            here.recv().unwrap();
            kill(&parent);
            assert!(here.poll(LONG).unwrap(), "the child lives on");
            here.recv().unwrap_err();
        }
    });
}
