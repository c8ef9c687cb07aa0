//! Forked processes make connections of their own.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;
use threadbook::prelude::*;

const LIMIT: Duration = Duration::from_secs(30);

fn get_both() {
    assert_eq!(
        requests::get("https://github.com").unwrap().content().len(),
        230_041
    );
    assert_eq!(
        requests::get("https://google.com").unwrap().content().len(),
        21788
    );
}

/// Runs `f` in a process, which must exit with code 0, and soon.
#[track_caller]
fn in_process(f: impl FnOnce() + 'static) {
    let mut process = Process::new(f);
    process.start().unwrap();
    if !process.join_timeout(LIMIT).unwrap() {
        process.kill().unwrap();
        panic!("the process hangs");
    }
    assert_eq!(process.exitcode(), Some(0));
}

#[test]
fn before_and_after_its_parent() {
    in_process(get_both);
    get_both();
    in_process(|| {
        get_both();
        in_process(get_both);
        get_both();
    });
    get_both();
}

#[test]
fn while_threads_of_its_parent_are_at_it() {
    let over = Arc::new(AtomicBool::new(false));
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let over = over.clone();
            thread::spawn(move || {
                while !over.load(Ordering::Relaxed) {
                    get_both();
                }
            })
        })
        .collect();
    for _ in 0..5 {
        in_process(get_both);
    }
    over.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_clip_in_a_process() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().to_owned();
    in_process(move || {
        let streams = YouTube::new("https://youtu.be/BxuY9FET9Y4")
            .streams()
            .unwrap();
        streams.first().unwrap().download(target).unwrap();
    });
    let streams = YouTube::new("https://youtu.be/BxuY9FET9Y4")
        .streams()
        .unwrap();
    let stream = streams.first().unwrap();
    let path = folder.path().join(stream.default_filename());
    assert_eq!(path.metadata().unwrap().len(), stream.filesize());
}
