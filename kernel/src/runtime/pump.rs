//! The thread that carries what cells write to the kernel, and control lines to evcxr.

use super::control::{LEFT_BY_ERROR, Piece, Splitter};
use super::order;
use super::plumbing::{Plumbing, Private};
use crate::ipc::{RuntimeReply, RuntimeRequest, Stream, read_frame, write_frame};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd, RawFd};
use std::os::unix::net::UnixStream;

/// The thread's other end, for the thread that runs the cells.
pub struct Pump {
    orders: Sender<Order>,
    bell: PipeWriter,
    private: Vec<Private>,
    /// The descriptors that the thread owns.
    owned: Vec<RawFd>,
}

enum Order {
    Send(RuntimeReply),
    /// Carry all that was written up to now, then answer.
    Drain(Sender<()>),
}

/// How long text is held back that could become a control line, in milliseconds.
const PATIENCE: libc::c_int = 20;

impl Pump {
    pub fn start(plumbing: &Plumbing, kernel: UnixStream) -> Result<Pump> {
        let (orders, inbox) = unbounded();
        let (ring, bell) = io::pipe()?;
        let mut carrier = Carrier {
            stdout: plumbing.stdout.try_clone()?,
            stderr: plumbing.stderr.try_clone()?,
            evcxr: plumbing.replies.try_clone()?,
            kernel,
            inbox,
            ring,
            splitter: Splitter::default(),
        };
        let files = carrier.files();
        let private = files
            .iter()
            .map(Private::keep)
            .chain([Private::keep(&bell)])
            .collect();
        let owned = files.iter().map(AsRawFd::as_raw_fd).collect();
        std::thread::Builder::new()
            .name("threadbook-output".to_owned())
            .spawn(move || {
                // Without a kernel or evcxr there is nobody to run cells for.
                if let Err(error) = carrier.carry() {
                    tracing::debug!("output: {error:#}");
                }
                // SAFETY: ends this process, a cell in hand and all that it started: the group
                // that this process leads.
                unsafe { libc::kill(0, libc::SIGKILL) };
            })
            .context("cannot start the output thread")?;
        Ok(Pump {
            orders,
            bell,
            private,
            owned,
        })
    }

    /// Sends a frame in order with the output before it.
    pub fn send(&self, reply: RuntimeReply) {
        self.order(Order::Send(reply));
    }

    /// Waits until everything that was written has been handed over.
    pub fn drain(&self) {
        let (done, wait) = bounded(1);
        self.order(Order::Drain(done));
        // An error means that the thread has ended, and with it the process.
        let _ = wait.recv();
    }

    /// To be called in a copy of the process, which does not have the thread: closes what the
    /// thread owned.
    pub fn leave_behind(self) {
        drop(self.private);
        for fd in self.owned {
            // SAFETY: the owner is on the stack of a thread that this process does not have.
            unsafe { libc::close(fd) };
        }
        // The channel may have been in use by the other thread at the time of the fork.
        std::mem::forget(self.orders);
    }

    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
        let _ = (&self.bell).write_all(&[1]);
    }
}

struct Carrier {
    stdout: PipeReader,
    stderr: PipeReader,
    evcxr: File,
    kernel: UnixStream,
    inbox: Receiver<Order>,
    /// Readable when an order came in.
    ring: PipeReader,
    splitter: Splitter,
}

impl Carrier {
    fn files(&self) -> [std::os::fd::BorrowedFd<'_>; 5] {
        [
            self.stdout.as_fd(),
            self.stderr.as_fd(),
            self.ring.as_fd(),
            self.kernel.as_fd(),
            self.evcxr.as_fd(),
        ]
    }

    fn carry(&mut self) -> Result<()> {
        loop {
            let Ready {
                stdout,
                stderr,
                ring,
                kernel,
            } = self.wait()?;
            if stdout {
                self.read(Stream::Stdout, usize::MAX)?;
            }
            if stderr {
                self.read(Stream::Stderr, usize::MAX)?;
            }
            if !stdout && !stderr {
                let piece = self.splitter.give_up_waiting();
                self.hand_out(piece)?;
            }
            if ring {
                self.obey()?;
            }
            if kernel {
                match read_frame(&mut self.kernel)? {
                    Some(RuntimeRequest::Sync) => self.drain()?,
                    None => return Ok(()),
                }
                write_frame(&mut self.kernel, &RuntimeReply::Synced)?;
            }
        }
    }

