//! Tests of the interposed functions.

use crate::runtime::waits::table::{self, Kind};
use crate::runtime::waits::tests::start_once;
use std::sync::mpsc;
use std::time::{Duration, Instant};

/// Returns the first recorded wait of another thread that is of this kind and has these frames at least.
fn wait_of(kind: Kind, thread: i32) -> table::Wait {
    let begin = Instant::now();
    loop {
        let mut waits = table::waits().into_values();
        let found = waits.find(|wait| wait.thread == thread && wait.kind == kind);
        if let Some(wait) = found {
            return wait;
        }
        assert!(begin.elapsed() < Duration::from_secs(10), "no {kind:?}");
        std::thread::yield_now();
    }
}

fn gettid() -> i32 {
    // SAFETY: gettid(2) takes nothing.
    unsafe { libc::gettid() }
}

#[test]
fn system_calls_go_on_and_set_errno() {
    // SAFETY: getpid(2) takes nothing; close(2) of a descriptor that nobody has.
    unsafe {
        assert_eq!(
            libc::syscall(libc::SYS_getpid),
            std::process::id() as libc::c_long
        );
        assert_eq!(libc::syscall(libc::SYS_close, -1), -1);
    }
    let error = std::io::Error::last_os_error();
    assert_eq!(error.raw_os_error(), Some(libc::EBADF));
    let mut bytes = [0_u8; 64];
    // SAFETY: six arguments, of which the last are used: mmap(2) of a file's page that nobody else has.
    unsafe {
        let page = libc::syscall(
            libc::SYS_mmap,
            std::ptr::null::<u8>(),
            4096_usize,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS,
            -1,
            0_usize,
        );
        assert!(page > 0);
        std::ptr::copy_nonoverlapping(page as *const u8, bytes.as_mut_ptr(), 64);
        libc::munmap(page as *mut libc::c_void, 4096);
    }
    assert_eq!(bytes, [0; 64]);
}

#[test]
fn who_wakes_a_thread_does_not_wait() {
    let word = std::sync::atomic::AtomicU32::new(0);
    let wake = || {
        let operation = libc::FUTEX_WAKE | libc::FUTEX_PRIVATE_FLAG;
        // SAFETY: futex(2) of a word that lives.
        unsafe { libc::syscall(libc::SYS_futex, word.as_ptr(), operation, 1) }
    };
    assert_eq!(wake(), 0);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let operation = libc::FUTEX_WAIT | libc::FUTEX_PRIVATE_FLAG;
            // SAFETY: as above, with the value that it has and without a limit of time.
            unsafe {
                let forever = std::ptr::null::<libc::timespec>();
                libc::syscall(libc::SYS_futex, word.as_ptr(), operation, 0, forever)
            }
        });
        while wake() == 0 {
            std::thread::yield_now();
        }
    });
}

#[test]
fn waits_are_recorded_with_the_stack() {
    start_once();
    let (ready, threads) = mpsc::channel();
    let (wake, channel) = mpsc::channel::<()>();
    let receiver = {
        let ready = ready.clone();
        std::thread::spawn(move || {
            ready.send(gettid()).unwrap();
            channel.recv().unwrap();
        })
    };
    let wait = wait_of(Kind::Futex, threads.recv().unwrap());
    assert!(!wait.is_timed);
    let joined = std::os::unix::thread::JoinHandleExt::as_pthread_t(&receiver) as u64;
    assert_eq!(wait.handle, joined);
    let joiner = std::thread::spawn(move || {
        ready.send(gettid()).unwrap();
        receiver.join().unwrap();
    });
    let wait = wait_of(Kind::Join, threads.recv().unwrap());
    assert_eq!((wait.subject, wait.is_timed), (joined, false));
    wake.send(()).unwrap();
    joiner.join().unwrap();
    let sleeper = std::thread::spawn(|| {
        let thread = gettid();
        let watcher = std::thread::spawn(move || wait_of(Kind::Sleep, thread));
        std::thread::sleep(Duration::from_millis(300));
        watcher.join().unwrap()
    });
    assert!(sleeper.join().unwrap().is_timed);
}
