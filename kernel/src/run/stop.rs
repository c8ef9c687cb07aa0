//! Ctrl-C and SIGTERM: the runner stops its kernel before it ends.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::watch;

/// How often the user has asked to stop.
#[derive(Clone)]
pub struct Stop(watch::Receiver<u32>);

impl Stop {
    /// Listens for SIGINT and SIGTERM from now on; by themselves they no longer end the program.
    ///
    /// # Errors
    /// What the system says when it has no signal handlers to give.
    pub fn on_signals() -> io::Result<Self> {
        let (sender, receiver) = watch::channel(0);
        let interrupts = signal(SignalKind::interrupt())?;
        let terminations = signal(SignalKind::terminate())?;
        tokio::spawn(count(interrupts, terminations, sender));
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

async fn count(mut interrupts: Signal, mut terminations: Signal, count: watch::Sender<u32>) {
    while !count.is_closed() {
        tokio::select! {
            _ = interrupts.recv() => (),
            _ = terminations.recv() => (),
            () = count.closed() => return,
        }
        count.send_modify(|count| *count += 1);
    }
}