    /// Waits for something to do.
    fn wait(&self) -> io::Result<Ready> {
        let [stdout, stderr, ring, kernel, _] = self.files();
        let mut polled = [stdout, stderr, ring, kernel].map(|file| libc::pollfd {
            fd: file.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        });
        let timeout = if self.splitter.is_waiting() {
            PATIENCE
        } else {
            -1
        };
        // SAFETY: `poll` gets an array of live descriptors and its length.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as _, timeout) };
        if ready < 0 && io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            return Err(io::Error::last_os_error());
        }
        let [stdout, stderr, ring, kernel] = polled.map(|file| ready > 0 && file.revents != 0);
        Ok(Ready {
            stdout,
            stderr,
            ring,
            kernel,
        })
    }

    fn obey(&mut self) -> Result<()> {
        self.ring.read_exact(&mut [0])?;
        match self.inbox.recv()? {
            Order::Send(reply) => {
                self.drain()?;
                write_frame(&mut self.kernel, &reply)?;
            }
            Order::Drain(done) => {
                self.drain()?;
                // The other thread waits for this.
                let _ = done.send(());
            }
        }
        Ok(())
    }

    /// Carries what is in the pipes now, and all that was held back.
    fn drain(&mut self) -> Result<()> {
        for stream in [Stream::Stdout, Stream::Stderr] {
            // A process may go on writing; only what is there already counts.
            let mut left = unread(self.pipe(stream));
            while left > 0 {
                left = left.saturating_sub(self.read(stream, left)?);
            }
        }
        let pieces = self.splitter.finish();
        self.hand_out(pieces)
    }

    fn pipe(&self, stream: Stream) -> &PipeReader {
        match stream {
            Stream::Stdout => &self.stdout,
            Stream::Stderr => &self.stderr,
        }
    }

    /// Reads once; how many bytes, at most `limit`.
    fn read(&mut self, stream: Stream, limit: usize) -> Result<usize> {
        let mut buffer = [0; 64 * 1024];
        let most = limit.min(buffer.len());
        let length = self.pipe(stream).read(&mut buffer[..most])?;
        let bytes = &buffer[..length];
        match stream {
            Stream::Stdout => {
                // evcxr writes each of its lines in one piece, so it can only have been cut by
                // the end of the buffer.
                let pieces = if length < most {
                    self.splitter.push_whole(bytes)
                } else {
                    self.splitter.push(bytes)
                };
                self.hand_out(pieces)?;
            }
            Stream::Stderr => {
                // What stdout held back was written before.
                let pieces = self.splitter.give_up_waiting();
                self.hand_out(pieces)?;
                self.show(Stream::Stderr, bytes.to_vec())?;
            }
        }
        // Only now: a writer that waits for this may be about to end the process.
        order::has_read();
        Ok(length)
    }

    fn hand_out(&mut self, pieces: Vec<Piece>) -> Result<()> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.show(Stream::Stdout, text)?,
                Piece::Control(line) => {
                    if line == LEFT_BY_ERROR {
                        write_frame(&mut self.kernel, &RuntimeReply::LeftByError)?;
                    }
                    // evcxr stops reading at bytes that are no UTF-8.
                    self.evcxr
                        .write_all(String::from_utf8_lossy(&line).as_bytes())?;
                }
            }
        }
        Ok(())
    }

    fn show(&mut self, stream: Stream, bytes: Vec<u8>) -> Result<()> {
        write_frame(&mut self.kernel, &RuntimeReply::Output(stream, bytes))?;
        Ok(())
    }
}

/// Which descriptors can be read.
struct Ready {
    stdout: bool,
    stderr: bool,
    ring: bool,
    kernel: bool,
}

/// Bytes in the pipe (pipe(7)).
fn unread(pipe: &PipeReader) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: FIONREAD stores one int.
    unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONREAD, &mut bytes) };
    bytes.max(0) as usize
}
