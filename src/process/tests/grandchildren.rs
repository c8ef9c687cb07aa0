//! Parents, children and grandchildren.

use super::*;

#[test]
fn a_process_outlives_its_handle_and_is_reaped_later() {
    let (reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || wait_for_word(reader));
    p.start().unwrap();
    let pid = p.pid().unwrap();
    drop(p);
    assert!(exists(pid));
    give_word(writer);
    assert!(ends(pid));
    let _ = Process::new(|| ()).is_alive();
    assert!(!exists(pid), "process {pid} is a zombie");
}

#[test]
fn a_child_joins_its_children_when_it_ends() {
    for by_exit in [false, true] {
        let (reader, writer) = pipe().unwrap();
        let done = Value::new(false);
        let in_grandchild = done.clone();
        let mut p = Process::new(move || {
            let mut grandchild = Process::new(move || {
                wait_for_word(reader);
                in_grandchild.set(true);
            });
            grandchild.start().unwrap();
            if by_exit {
                std::process::exit(0);
            }
        });
        p.start().unwrap();
        give_word(writer);
        assert_eq!(join(&p), Some(0));
        assert!(done.get());
    }
}

#[test]
fn a_process_does_not_end_with_the_thread_that_started_it() {
    within(60, || {
        let (reader, writer) = pipe().unwrap();
        let code = Value::new(0);
        let in_grandchild = code.clone();
        let child = run(move || {
            let start = move || {
                let mut grandchild = Process::new(move || {
                    wait_for_word(reader);
                    in_grandchild.set(1);
                });
                grandchild.start().unwrap();
            };
            thread::spawn(start).join().unwrap();
            give_word(writer);
        });
        assert_eq!(child, Some(0), "it joins the grandchild");
        assert_eq!(code.get(), 1);
    });
}
