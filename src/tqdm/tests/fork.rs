//! Forks while other threads draw.

use std::fs::File;
use std::io::Write;
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use crate::ipc::testing::{end_of, start};
use crate::notebook::testing::sent_by;
use crate::prelude::*;

/// Threads draw all the time, and each child draws too: a bar of its own, and one that the threads are drawing. A lock
/// that was left locked would block it for ever.
fn fork_while_threads_draw(times: usize) {
    let stop = Arc::new(AtomicBool::new(false));
    let common = Tqdm::new(100);
    let threads: Vec<_> = (0..2)
        .map(|_| {
            let (stop, common) = (Arc::clone(&stop), common.clone());
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    common.refresh();
                    drop(Tqdm::new(10));
                }
            })
        })
        .collect();
    for _ in 0..times {
        let common = common.clone();
        let p = start(move || {
            for _ in tqdm(0..10) {}
            common.refresh();
            common.close();
        });
        assert_eq!(end_of(&p, 30), Some(0));
    }
    stop.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn no_child_inherits_a_lock_in_a_notebook() {
    let sent = sent_by(|| fork_while_threads_draw(200));
    assert!(sent.len() > 400);
}

#[test]
fn no_child_inherits_a_lock_when_printing_too() {
    let sent = sent_by(|| {
        let nowhere = File::create("/dev/null").unwrap();
        // SAFETY: both are open, and this process shares them with no one who minds.
        assert_ne!(
            unsafe { libc::dup2(nowhere.as_raw_fd(), libc::STDOUT_FILENO) },
            -1
        );
        let stop = Arc::new(AtomicBool::new(false));
        let writer = {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    Tqdm::write("");
                    let _ = std::io::stderr().lock().flush();
                    drop(Tqdm::new(1));
                }
            })
        };
        for _ in 0..100 {
            let p = start(|| drop(Tqdm::new(1)));
            assert_eq!(end_of(&p, 30), Some(0));
        }
        stop.store(true, Ordering::Relaxed);
        writer.join().unwrap();
    });
    assert!(sent.len() >= 100);
}

#[test]
fn no_bar_makes_a_thread() {
    sent_by(|| {
        let threads = || std::fs::read_dir("/proc/self/task").map_or(1, Iterator::count);
        let before = threads();
        let bars = [Tqdm::new(1), Tqdm::new(1)];
        for _ in tqdm(0..1000) {}
        assert_eq!(threads(), before);
        drop(bars);
    });
}
