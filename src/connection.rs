//! Pipes between two processes, and connections between programs: Python's `multiprocessing.connection`.
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `a, b = Pipe()` | `let (a, b) = Pipe::new();` |
//! | `r, w = Pipe(duplex=False)` | `let (r, w) = Pipe::one_way();` |
//! | `a.send(x)`, `b.recv()` | `a.send(&x)?`, `b.recv()?` |
//! | `b.poll()`, `b.poll(1)`, `b.poll(None)` | `b.poll(Duration::ZERO)?`, `b.poll(second)?`, `b.wait()?` |
//! | `recv` raises `EOFError` | an error of kind `UnexpectedEof` |
//! | `send` raises `BrokenPipeError` | an error of kind `BrokenPipe` |
//! | `a.close()`, `a.fileno()` | `a.close()`, or the last clone of `a` is dropped; `a.fileno()` |
//! | `a.send_bytes(b"x")`, `b.recv_bytes()`, `b.recv_bytes_into(buffer)` | the same, with `?` |
//! | `wait([a, b, p.sentinel], timeout=1)` | `connection::wait(&[&a, &b, &p], Some(second))?`, the indices of those that are ready |
//! | `Listener(("localhost", 6000), authkey=b"key")` | `Listener::bind(("localhost", 6000))?.authkey(b"key")` |
//! | `Listener("/tmp/socket")`, `Listener()` | `Listener::bind("/tmp/socket")?`, `Listener::new()?` |
//! | `listener.accept()`, `listener.address`, `listener.last_accepted` | `listener.accept::<T>()?`, `listener.address()`, `listener.last_accepted()` |
//! | `Client(address)`, `Client(address, authkey=b"key")` | `Client::connect::<T>(address)?`, `Client::connect_with_key::<T>(address, b"key")?` |
//! | AuthenticationError, BufferTooShort | [`AuthenticationError`], [`BufferTooShort`], within an [`io::Error`] |
//!
//! What differs, and why:
//!
//! - A connection that is moved into a [`Process`](crate::prelude::Process) is closed in the parent by `start`, so the
//!   parent sees the end of the messages without a `close` of its own.
//! - Threads and processes may share one end: a message is sent and received whole. In Python this may corrupt
//!   messages.
//! - Where there is a key, both sides demand HMAC with SHA-256, as Python does since 3.12, and never accept MD5. A client
//!   that connects and sends nothing is refused after 20 s; in Python it blocks the listener for ever.
//! - What arrives is data of one type, decoded by serde. In Python it is a pickle, which may run any code, so that even
//!   who has the key must be trusted.
//! - A process that is killed in the middle of a message loses that message. `recv` says so if a part of it had
//!   arrived, and the pipe goes on.
//!
//! As in Python, a process inherits all ends that its parent has when it starts, and a reader sees the end of the
//! messages when every process has closed its copy of the other end. A child that reads to the end takes a clone of the
//! parent's end along and closes it, as in the example of [`Connection::close`].

mod address;
mod authentication;
mod direction;
mod end;
mod endpoint;
mod listener;
mod socket;
mod wait;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, RawFd};
use std::panic::Location;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub use self::address::Address;
pub use self::authentication::AuthenticationError;
use self::end::End;
use self::endpoint::{Endpoint, new_direction};
pub use self::listener::{Client, Listener};
use self::socket::SocketEnd;
pub use self::wait::{Waitable, wait};
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

/// One end of a [`Pipe`], or of a connection between a [`Client`] and a [`Listener`].
///
/// Both ends carry values of one type; an `enum` carries several kinds. A clone is the same end.
pub struct Connection<T: Item> {
    end: Arc<End>,
    item: PhantomData<fn(T) -> T>,
}

/// A message is longer than the buffer of [`recv_bytes_into`](Connection::recv_bytes_into): Python's
/// `multiprocessing.BufferTooShort`. It is within an [`io::Error`] of kind `InvalidInput`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BufferTooShort {
    /// The whole message, which is not lost.
    pub message: Vec<u8>,
}

impl fmt::Display for BufferTooShort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the buffer is too short for {} bytes",
            self.message.len()
        )
    }
}

impl std::error::Error for BufferTooShort {}

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
        end: Arc::new(End::Pipe(Endpoint::new(receiver, sender))),
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
        with_buffer(|buffer| {
            let message = bytes_of(value, buffer)?;
            let send = || self.end.send(message);
            watched::send(self.end.sending_identity(), place, send)
        })
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
        with_buffer(|message| {
            let receive = || self.end.recv(message);
            watched::receive(self.end.receiving_identity(), place, receive)?;
            take_value(message)
        })
    }

    /// Sends bytes as they are. The other end receives them with [`recv_bytes`](Self::recv_bytes), or as a value if
    /// `T` is `Vec<u8>`.
    ///
    /// # Errors
    /// As of [`send`](Self::send).
    pub fn send_bytes(&self, bytes: &[u8]) -> io::Result<()> {
        self.end.send(bytes)
    }

    /// Receives the bytes of a message: those that `send_bytes` or a Python program has sent, or a value in serialized
    /// form.
    ///
    /// # Errors
    /// As of [`recv`](Self::recv).
    pub fn recv_bytes(&self) -> io::Result<Vec<u8>> {
        let mut message = Vec::new();
        self.end.recv(&mut message)?;
        Ok(message)
    }

    /// As [`recv_bytes`](Self::recv_bytes), into the beginning of `buffer`. Returns the number of bytes.
    ///
    /// # Errors
    /// [`BufferTooShort`], of kind `InvalidInput`, with the whole message; those of [`recv`](Self::recv).
    pub fn recv_bytes_into(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let message = self.recv_bytes()?;
        match buffer.get_mut(..message.len()) {
            Some(part) => part.copy_from_slice(&message),
            None => {
                let error = BufferTooShort { message };
                return Err(io::Error::new(io::ErrorKind::InvalidInput, error));
            }
        }
        Ok(message.len())
    }

    /// Waits for at most `timeout`. Returns whether something can be received, or the other end is closed, which `recv`
    /// then reports.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn poll(&self, timeout: Duration) -> io::Result<bool> {
        // A time beyond what the clock can represent is no limit.
        self.end.poll(Instant::now().checked_add(timeout))
    }

    /// Blocks until something can be received, without a limit: Python's `poll(None)`.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn wait(&self) -> io::Result<()> {
        self.end.poll(None).map(drop)
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
        self.end.close();
    }

    /// Returns the number of the descriptor, for `poll` and the like: readable while something can be received, or the
    /// other end is closed. Do not read from it. Rust code borrows it with `as_fd`, which cannot outlive the connection.
    pub fn fileno(&self) -> RawFd {
        self.end.as_fd().as_raw_fd()
    }

    /// Returns whether [`recv`](Self::recv) works here.
    pub fn readable(&self) -> bool {
        self.end.receives()
    }

    /// Returns whether [`send`](Self::send) works here.
    pub fn writable(&self) -> bool {
        self.end.sends()
    }
}

impl<T: Item> Connection<T> {
    fn of_socket(socket: SocketEnd) -> Self {
        Self {
            end: Arc::new(End::Socket(socket)),
            item: PhantomData,
        }
    }
}

impl<T: Item> Clone for Connection<T> {
    fn clone(&self) -> Self {
        Self {
            end: Arc::clone(&self.end),
            item: PhantomData,
        }
    }
}

/// For `poll` and the like: readable while something can be received, or the other end is closed. Do not read from it.
///
/// For an end that only sends, an error condition reports that the other end is closed.
impl<T: Item> AsFd for Connection<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.end.as_fd()
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
