//! One end of a connection, whatever is behind it.

use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::time::Instant;

use super::endpoint::{Endpoint, Receiver, Sender};
use super::socket::SocketEnd;

/// One end: of a pipe between processes of this program, or of a socket.
pub(super) enum End {
    Pipe(Endpoint),
    Socket(SocketEnd),
}

impl End {
    pub(super) fn send(&self, message: &[u8]) -> io::Result<()> {
        match self {
            Self::Pipe(pipe) => pipe
                .sender()?
                .send(message)
                .map_err(|error| pipe.error(error)),
            Self::Socket(socket) => socket.send(message),
        }
    }

    pub(super) fn recv(&self, message: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Pipe(pipe) => pipe
                .receiver()?
                .recv(message)
                .map_err(|error| pipe.error(error)),
            Self::Socket(socket) => socket.recv(message, usize::MAX, None),
        }
    }

    /// By which a watched cell knows what is sent here; none for a socket, whose other end may be anywhere.
    pub(super) fn sending_identity(&self) -> Option<usize> {
        match self {
            Self::Pipe(pipe) => pipe.sender.as_ref().map(Sender::identity),
            Self::Socket(_) => None,
        }
    }

    /// Likewise, of what is received.
    pub(super) fn receiving_identity(&self) -> Option<usize> {
        match self {
            Self::Pipe(pipe) => pipe.receiver.as_ref().map(Receiver::identity),
            Self::Socket(_) => None,
        }
    }

    /// Blocks until something can be received, or until the deadline (None: no limit).
    pub(super) fn poll(&self, deadline: Option<Instant>) -> io::Result<bool> {
        match self {
            Self::Pipe(pipe) => Ok(pipe.receiver()?.poll(deadline)),
            Self::Socket(socket) => socket.poll(deadline),
        }
    }

    pub(super) fn close(&self) {
        match self {
            Self::Pipe(pipe) => pipe.close(),
            Self::Socket(socket) => socket.close(),
        }
    }

    pub(super) fn receives(&self) -> bool {
        match self {
            Self::Pipe(pipe) => pipe.receives(),
            Self::Socket(_) => true,
        }
    }

    pub(super) fn sends(&self) -> bool {
        match self {
            Self::Pipe(pipe) => pipe.sends(),
            Self::Socket(_) => true,
        }
    }
}

impl AsFd for End {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match self {
            Self::Pipe(pipe) => pipe.descriptor(),
            Self::Socket(socket) => socket.as_fd(),
        }
    }
}
