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
