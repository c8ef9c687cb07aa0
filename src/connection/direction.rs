//! One direction of a pipe: messages in a ring, and for each a byte in a pipe of the system.
//!
//! The ring is fast and knows what a killed process has left. The bytes, called tokens, do what only the system can: a
//! descriptor is readable while there are messages, and both sides learn when no process has the other end any more.
//!
//! A writer writes the token while it holds the ring's lock, when its message (or the beginning, if it goes through in
//! pieces) is visible. There is normally room for it: the ring has fewer messages than the pipe has bytes. A reader
//! takes a token first, then the message. So there are as many tokens as messages, unless a process was killed between
//! the two. Then readers that have waited in vain for a while find the messages without a token, and readers that take
//! a token without a message ignore it.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::time::{Duration, Instant};

use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::ipc::ring::{Ring, WriteObserver};
use crate::notebook::{Blocked, BlockedOn};
use crate::os;

pub(super) struct Direction(Ring);

/// Milliseconds between checks for messages without a token.
const POLL_INTERVAL_MS: libc::c_int = 50;

/// Two thousand checks of memory take about 50 µs.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(2000);

impl Direction {
    /// The address by which a watched cell knows the direction.
    pub(super) fn identity(&self) -> usize {
        self.0.identity()
    }

    pub(super) fn new() -> io::Result<Self> {
        Ring::new().map(Self)
    }

    /// Sends a message. Blocks until there is room.
    pub(super) fn send(&self, tokens: &PipeWriter, message: &[u8]) -> io::Result<()> {
        self.0.write(message, &TokenWriter { tokens })
    }

    /// Receives a message. Blocks until there is one.
    pub(super) fn recv(&self, tokens: &PipeReader, message: &mut Vec<u8>) -> io::Result<()> {
        // A message that arrives soon costs no system call.
        SPIN.spin_until(|| self.0.has_message());
        // If there is nothing, taking a token is not worth a try.
        let _blocked = (!self.0.has_message()).then(|| Blocked::on(BlockedOn::Receive, false));
        let mut readable =
            self.0.has_message() || os::wait_readable(tokens.as_fd(), POLL_INTERVAL_MS);
        loop {
            let token = match readable {
                true => take_token_soon(tokens)?,
                false => Token::None,
            };
            let may_read = match token {
                Token::One => true,
                // Messages that were sent before the end come first.
                Token::Eof => self.0.has_message(),
                Token::None => !readable && self.has_tokenless_message(),
            };
            if may_read && self.try_recv(message)? {
                return Ok(());
            }
            if token == Token::Eof && !self.0.has_message() {
                return Err(io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the other end is closed and nothing is left to receive",
                ));
            }
            readable = os::wait_readable(tokens.as_fd(), POLL_INTERVAL_MS);
        }
    }

    /// Blocks until there is a message or the end. Returns false if the deadline came first (None: no limit).
    pub(super) fn poll(&self, tokens: &PipeReader, deadline: Option<Instant>) -> bool {
        let interval = Duration::from_millis(POLL_INTERVAL_MS as u64);
        let _blocked = Blocked::on(BlockedOn::Receive, deadline.is_some());
        loop {
            let next_check = Instant::now() + interval;
            let until = deadline.map_or(next_check, |deadline| deadline.min(next_check));
            if os::wait_readable_until(tokens.as_fd(), Some(until)) {
                return true;
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return false;
            }
            if self.has_tokenless_message() {
                return true;
            }
        }
    }

    /// A read end was closed: writers that wait should check whether it was the last.
    pub(super) fn reader_closed(&self) {
        self.0.interrupt_writers();
    }

    fn try_recv(&self, message: &mut Vec<u8>) -> io::Result<bool> {
        self.0.try_read(message).map_err(|ended| {
            io::Error::other(format!(
                "process {} exited in the middle of sending a message: the message is lost",
                ended.pid
            ))
        })
    }

    /// Called when no token came for a while. Returns whether there is a message all the same whose token is not about
    /// to be written. If another reader has just taken that token, it will find no message and wait on.
    fn has_tokenless_message(&self) -> bool {
        self.0.skip_abandoned_message();
        self.0.has_message() && self.0.all_announced()
    }
}

/// Writes the tokens for the ring's messages.
struct TokenWriter<'a> {
    tokens: &'a PipeWriter,
}

impl WriteObserver for TokenWriter<'_> {
    fn on_visible(&self) -> io::Result<()> {
        let mut tokens = self.tokens;
        // Rust programs ignore SIGPIPE: if no one has the other end any more, this is an error of kind `BrokenPipe`.
        tokens.write_all(&[0])
    }

    fn check_wanted(&self) -> io::Result<()> {
        match os::has_no_reader(self.tokens.as_fd()) {
            true => Err(io::ErrorKind::BrokenPipe.into()),
            false => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Token {
    One,
    /// There is none now.
    None,
    /// There will be none any more.
    Eof,
}

/// Tries to take a token that is about to be written: the message is visible just before it. A try takes a third of a
/// microsecond, which is far less than sleeping and being woken.
fn take_token_soon(tokens: &PipeReader) -> io::Result<Token> {
    const TRIES: u32 = 64;
    for _ in 0..TRIES {
        let token = take(tokens)?;
        if token != Token::None {
            return Ok(token);
        }
        std::hint::spin_loop();
    }
    Ok(Token::None)
}

/// Takes a token, if there is one.
fn take(mut tokens: &PipeReader) -> io::Result<Token> {
    loop {
        match tokens.read(&mut [0]) {
            Ok(0) => return Ok(Token::Eof),
            Ok(_) => return Ok(Token::One),
            Err(error) => match error.kind() {
                io::ErrorKind::WouldBlock => return Ok(Token::None),
                io::ErrorKind::Interrupted => {}
                _ => return Err(error),
            },
        }
    }
}

/// Creates a pipe for tokens: taking one never blocks.
pub(super) fn token_pipe() -> io::Result<(PipeReader, PipeWriter)> {
    let (reader, writer) = io::pipe()?;
    // SAFETY: the descriptor is open and this object's own; the flag affects this end alone.
    match unsafe { libc::fcntl(reader.as_raw_fd(), libc::F_SETFL, libc::O_NONBLOCK) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok((reader, writer)),
    }
}

/// Replaces `fd` by an end that is closed for ever, so that its number stays taken: another thread may be about to use
/// it. If there is no descriptor for this, `fd` stays open until it is dropped.
pub(super) fn replace_with_closed_pipe(fd: BorrowedFd<'_>) {
    // A write end without a reader; reading from it is an error too.
    if let Ok((_, closed)) = io::pipe() {
        // SAFETY: both descriptors are open, and the second stays its owner's.
        unsafe { libc::dup2(closed.as_raw_fd(), fd.as_raw_fd()) };
    }
}
