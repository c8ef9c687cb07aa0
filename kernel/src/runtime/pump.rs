//! The thread that carries what cells write to the kernel, and control lines to evcxr.

use super::coalesce::{Chunk, Coalescer};
use super::control::{LEFT_BY_ERROR, Piece, Splitter};
use super::order;
use crate::ipc::{Failure, RuntimeReply, RuntimeRequest, Stream, read_frame, write_frame};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, Sender, bounded, unbounded};
use std::fs::File;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::time::Instant;

/// The thread's other end, for the thread that runs the cells.
pub struct Pump {
    orders: Sender<Order>,
    bell: PipeWriter,
}

enum Order {
    Send(RuntimeReply),
    /// Carry all that was written up to now, then answer.
    Drain(Sender<()>),
}

impl Pump {
    pub fn start(
        stdout: PipeReader,
        stderr: PipeReader,
        kernel: UnixStream,
        evcxr: File,
    ) -> Result<Pump> {
        let (orders, inbox) = unbounded();
        let (ring, bell) = io::pipe()?;
        let mut carrier = Carrier {
            stdout,
            stderr,
            kernel,
            evcxr,
            inbox,
            ring,
            splitter: Splitter::default(),
            coalescer: Coalescer::new(),
            last_stderr: String::new(),
        };
        std::thread::Builder::new()
            .name("threadbook-output".to_owned())
            .spawn(move || {
                // Without a kernel or evcxr there is nobody to run cells for.
                let end = carrier.carry();
                std::process::exit(if end.is_ok() { 0 } else { 98 });
            })
            .context("cannot start the output thread")?;
        Ok(Pump { orders, bell })
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

    fn order(&self, order: Order) {
        let _ = self.orders.send(order);
        let _ = (&self.bell).write_all(&[1]);
    }
}

struct Carrier {
    stdout: PipeReader,
    stderr: PipeReader,
    kernel: UnixStream,
    evcxr: File,
    inbox: Receiver<Order>,
    /// Readable when an order came in.
    ring: PipeReader,
    splitter: Splitter,
    coalescer: Coalescer,
    /// What was last written to stderr; it ends with the message of an error that leaves a cell
    /// by `?`.
    last_stderr: String,
}

impl Carrier {
    fn carry(&mut self) -> Result<()> {
        loop {
            let [stdout, stderr, ring, kernel] = self.wait()?;
            if stdout {
                self.read(Stream::Stdout, usize::MAX)?;
            }
            if stderr {
                self.read(Stream::Stderr, usize::MAX)?;
            }
            if let Some(chunk) = self.coalescer.poll(Instant::now()) {
                self.output([chunk])?;
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

    /// Waits for something to do; which of the four descriptors are readable.
    fn wait(&self) -> io::Result<[bool; 4]> {
        let files = [
            self.stdout.as_fd(),
            self.stderr.as_fd(),
            self.ring.as_fd(),
            self.kernel.as_fd(),
        ];
        let mut polled = files.map(|file| libc::pollfd {
            fd: file.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        });
        let timeout = self.coalescer.deadline().map_or(-1, |deadline| {
            let left = deadline.saturating_duration_since(Instant::now());
            left.as_millis() as libc::c_int + 1
        });
        // SAFETY: `poll` gets an array of live descriptors and its length.
        let ready = unsafe { libc::poll(polled.as_mut_ptr(), polled.len() as _, timeout) };
        if ready < 0 {
            let error = io::Error::last_os_error();
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
            return Ok([false; 4]);
        }
        Ok(polled.map(|file| file.revents != 0))
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
        self.hand_out(pieces)?;
        let chunks = self.coalescer.finish();
        self.output(chunks)
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
        order::has_read();
        let bytes = &buffer[..length];
        match stream {
            Stream::Stdout => {
                let pieces = self.splitter.push(bytes);
                self.hand_out(pieces)?;
            }
            Stream::Stderr => self.show(Stream::Stderr, bytes)?,
        }
        Ok(length)
    }

    fn hand_out(&mut self, pieces: Vec<Piece>) -> Result<()> {
        for piece in pieces {
            match piece {
                Piece::Text(text) => self.show(Stream::Stdout, &text)?,
                Piece::Control(line) => {
                    if line == LEFT_BY_ERROR {
                        self.report_error()?;
                    }
                    // evcxr stops reading at bytes that are no UTF-8.
                    self.evcxr
                        .write_all(String::from_utf8_lossy(&line).as_bytes())?;
                }
            }
        }
        Ok(())
    }

    fn report_error(&mut self) -> Result<()> {
        let chunks = self.coalescer.finish();
        self.output(chunks)?;
        let failure = Failure {
            ename: "Error".to_owned(),
            message: self
                .last_stderr
                .lines()
                .last()
                .unwrap_or_default()
                .to_owned(),
            position: None,
        };
        write_frame(&mut self.kernel, &RuntimeReply::Failed(failure))?;
        Ok(())
    }

    fn show(&mut self, stream: Stream, bytes: &[u8]) -> Result<()> {
        let chunks = self.coalescer.push(stream, bytes, Instant::now());
        self.output(chunks)
    }

    fn output(&mut self, chunks: impl IntoIterator<Item = Chunk>) -> Result<()> {
        for (stream, text) in chunks {
            if stream == Stream::Stderr {
                self.last_stderr.clone_from(&text);
            }
            write_frame(&mut self.kernel, &RuntimeReply::Output(stream, text))?;
        }
        Ok(())
    }
}

/// Bytes in the pipe (pipe(7)).
fn unread(pipe: &PipeReader) -> usize {
    let mut bytes: libc::c_int = 0;
    // SAFETY: FIONREAD stores one int.
    unsafe { libc::ioctl(pipe.as_raw_fd(), libc::FIONREAD, &mut bytes) };
    bytes.max(0) as usize
}
