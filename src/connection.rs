//! Pipes between two processes.
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `a, b = Pipe()` | `let (a, b) = Pipe::new();` |
//! | `r, w = Pipe(duplex=False)` | `let (r, w) = Pipe::one_way();` |
//! | `a.send(x)`, `b.recv()` | `a.send(&x)?`, `b.recv()?` |
//! | `b.poll()`, `b.poll(1)`, `b.poll(None)` | `b.poll(Duration::ZERO)?`, `b.poll(second)?`, `b.wait()?` |
//! | `recv` raises `EOFError` | an error of kind `UnexpectedEof` |
//! | `send` raises `BrokenPipeError` | an error of kind `BrokenPipe` |
//! | `a.close()` | `a.close()`, or the last clone of `a` is dropped |
//!
//! What differs, and why:
//!
//! - A connection that is moved into a [`Process`](crate::prelude::Process) is closed in the parent by `start`, so the
//!   parent sees the end of the messages without a `close` of its own.
//! - Threads and processes may share one end: a message is sent and received whole. In Python this may corrupt
//!   messages.
//! - A process that is killed in the middle of a message loses that message. `recv` says so if a part of it had
//!   arrived, and the pipe goes on.
//!
//! As in Python, a process inherits all ends that its parent has when it starts, and a reader sees the end of the
//! messages when every process has closed its copy of the other end. A child that reads to the end takes a clone of the
//! parent's end along and closes it, as in the example of [`Connection::close`].

mod direction;
mod endpoint;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, BorrowedFd};
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

use self::endpoint::{Endpoint, new_direction};
use crate::ipc::Item;
use crate::ipc::item::{bytes_of, take_value, with_buffer};
use crate::notebook::watched;

#[cfg(test)]
mod tests;

/// Creates pipes: Python's `multiprocessing.Pipe`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let (parent, child) = Pipe::new();
/// let mut p = Process::new(move || {
///     let name: String = child.recv().unwrap();
///     child.send(&format!("hello {name}")).unwrap();
/// });
/// p.start()?;
/// parent.send(&"world".to_string())?;
/// assert_eq!(parent.recv()?, "hello world");
/// assert_eq!(parent.recv().unwrap_err().kind(), std::io::ErrorKind::UnexpectedEof);
/// p.join()?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Pipe;

/// One end of a [`Pipe`].
///
/// Both ends carry values of one type; an `enum` carries several kinds. A clone is the same end.
pub struct Connection<T: Item> {
    endpoint: Arc<Endpoint>,
    item: PhantomData<fn(T) -> T>,
}

impl Pipe {
    /// Creates two ends; what is sent into one comes out of the other.
    ///
    /// # Panics
    /// If the system has no descriptors or memory left.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a pipe is its two ends, as in Python"
    )]
    pub fn new<T: Item>() -> (Connection<T>, Connection<T>) {
        connect(true)
    }

    /// Creates an end that only receives, and one that only sends.
    ///
    /// # Panics
    /// If the system has no descriptors or memory left.
    pub fn one_way<T: Item>() -> (Connection<T>, Connection<T>) {
        connect(false)
    }
}

fn connect<T: Item>(duplex: bool) -> (Connection<T>, Connection<T>) {
    let connection = |receiver, sender| Connection {
        endpoint: Arc::new(Endpoint::new(receiver, sender)),
        item: PhantomData,
    };
    new_direction()
        .and_then(|(receiver, sender)| {
            let back = match duplex {
                true => Some(new_direction()?),
                false => None,
            };
            let (back_receiver, back_sender) = back.unzip();
            let first = connection(Some(receiver), back_sender);
            Ok((first, connection(back_receiver, Some(sender))))
        })
        .unwrap_or_else(|error| panic!("cannot create a Pipe: {error}"))
}

impl<T: Item> Connection<T> {
    /// Sends a value. Blocks while the pipe is full (256 KiB).
    ///
    /// # Errors
    /// `BrokenPipe`: the other end is closed everywhere. `connection is read-only`, for the first end of a one-way
    /// pipe. `InvalidData`: the type's `Serialize` fails.
    #[track_caller]
    pub fn send(&self, value: &T) -> io::Result<()> {
        let place = Location::caller();
        let sender = self.endpoint.sender()?;
        with_buffer(|buffer| {
            let message = bytes_of(value, buffer)?;
            watched::send(sender.identity(), place, || sender.send(message))
        })
        .map_err(|error| self.endpoint.error(error))
    }

    /// Receives a value. Blocks until there is one.
    ///
    /// # Errors
    /// `UnexpectedEof`: nothing is left, and the other end is closed everywhere. `connection is write-only`, for the
    /// second end of a one-way pipe. `InvalidData`: the type's `Deserialize` fails. `Other`: the process that sent the
    /// message was killed in the middle of it.
    #[track_caller]
    pub fn recv(&self) -> io::Result<T> {
        let place = Location::caller();
        let receiver = self.endpoint.receiver()?;
        with_buffer(|message| {
            watched::receive(receiver.identity(), place, || receiver.recv(message))?;
            take_value(message)
        })
        .map_err(|error| self.endpoint.error(error))
    }

    /// Waits for at most `timeout`. Returns whether something can be received, or the other end is closed, which `recv`
    /// then reports.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn poll(&self, timeout: Duration) -> io::Result<bool> {
        let receiver = self.endpoint.receiver()?;
        // A time beyond what the clock can represent is no limit.
        let deadline = Instant::now().checked_add(timeout);
        Ok(receiver.poll(deadline))
    }

    /// Blocks until something can be received, without a limit: Python's `poll(None)`.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn wait(&self) -> io::Result<()> {
        let receiver = self.endpoint.receiver()?;
        receiver.poll(None);
        Ok(())
    }

    /// Closes this process's copy of the end, for all its clones here. Closing a closed one does nothing.
    ///
    /// ```
    /// use threadbook::prelude::*;
    ///
    /// let (parent, child) = Pipe::new();
    /// let parents_end = parent.clone();
    /// let mut p = Process::new(move || {
    ///     parents_end.close();
    ///     while let Ok(n) = child.recv() {
    ///         println!("got {n}");
    ///     }
    /// });
    /// p.start()?;
    /// parent.send(&1)?;
    /// parent.close();
    /// p.join()?;
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn close(&self) {
        self.endpoint.close();
    }

    /// Returns whether [`recv`](Self::recv) works here.
    pub fn readable(&self) -> bool {
        self.endpoint.receives()
    }

    /// Returns whether [`send`](Self::send) works here.
    pub fn writable(&self) -> bool {
        self.endpoint.sends()
    }
}

impl<T: Item> Clone for Connection<T> {
    fn clone(&self) -> Self {
        Self {
            endpoint: Arc::clone(&self.endpoint),
            item: PhantomData,
        }
    }
}

/// For `poll` and the like: readable while something can be received, or the other end is closed. Do not read from it.
///
/// For an end that only sends, an error condition reports that the other end is closed.
impl<T: Item> AsFd for Connection<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.endpoint.descriptor()
    }
}

impl<T: Item> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (self.readable(), self.writable()) {
            (true, true) => "",
            (true, false) => " read-only",
            _ => " write-only",
        };
        write!(f, "<Connection{what}>")
    }
}
