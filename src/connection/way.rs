//! One direction of a pipe: whole messages through a stream socket.
//!
//! A message is framed as in Python: 4 bytes of length, big-endian; from 2 GiB on -1 and 8 bytes.

use std::io;
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::ipc::patience::Patience;
use crate::ipc::robust::{RobustGuard, RobustMutex};
use crate::mapping::Mapping;
use crate::os;

/// The directions of a pipe, in shared memory.
pub(super) struct Ways {
    mapping: Mapping,
}

#[repr(C)]
pub(super) struct Way {
    /// Taken for one message; the order is `reading`, then `writing`.
    reading: Turn,
    writing: Turn,
}

#[repr(C)]
struct Turn {
    lock: RobustMutex,
    /// [`BETWEEN`] messages or in the [`MIDDLE`] of one. If it is free and in the middle, a process ended there.
    state: AtomicU32,
}

const BETWEEN: u32 = 0;
const MIDDLE: u32 = 1;

/// Milliseconds between looks at whether the process that sends still lives.
const SLICE: libc::c_int = 50;

static PATIENCE: Patience = Patience::new();

/// A length that does not fit follows as 8 bytes.
const LONG: [u8; 4] = (-1i32).to_be_bytes();

impl Ways {
    pub(super) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(2 * size_of::<Way>())?;
        let ways: *mut Way = mapping.start().as_ptr().cast();
        for i in 0..2 {
            // SAFETY: the mapping is new, aligned to a page, and holds two ways; zeros are valid but for the mutexes.
            unsafe {
                RobustMutex::init(&raw mut (*ways.add(i)).reading.lock)?;
                RobustMutex::init(&raw mut (*ways.add(i)).writing.lock)?;
            }
        }
        Ok(Self { mapping })
    }

    pub(super) fn of_first(&self) -> &Way {
        &self.both()[0]
    }

    pub(super) fn of_second(&self) -> &Way {
        &self.both()[1]
    }

    fn both(&self) -> &[Way; 2] {
        // SAFETY: `new` made two ways there; they are changed through mutexes and atomics alone.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}

/// Leaves room for the length.
pub(super) fn begin_frame(frame: &mut Vec<u8>) {
    frame.extend_from_slice(&[0; 4]);
}

/// Puts the length before a frame that is complete.
pub(super) fn end_frame(frame: &mut Vec<u8>) {
    let length = frame.len() - 4;
    match i32::try_from(length) {
        Ok(short) => frame[..4].copy_from_slice(&short.to_be_bytes()),
        Err(_) => {
            frame[..4].copy_from_slice(&LONG);
            frame.splice(4..4, (length as u64).to_be_bytes());
        }
    }
}

impl Way {
    pub(super) fn send(&self, socket: &UnixStream, frame: &[u8]) -> io::Result<()> {
        let _turn = self.writing.take("sending")?;
        self.writing.state.store(MIDDLE, Ordering::Relaxed);
        let mut rest = frame;
        while !rest.is_empty() {
            match send_some(socket, rest) {
                Ok(count) => rest = &rest[count..],
                Err(error) => {
                    // No one is left to see what was sent of it.
                    self.writing.state.store(BETWEEN, Ordering::Relaxed);
                    return Err(error);
                }
            }
        }
        self.writing.state.store(BETWEEN, Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn recv(&self, socket: &UnixStream, message: &mut Vec<u8>) -> io::Result<()> {
        let mut length = [0; 4];
        let (_turn, count) = self.first_bytes(socket, &mut length)?;
        self.fill(socket, &mut length[count..])?;
        let length = match length {
            LONG => {
                let mut long = [0; 8];
                self.fill(socket, &mut long)?;
                u64::from_be_bytes(long) as usize
            }
            short => u32::from_be_bytes(short) as usize,
        };
        message.clear();
        message.resize(length, 0);
        self.fill(socket, message)?;
        self.reading.state.store(BETWEEN, Ordering::Relaxed);
        Ok(())
    }

    /// Waits for a message and takes the turn to read it, and its first bytes.
    fn first_bytes(
        &self,
        socket: &UnixStream,
        bytes: &mut [u8],
    ) -> io::Result<(RobustGuard<'_>, usize)> {
        let mut first = None;
        PATIENCE.look(|| {
            first = self.take_first_bytes(socket, bytes).transpose();
            first.is_some()
        });
        loop {
            if let Some(first) = first {
                return first;
            }
            // Others may have their turn while this one waits.
            if !os::wait_readable(socket.as_fd(), SLICE) {
                self.writing.check("sending")?;
            }
            first = self.take_first_bytes(socket, bytes).transpose();
        }
    }

    /// None: nothing is there now.
    fn take_first_bytes(
        &self,
        socket: &UnixStream,
        bytes: &mut [u8],
    ) -> io::Result<Option<(RobustGuard<'_>, usize)>> {
        let turn = self.reading.take("receiving")?;
        self.reading.state.store(MIDDLE, Ordering::Relaxed);
        let received = receive_some(socket, bytes);
        if !matches!(received, Ok(1..)) {
            self.reading.state.store(BETWEEN, Ordering::Relaxed);
        }
        match received {
            Ok(0) => Err(io::Error::new(
                io::ErrorKind::UnexpectedEof,
                "the other end is closed and nothing is left to receive",
            )),
            Ok(count) => Ok(Some((turn, count))),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads the rest of a message, of which the beginning is there.
    fn fill(&self, socket: &UnixStream, mut bytes: &mut [u8]) -> io::Result<()> {
        while !bytes.is_empty() {
            match receive_some(socket, bytes) {
                Ok(0) => return Err(damaged("sending")),
                Ok(count) => bytes = &mut bytes[count..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if !os::wait_readable(socket.as_fd(), SLICE) {
                        self.writing.check("sending")?;
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

impl Turn {
    /// Waits for the turn. An error: the last one broke off in the middle of a message, so no one knows where the next begins.
    fn take(&self, doing: &str) -> io::Result<RobustGuard<'_>> {
        let guard = self.lock.lock();
        match self.state.load(Ordering::Relaxed) {
            BETWEEN => Ok(guard),
            _ => Err(damaged(doing)),
        }
    }

    /// Looks whether the last one broke off, unless it is still at it.
    fn check(&self, doing: &str) -> io::Result<()> {
        match self.lock.try_lock() {
            Some(_guard) if self.state.load(Ordering::Relaxed) != BETWEEN => Err(damaged(doing)),
            _ => Ok(()),
        }
    }
}

fn damaged(doing: &str) -> io::Error {
    io::Error::other(format!(
        "a process ended in the middle of {doing} a message: the pipe is damaged, make a new one"
    ))
}

/// Waits for room and sends a part of `bytes`.
fn send_some(socket: &UnixStream, bytes: &[u8]) -> io::Result<usize> {
    #[cfg(target_os = "linux")]
    const FLAGS: libc::c_int = libc::MSG_NOSIGNAL;
    // Rust programs ignore SIGPIPE.
    #[cfg(not(target_os = "linux"))]
    const FLAGS: libc::c_int = 0;
    again(|| {
        // SAFETY: the pointer and the length are those of `bytes`.
        unsafe {
            libc::send(
                socket.as_raw_fd(),
                bytes.as_ptr().cast(),
                bytes.len(),
                FLAGS,
            )
        }
    })
}

/// Receives what is there. `WouldBlock`: nothing now; 0: nothing ever.
fn receive_some(socket: &UnixStream, bytes: &mut [u8]) -> io::Result<usize> {
    let flags = libc::MSG_DONTWAIT;
    again(|| {
        // SAFETY: the pointer and the length are those of `bytes`.
        unsafe {
            libc::recv(
                socket.as_raw_fd(),
                bytes.as_mut_ptr().cast(),
                bytes.len(),
                flags,
            )
        }
    })
}

fn again(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        match usize::try_from(call()) {
            Ok(count) => return Ok(count),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}
