//! The connection between a thread of a client and the server: frames through two pipes of the system, which are faster
//! than a socket. The socket to which a client connects only passes their descriptors.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::endpoint;
use crate::ipc::adaptive_spin::AdaptiveSpin;
use crate::notebook::{Blocked, BlockedOn};
use crate::os;

/// One end.
pub(super) struct Transport {
    reader: PipeReader,
    writer: PipeWriter,
}

/// A check is a system call, so two hundred take about 50 µs.
static SPIN: AdaptiveSpin = AdaptiveSpin::new(200);

/// Bytes to read at once. Each side waits for the other's answer before it sends more, so a read may ask for more than
/// a frame: there is no more.
const READ_SIZE: usize = 4096;

impl Transport {
    /// Connects the client's end. Waits for the server for at most `limit` (None: no limit).
    pub(super) fn connect(server: &str, limit: Option<Duration>) -> io::Result<Self> {
        let socket = endpoint::connect(server)?;
        let deadline = limit.and_then(|limit| Instant::now().checked_add(limit));
        if !os::wait_readable_until(socket.as_fd(), deadline) {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let [reader, writer] = os::recv_fds(&socket)?;
        Ok(Self {
            reader: reader.into(),
            writer: writer.into(),
        })
    }

    /// Creates the server's end of a connection to the client at the other end of `socket`.
    pub(super) fn to_client(socket: &UnixStream) -> io::Result<Self> {
        let (reader, clients_writer) = io::pipe()?;
        let (clients_reader, writer) = io::pipe()?;
        os::send_fds(socket, [clients_reader.as_fd(), clients_writer.as_fd()])?;
        Ok(Self { reader, writer })
    }

    /// Sends a frame, which begins with its length in 8 bytes.
    pub(super) fn send(&mut self, frame: &[u8]) -> io::Result<()> {
        self.writer.write_all(frame)
    }

    /// Blocks until a frame arrives, and reads it into `buffer`. `UnexpectedEof`: the other side has gone.
    pub(super) fn receive<'a>(&mut self, buffer: &'a mut Vec<u8>) -> io::Result<&'a [u8]> {
        if buffer.len() != READ_SIZE {
            // The first time, and after a large frame.
            *buffer = vec![0; READ_SIZE];
        }
        let mut filled = 0;
        let mut length = READ_SIZE;
        // If nothing arrives soon, `read` blocks.
        let soon = SPIN.spin_until(|| os::is_readable(self.reader.as_fd()));
        let _blocked = (!soon).then(|| Blocked::on(BlockedOn::Receive, false));
        loop {
            if let Some(prefix) = buffer[..filled].first_chunk::<8>() {
                length = u64::from_le_bytes(*prefix) as usize;
                if buffer.len() < length {
                    buffer.resize(length, 0);
                }
            }
            if filled >= length {
                break;
            }
            match self.reader.read(&mut buffer[filled..]) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(&buffer[..length])
    }

    /// Returns whether the other side has exited.
    pub(super) fn peer_exited(&self) -> bool {
        os::has_no_reader(self.writer.as_fd())
    }

    #[cfg(test)]
    pub(super) fn pair() -> (Self, Self) {
        let ((a, to_a), (b, to_b)) = (io::pipe().unwrap(), io::pipe().unwrap());
        let end = |reader, writer| Self { reader, writer };
        (end(a, to_b), end(b, to_a))
    }
}
