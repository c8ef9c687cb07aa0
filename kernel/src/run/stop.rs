//! Ctrl-C, SIGTERM and SIGHUP: the runner stops its kernel and writes what ran before it ends.

use std::fs::File;
use std::io;
use std::os::fd::AsRawFd;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How often the user has asked to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<u32>);

impl Stop {
    /// Listens for SIGINT, SIGTERM and SIGHUP from now on; by themselves they no longer end the program. What `nohup` starts goes on
    /// without its terminal.
    ///
    /// # Errors
    /// What the system says when it has no signal handlers to give.
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

    /// One that is asked for through the returned sender.
    #[cfg(test)]
    pub fn by_hand() -> (watch::Sender<u32>, Self) {
        let (sender, receiver) = watch::channel(0);
        (sender, Self(receiver))
    }

    /// Whether the user has asked.
    pub fn is_requested(&self) -> bool {
        *self.0.borrow() > 0
    }

    /// Returns when the user has asked this many times. May be dropped and called again.
    pub async fn requested(&mut self, times: u32) {
        if self.0.wait_for(|&count| count >= times).await.is_err() {
            // Nobody listens any more, so nobody can ask.
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

/// The terminal is gone. What is still told must not fail because of that.
fn leave_terminal() {
    let Ok(nothing) = File::options().read(true).write(true).open("/dev/null") else {
        return;
    };
    for stream in [libc::STDOUT_FILENO, libc::STDERR_FILENO] {
        // SAFETY: `fstat` fills the structure or fails; `dup2` has no memory effects. Both descriptors stay open, they lead elsewhere.
        unsafe {
            let mut stat: libc::stat = std::mem::zeroed();
            // A terminal that is gone does not say any more that it is one.
            let is_device =
                libc::fstat(stream, &mut stat) == 0 && stat.st_mode & libc::S_IFMT == libc::S_IFCHR;
            if is_device {
                libc::dup2(nothing.as_raw_fd(), stream);
            }
        }
    }
}

fn is_ignored(signal: libc::c_int) -> bool {
    // SAFETY: sigaction(2) with no new action fills the structure with the present one.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        libc::sigaction(signal, std::ptr::null(), &mut action) == 0
            && action.sa_sigaction == libc::SIG_IGN
    }
}
