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
//! - Threads and processes may use one end together: a message is sent and taken whole. In Python that may
//!   damage the messages.
//! - A process that is killed in the middle of a message damages its direction of the pipe. The next `recv` or `send`
//!   there says so.
//!
//! What is as in Python: a process inherits all ends that its parent has when it starts, and the messages end for a
//! reader when every process has closed its copy of the other end. A child that reads to the end takes a clone of the
//! parent's end along and closes it, as in the example of [`Connection::close`].

mod way;

use std::fmt;
use std::io;
use std::marker::PhantomData;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use self::way::{Way, Ways};
use crate::ipc::Item;
use crate::ipc::item::{decode, encode, with_buffer};
use crate::os;

#[cfg(test)]
mod tests;

/// Makes pipes: Python's `multiprocessing.Pipe`.
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
    socket: Arc<Socket>,
    /// The two directions, in memory that all processes share.
    ways: Arc<Ways>,
    /// Which of the two ends this is.
    end: End,
    readable: bool,
    writable: bool,
    item: PhantomData<fn(T) -> T>,
}

struct Socket {
    stream: UnixStream,
    closed: AtomicBool,
}

#[derive(Clone, Copy)]
enum End {
    First,
    Second,
}

impl Pipe {
    /// Two ends; what is sent into one comes out of the other.
    ///
    /// # Panics
    /// If the system gives no more descriptors or memory.
    #[expect(
        clippy::new_ret_no_self,
        reason = "a pipe is its two ends, as in Python"
    )]
    pub fn new<T: Item>() -> (Connection<T>, Connection<T>) {
        connect(true)
    }

    /// An end that only receives, and one that only sends.
    ///
    /// # Panics
    /// If the system gives no more descriptors or memory.
    pub fn one_way<T: Item>() -> (Connection<T>, Connection<T>) {
        connect(false)
    }
}

fn connect<T: Item>(duplex: bool) -> (Connection<T>, Connection<T>) {
    let (ways, sockets) = Ways::new()
        .and_then(|ways| Ok((Arc::new(ways), UnixStream::pair()?)))
        .unwrap_or_else(|error| panic!("the system has no room for a Pipe: {error}"));
    let connection = |stream, end, readable, writable| Connection {
        socket: Arc::new(Socket {
            stream,
            closed: AtomicBool::new(false),
        }),
        ways: Arc::clone(&ways),
        end,
        readable,
        writable,
        item: PhantomData,
    };
    (
        connection(sockets.0, End::First, true, duplex),
        connection(sockets.1, End::Second, duplex, true),
    )
}

impl<T: Item> Connection<T> {
    /// Sends a value. Waits while the pipe is full (some 200 KiB).
    ///
    /// # Errors
    /// `BrokenPipe`: the other end is closed everywhere. `connection is read-only`, for the first end of a one-way pipe. `InvalidData`:
    /// the type's `Serialize` fails. `Other`: a process was killed in the middle of a `send` here before.
    pub fn send(&self, value: &T) -> io::Result<()> {
        self.check(self.writable, "connection is read-only")?;
        with_buffer(|frame| {
            way::begin_frame(frame);
            encode(value, frame)?;
            way::end_frame(frame);
            self.outbound().send(&self.socket.stream, frame)
        })
    }

    /// Waits for a value.
    ///
    /// # Errors
    /// `UnexpectedEof`: nothing is left, and the other end is closed everywhere. `connection is write-only`, for the second end of
    /// a one-way pipe. `InvalidData`: the type's `Deserialize` fails. `Other`: a process was killed in the middle of a message.
    pub fn recv(&self) -> io::Result<T> {
        self.check(self.readable, "connection is write-only")?;
        with_buffer(|message| {
            self.inbound().recv(&self.socket.stream, message)?;
            decode(message)
        })
    }

    /// Whether something can be received (or the other end is closed, which `recv` then says), after waiting at most `timeout`.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn poll(&self, timeout: Duration) -> io::Result<bool> {
        self.check(self.readable, "connection is write-only")?;
        // A time too far away to be written down is no limit.
        let deadline = Instant::now().checked_add(timeout);
        Ok(os::wait_readable_until(
            self.socket.stream.as_fd(),
            deadline,
        ))
    }

    /// Waits until something can be received, without a limit: Python's `poll(None)`.
    ///
    /// # Errors
    /// `connection is write-only`.
    pub fn wait(&self) -> io::Result<()> {
        self.check(self.readable, "connection is write-only")?;
        os::wait_readable_until(self.socket.stream.as_fd(), None);
        Ok(())
    }

    /// Closes this process's copy of the end, for all its clones here. To close a closed one does nothing.
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
        if !self.socket.closed.swap(true, Ordering::SeqCst) {
            // Another thread may be about to use the descriptor, so its number must not become another file's yet.
            // If there is no descriptor for this, the end stays open until it is dropped.
            if let Ok(nothing) = std::fs::File::open("/dev/null") {
                // SAFETY: both descriptors are open, and the second stays `stream`'s.
                unsafe { libc::dup2(nothing.as_raw_fd(), self.socket.stream.as_raw_fd()) };
            }
        }
    }

    /// Whether [`recv`](Self::recv) works here.
    pub fn readable(&self) -> bool {
        self.readable
    }

    /// Whether [`send`](Self::send) works here.
    pub fn writable(&self) -> bool {
        self.writable
    }

    fn check(&self, allowed: bool, otherwise: &'static str) -> io::Result<()> {
        if self.socket.closed.load(Ordering::SeqCst) {
            return Err(io::Error::new(
                io::ErrorKind::NotConnected,
                "handle is closed",
            ));
        }
        match allowed {
            true => Ok(()),
            false => Err(io::Error::new(io::ErrorKind::Unsupported, otherwise)),
        }
    }

    fn outbound(&self) -> &Way {
        match self.end {
            End::First => self.ways.of_first(),
            End::Second => self.ways.of_second(),
        }
    }

    fn inbound(&self) -> &Way {
        match self.end {
            End::First => self.ways.of_second(),
            End::Second => self.ways.of_first(),
        }
    }
}

impl<T: Item> Clone for Connection<T> {
    fn clone(&self) -> Self {
        Self {
            socket: Arc::clone(&self.socket),
            ways: Arc::clone(&self.ways),
            item: PhantomData,
            ..*self
        }
    }
}

/// For use with `poll` and the like.
impl<T: Item> AsFd for Connection<T> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.socket.stream.as_fd()
    }
}

impl<T: Item> fmt::Debug for Connection<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match (self.readable, self.writable) {
            (true, true) => "",
            (true, false) => " read-only",
            _ => " write-only",
        };
        write!(f, "<Connection{what}>")
    }
}
