//! One end of a pipe: a direction to receive from, one to send into, or both.

use std::io::{self, PipeReader, PipeWriter};
use std::os::fd::{AsFd, BorrowedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::direction::{self, Direction};

/// This process's copy of an end.
pub(super) struct Endpoint {
    pub(super) receiver: Option<Receiver>,
    pub(super) sender: Option<Sender>,
    closed: AtomicBool,
}

pub(super) struct Receiver {
    pub(super) tokens: PipeReader,
    /// After the tokens, so that these are closed first when this is dropped.
    direction: ReadSide,
}

/// Interrupts the writers when it is dropped.
struct ReadSide(Arc<Direction>);

pub(super) struct Sender {
    direction: Arc<Direction>,
    pub(super) tokens: PipeWriter,
}

/// Creates a direction: where it comes out, and where it goes in.
pub(super) fn new_direction() -> io::Result<(Receiver, Sender)> {
    let direction = Arc::new(Direction::new()?);
    let (reader, tokens) = direction::token_pipe()?;
    let receiver = Receiver {
        tokens: reader,
        direction: ReadSide(Arc::clone(&direction)),
    };
    Ok((receiver, Sender { direction, tokens }))
}

impl Endpoint {
    pub(super) fn new(receiver: Option<Receiver>, sender: Option<Sender>) -> Self {
        Self {
            receiver,
            sender,
            closed: AtomicBool::new(false),
        }
    }

    pub(super) fn receives(&self) -> bool {
        self.receiver.is_some()
    }

    pub(super) fn sends(&self) -> bool {
        self.sender.is_some()
    }

    pub(super) fn close(&self) {
        if self.closed.swap(true, Ordering::SeqCst) {
            return;
        }
        if let Some(sender) = &self.sender {
            direction::replace_with_closed_pipe(sender.tokens.as_fd());
        }
        if let Some(receiver) = &self.receiver {
            direction::replace_with_closed_pipe(receiver.tokens.as_fd());
            receiver.direction.0.reader_closed();
        }
    }

    pub(super) fn descriptor(&self) -> BorrowedFd<'_> {
        match (&self.receiver, &self.sender) {
            (Some(receiver), _) => receiver.tokens.as_fd(),
            (None, Some(sender)) => sender.tokens.as_fd(),
            (None, None) => unreachable!("an end receives or sends"),
        }
    }

    pub(super) fn receiver(&self) -> io::Result<&Receiver> {
        self.check()?;
        self.receiver
            .as_ref()
            .ok_or_else(|| wrong_direction("connection is write-only"))
    }

    pub(super) fn sender(&self) -> io::Result<&Sender> {
        self.check()?;
        self.sender
            .as_ref()
            .ok_or_else(|| wrong_direction("connection is read-only"))
    }

    fn check(&self) -> io::Result<()> {
        match self.closed.load(Ordering::SeqCst) {
            true => Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "handle is closed",
            )),
            false => Ok(()),
        }
    }

    /// The error of a call: if another thread has closed the end during the call, that is the cause.
    pub(super) fn error(&self, error: io::Error) -> io::Error {
        self.check().err().unwrap_or(error)
    }
}

impl Receiver {
    pub(super) fn identity(&self) -> usize {
        self.direction.0.identity()
    }

    pub(super) fn recv(&self, message: &mut Vec<u8>) -> io::Result<()> {
        self.direction.0.recv(&self.tokens, message)
    }

    pub(super) fn poll(&self, deadline: Option<Instant>) -> bool {
        self.direction.0.poll(&self.tokens, deadline)
    }
}

impl Sender {
    pub(super) fn identity(&self) -> usize {
        self.direction.identity()
    }

    pub(super) fn send(&self, message: &[u8]) -> io::Result<()> {
        self.direction.send(&self.tokens, message)
    }
}

/// Writers that wait learn at once that no one has the other end any more; if the last one was killed, they learn it at
/// their next check.
impl Drop for ReadSide {
    fn drop(&mut self) {
        self.0.reader_closed();
    }
}

fn wrong_direction(rule: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, rule)
}
