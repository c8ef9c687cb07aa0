//! Whose turn it is to build a library, and what those see who wait.

use crate::prebuilt::Lock;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

/// The last line of progress of who builds it.
const PROGRESS: &str = "progress";

/// Waits until nobody else builds in a folder; meanwhile `show` gets the other's lines of progress.
pub fn wait_for_turn(folder: &Path, show: &mut dyn FnMut(&str)) -> Result<Lock> {
    const POLL_INTERVAL: Duration = Duration::from_millis(200);
    let (sender, receiver) = channel();
    let place = folder.to_owned();
    std::thread::spawn(move || {
        // Who waits may have gone.
        let _ = sender.send(Lock::take(&place, || ()));
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

/// Shows lines of progress, and lets others see them who wait.
pub fn publishing<'a>(folder: &Path, show: &'a mut dyn FnMut(&str)) -> impl FnMut(&str) + use<'a> {
    let file = folder.join(PROGRESS);
    move |line| {
        // It is only shown.
        let _ = fs::write(&file, line);
        show(line);
    }
}
