//! Stop requests: on Ctrl-C, SIGTERM or SIGHUP the runner stops its kernel and writes the results before it exits.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// Counts how often the user has asked to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<u32>);

impl Stop {
    /// Installs handlers for SIGINT, SIGTERM and SIGHUP, which then no longer terminate the program. An ignored SIGHUP
    /// stays ignored, so a run under `nohup` continues without its terminal.
    ///
    /// # Errors
    /// The system's error when a handler cannot be installed.
    pub fn on_signals() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(0);
        let interrupts = signal(SignalKind::interrupt())?;
        let terminations = signal(SignalKind::terminate())?;
        let hangups = match is_ignored(libc::SIGHUP) {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        tokio::spawn(count(interrupts, terminations, hangups, sender));
        Ok(Self(receiver))
    }

    /// Returns a `Stop` whose count is set through the returned sender.
    #[cfg(test)]
    pub fn by_hand() -> (watch::Sender<u32>, Self) {
        let (sender, receiver) = watch::channel(0);
        (sender, Self(receiver))
    }

    /// Returns whether the user has asked to stop.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Waits until the user has asked this many times. May be dropped and called again.
    pub async fn requested(&mut self, times: u32) {
        if self.0.wait_for(|&count| count >= times).await.is_err() {
            // The task that counts is gone, so no request can arrive.
            std::future::pending().await
        }
    }
}

async fn count(
    mut interrupts: Signal,
    mut terminations: Signal,
    mut hangups: Option<Signal>,
    count: watch::Sender<u32>,
) {
    while !count.is_closed() {
        tokio::select! {
            _ = interrupts.recv() => (),
            _ = terminations.recv() => (),
            () = hung_up(&mut hangups) => leave_terminal(),
            () = count.closed() => return,
        }
        count.send_modify(|count| *count += 1);
    }
}

async fn hung_up(hangups: &mut Option<Signal>) {
    match hangups {
        Some(hangups) => _ = hangups.recv().await,
        None => std::future::pending().await,
    }
}

/// Redirects stdout and stderr to /dev/null if they were the terminal that hung up, so that printing does not fail.
fn leave_terminal() {
    let Ok(nothing) = File::options().read(true).write(true).open("/dev/null") else {
        return;
    };
    for stream in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        // SAFETY: `fstat` fills the structure or fails; `dup2` has no memory effects. Both descriptors stay open; only
        // their target changes.
        unsafe {
            let mut stat: libc::stat = std::mem::zeroed();
            // isatty(3) fails for a terminal that has hung up, so this checks for a character device.
            let is_device =
                libc::fstat(stream, &mut stat) == 0 && stat.st_mode & libc::S_IFMT == libc::S_IFCHR;
            if is_device {
                libc::dup2(nothing.as_raw_fd(), stream);
            }
        }
    }
}

fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: sigaction(2) without a new action only fills the structure with the current one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}
