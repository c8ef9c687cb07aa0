//! The descriptors that the runtime itself uses, besides the cells' streams.

use super::display_socket;
use super::memory::MemoryWatch;
use super::private_descriptors::{self, Private};
use super::waits::DeadlockWatch;
use anyhow::Result;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub struct Descriptors {
    /// The engine's instructions.
    pub commands: File,
    /// The replies to the engine.
    pub replies: File,
    /// Rich output from the cells' processes.
    pub display: OwnedFd,
    pub memory: MemoryWatch,
    pub deadlocks: DeadlockWatch,
}

/// Moves the engine's pipes off descriptors 0 and 1 and puts /dev/null there. The first cell
/// replaces descriptor 1.
pub fn open() -> Result<Descriptors> {
    let descriptors = Descriptors {
        commands: File::from(duplicate(0)?),
        replies: File::from(duplicate(1)?),
        display: display_socket::open()?,
        memory: MemoryWatch::new()?,
        deadlocks: DeadlockWatch::new()?,
    };
    let dev_null = File::options().read(true).write(true).open("/dev/null")?;
    put(&dev_null, 0)?;
    put(&dev_null, 1)?;
    // They stay private for as long as the process lives.
    std::mem::forget([
        Private::register(&descriptors.commands),
        Private::register(&descriptors.replies),
        Private::register(&descriptors.display),
    ]);
    private_descriptors::close_in_children()?;
    Ok(descriptors)
}

/// Opens /dev/null on any of descriptors 0 to 2 that a cell has closed, because a new pipe would
/// get their numbers.
pub fn reopen_closed() -> Result<()> {
    for fd in 0..3 {
        // SAFETY: `fcntl` with these arguments has no memory effects.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            // `open` takes the lowest free number, which is this one.
            let dev_null = File::options().read(true).write(true).open("/dev/null")?;
            std::mem::forget(dev_null);
        }
    }
    Ok(())
}

fn duplicate(fd: RawFd) -> io::Result<OwnedFd> {
    // SAFETY: `fcntl` with these arguments has no memory effects; the new descriptor is ours.
    unsafe {
        let new = libc::fcntl(fd, libc::F_DUPFD_CLOEXEC, 3);
        if new < 0 {
            return Err(io::Error::last_os_error());
        }
        Ok(OwnedFd::from_raw_fd(new))
    }
}

fn put(source: &impl AsRawFd, target: RawFd) -> io::Result<()> {
    // SAFETY: nothing in this process owns descriptors 0, 1 and 2.
    if unsafe { libc::dup2(source.as_raw_fd(), target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
