//! The lock for building a library, and the progress that waiting processes show.

use crate::prebuilt::Lock;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The file with the builder's last progress line.
const PROGRESS: &str = "progress";

/// Waits until no other process builds in a directory; meanwhile `show` gets that process's progress lines.
pub fn wait_for_turn(folder: &Path, show: &mut dyn FnMut(&str)) -> Result<Lock> {
    const POLL_INTERVAL: Duration = Duration::from_millis(200);
    let (sender, receiver) = channel();
    let locked = folder.to_owned();
    std::thread::spawn(move || {
        // Fails if the waiter is gone.
        let _ = sender.send(Lock::take(&locked, || ()));
    });
    let mut shown = String::new();
    loop {
        match receiver.recv_timeout(POLL_INTERVAL) {
            Ok(lock) => return lock,
            Err(RecvTimeoutError::Timeout) => {
                let line = fs::read_to_string(folder.join(PROGRESS)).unwrap_or_default();
                if !line.is_empty() && line != shown {
                    show(&line);
                    shown = line;
                }
            }
            Err(error @ RecvTimeoutError::Disconnected) => return Err(error.into()),
        }
    }
}

/// Shows progress lines, also to the processes that wait.
pub fn publishing<'a>(folder: &Path, show: &'a mut dyn FnMut(&str)) -> impl FnMut(&str) + use<'a> {
    let file = folder.join(PROGRESS);
    move |line| {
        // Errors are ignored: the file is only for display.
        let _ = fs::write(&file, line);
        show(line);
    }
}
