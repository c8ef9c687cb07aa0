//! The methods of one handle.

use super::*;

#[test]
fn exit_codes() {
    assert_eq!(run(|| ()), Some(0));
    assert_eq!(run(|| std::process::exit(3)), Some(3));
    assert_eq!(run(|| kill(id(), libc::SIGKILL)), Some(-9));
    let segfault = || {
        // SAFETY: none; the crash is what is tested.
        unsafe { std::ptr::without_provenance::<u8>(8).read_volatile() };
    };
    assert_eq!(run(segfault), Some(-11));
    assert_eq!(run(|| std::process::abort()), Some(-6));
}

#[test]
fn a_panic_is_reported_and_is_exit_code_1() {
    let (text, code) = output(2, || panic!("no {}", "luck"));
    assert_eq!(code, Some(1));
    assert!(text.ends_with("Process writer:\nno luck\n"), "{text}");
}

#[test]
fn a_payload_that_panics_when_dropped_does_not_leave_the_child() {
    struct Bomb;
    impl Drop for Bomb {
        fn drop(&mut self) {
            panic!("dropped");
        }
    }
    assert_eq!(run(|| std::panic::panic_any(Bomb)), Some(1));
}

#[test]
fn states_and_misuse() {
    let (reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || wait_for_word(reader));
    let error = |result: io::Result<()>| result.unwrap_err().to_string();
    assert_eq!(error(p.join()), "can only join a started process");
    assert_eq!((p.pid(), p.exitcode(), p.is_alive()), (None, None, false));
    assert!(format!("{p:?}").ends_with(&format!(" parent={} initial>", id())));

    p.start().unwrap();
    assert_eq!(error(p.start()), "cannot start a process twice");
    assert!(p.is_alive());
    assert_eq!(p.exitcode(), None);
    assert!(format!("{p:?}").ends_with(" started>"));
    give_word(writer);
    assert_eq!(join(&p), Some(0));
    p.join().unwrap();
    assert!(format!("{p:?}").ends_with(" stopped exitcode=0>"));
}

#[test]
fn only_the_parent_may_start_and_join() {
    let mut child = Process::new(|| ());
    child.start().unwrap();
    child.join().unwrap();
    let mut unstarted = Process::new(|| ());
    let code = run(move || {
        let joined = child.join().unwrap_err().to_string();
        let started = unstarted.start().unwrap_err().to_string();
        assert_eq!(joined, "can only join a child process");
        assert_eq!(
            started,
            "can only start a process object created by current process"
        );
        assert_eq!(child.exitcode(), None);
        assert!(format!("{child:?}").ends_with(" unknown>"));
        child.is_alive();
    });
    assert_eq!(code, Some(1), "only `is_alive` panics");
}

#[test]
fn several_threads_join_one_process() {
    let (reader, writer) = pipe().unwrap();
    let mut p = Process::new(move || wait_for_word(reader));
    p.start().unwrap();
    let (send, joined) = mpsc::channel();
    thread::scope(|s| {
        for _ in 0..4 {
            let send = send.clone();
            let p = &p;
            s.spawn(move || send.send(p.join().map(|()| p.exitcode())));
        }
        assert!(joined.try_recv().is_err());
        give_word(writer);
    });
    drop(send);
    let codes: Vec<_> = joined.iter().map(Result::unwrap).collect();
    assert_eq!(codes, [Some(0); 4]);
}

#[test]
fn a_status_taken_by_other_code_is_not_waited_for_again() {
    let mut p = Process::new(|| ());
    p.start().unwrap();
    let mut status = 0;
    // SAFETY: `status` is a live integer.
    unsafe { libc::waitpid(p.pid().unwrap() as libc::pid_t, &raw mut status, 0) };
    p.join().unwrap();
    assert!(!p.is_alive());
    // Some other test may have reaped it first, by its own `start`.
    assert!(matches!(p.exitcode(), None | Some(0)));
}

#[test]
fn a_handle_can_be_shared_by_threads() {
    fn shared<T: Sync>() {}
    shared::<Process>();
}
