use std::sync::Mutex;

use super::*;

#[test]
fn a_guard_releases_also_in_a_panic_and_a_forked_copy_does_not() {
    let lock: &'static Lock = Box::leak(Box::default());
    let message = message_of(|| {
        let _guard = lock.lock();
        panic!("under the lock");
    });
    assert_eq!(message, "under the lock");
    // The child drops its copy of the guard; the parent keeps its own.
    let kept: &'static Mutex<_> = Box::leak(Box::new(Mutex::new(Some(lock.lock()))));
    let code = run(move || {
        drop(kept.lock().unwrap().take());
        assert!(!lock.try_acquire());
    });
    assert_eq!(code, Some(0));
    drop(kept.lock().unwrap().take());
    assert!(lock.try_acquire());
}

#[test]
fn a_killed_owner_is_named_and_the_lock_can_be_mended() {
    let lock = Lock::new();
    let held = lock.clone();
    let mut p = Process::named("writer", move || {
        held.acquire().unwrap();
        // SAFETY: ends this very process.
        unsafe { libc::kill(libc::getpid(), libc::SIGKILL) };
    });
    p.start().unwrap();
    let pid = p.pid().unwrap();
    until(|| !p.is_alive());
    let begin = Instant::now();
    let error = lock.acquire().unwrap_err();
    assert!(begin.elapsed() < Duration::from_secs(5));
    assert_eq!(
        error.to_string(),
        format!("writer (pid {pid}) exited while it held the lock")
    );
    assert_eq!(error.pid(), Some(pid));
    assert_eq!(lock.acquire_timeout(SHORT), Err(error.clone()));
    assert_eq!(message_of(|| lock.lock()), error.to_string());
    assert!(!lock.try_acquire());
    lock.release();
    lock.acquire().unwrap();
}

/// The id of a dead owner may be another thread's by now; its start time tells them apart.
#[cfg(target_os = "linux")]
#[test]
fn a_thread_with_the_id_of_a_dead_owner_does_not_hide_it() {
    let key = crate::os::thread_key();
    assert!(!crate::os::thread_has_ended(key));
    assert!(
        crate::os::thread_has_ended(key - (1 << 32)),
        "began a tick before"
    );
}
