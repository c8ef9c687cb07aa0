//! An end that is a socket: messages as CPython frames them.
//!
//! A message is its length in four bytes, the highest first, and then its bytes. From 2 GiB on the four bytes are -1,
//! and the length follows in eight.
//!
//! The kernel sees a wait for a socket by itself. It is not told of it as of other waits: who is at the other end may be
//! outside the notebook, so such a wait never proves a deadlock.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use super::direction::replace_with_closed_pipe;
use crate::ipc::fork_local::ForkLocal;
use crate::os;
use crate::sync::lock;

pub(super) struct SocketEnd {
    stream: Stream,
    /// Held for a whole message, so that threads can share the end. Processes that share it take turns by themselves.
    reading: ForkLocal<Mutex<()>>,
    writing: ForkLocal<Mutex<()>>,
    closed: AtomicBool,
}

pub(super) enum Stream {
    Unix(UnixStream),
    Tcp(TcpStream),
}

/// Messages from this length on are sent without a copy behind their header.
const COPY_LIMIT: usize = 16 * 1024;

/// How much room is made at a time for a message that is announced: the announcement may be wrong.
const READ_SIZE: usize = 1 << 20;

impl SocketEnd {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            reading: ForkLocal::new(),
            writing: ForkLocal::new(),
            closed: AtomicBool::new(false),
        }
    }

    pub(super) fn send(&self, message: &[u8]) -> io::Result<()> {
        self.check()?;
        let mut header = [0; 12];
        let header = match i32::try_from(message.len()) {
            Ok(length) => {
                header[..4].copy_from_slice(&length.to_be_bytes());
                &header[..4]
            }
            Err(_) => {
                header[..4].copy_from_slice(&(-1_i32).to_be_bytes());
                header[4..].copy_from_slice(&(message.len() as u64).to_be_bytes());
                &header
            }
        };
        let _whole = lock(self.writing.get());
        let sent = match message.len() < COPY_LIMIT {
            true => self.write_all(&[header, message].concat()),
            false => self
                .write_all(header)
                .and_then(|()| self.write_all(message)),
        };
        sent.map_err(|error| self.check().err().unwrap_or(error))
    }

    /// Receives a message of at most `most` bytes. A longer one, or the end in the middle of one, leaves the connection
    /// without use.
    pub(super) fn recv(
        &self,
        message: &mut Vec<u8>,
        most: usize,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        self.check()?;
        let _whole = lock(self.reading.get());
        self.recv_locked(message, most, deadline)
            .map_err(|error| self.check().err().unwrap_or(error))
    }

    fn recv_locked(
        &self,
        message: &mut Vec<u8>,
        most: usize,
        deadline: Option<Instant>,
    ) -> io::Result<()> {
        let mut short = [0; 4];
        self.read_exact(&mut short, deadline, true)?;
        let length = match i32::from_be_bytes(short) {
            -1 => {
                let mut long = [0; 8];
                self.read_exact(&mut long, deadline, false)?;
                u64::from_be_bytes(long)
            }
            length => u64::try_from(length).map_err(|_| invalid("bad message length"))?,
        };
        let length = usize::try_from(length).unwrap_or(usize::MAX);
        if length > most {
            return Err(invalid("bad message length"));
        }
        message.clear();
        while message.len() < length {
            let start = message.len();
            message.resize(length.min(start + READ_SIZE), 0);
            self.read_exact(&mut message[start..], deadline, false)?;
        }
        Ok(())
    }

    pub(super) fn poll(&self, deadline: Option<Instant>) -> io::Result<bool> {
        self.check()?;
        Ok(os::wait_readable_until(self.as_fd(), deadline))
    }

    pub(super) fn close(&self) {
        if !self.closed.swap(true, Ordering::SeqCst) {
            replace_with_closed_pipe(self.as_fd());
        }
    }

    /// `is_first`: the end may come here, between two messages.
    fn read_exact(
        &self,
        mut rest: &mut [u8],
        deadline: Option<Instant>,
        is_first: bool,
    ) -> io::Result<()> {
        let length = rest.len();
        while !rest.is_empty() {
            if deadline.is_some() && !os::wait_readable_until(self.as_fd(), deadline) {
                return Err(io::ErrorKind::TimedOut.into());
            }
            match self.stream.read(rest) {
                Ok(0) => {
                    let what = match is_first && rest.len() == length {
                        true => "the other end is closed and nothing is left to receive",
                        false => "got end of file during message",
                    };
                    return Err(io::Error::new(io::ErrorKind::UnexpectedEof, what));
                }
                Ok(count) => rest = &mut rest[count..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        match &self.stream {
            Stream::Unix(stream) => (&*stream).write_all(bytes),
            Stream::Tcp(stream) => (&*stream).write_all(bytes),
        }
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
}

impl Stream {
    fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Unix(stream) => (&*stream).read(buffer),
            Self::Tcp(stream) => (&*stream).read(buffer),
        }
    }
}

impl AsFd for SocketEnd {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.stream {
            Stream::Unix(stream) => stream.as_fd(),
            Stream::Tcp(stream) => stream.as_fd(),
        }
    }
}

fn invalid(message: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, message)
}
