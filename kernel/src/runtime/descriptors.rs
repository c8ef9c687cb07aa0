//! The descriptors that the runtime uses itself, beside the cells' streams.

use super::display_socket;
use super::memory::MemoryWatch;
use super::private_descriptors::{self, Private};
use anyhow::Result;
use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};

pub struct Descriptors {
    /// evcxr's instructions.
    pub commands: File,
    /// What evcxr reads.
    pub replies: File,
    /// Rich output from the cells' processes.
    pub display: OwnedFd,
    pub memory: MemoryWatch,
}

/// Moves evcxr's pipes off descriptors 0 and 1, where /dev/null takes their place until the first
/// cell begins.
pub fn open() -> Result<Descriptors> {
    let descriptors = Descriptors {
        commands: File::from(duplicate(0)?),
        replies: File::from(duplicate(1)?),
        display: display_socket::open()?,
        memory: MemoryWatch::new()?,
    };
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    put(&nothing, 0)?;
    put(&nothing, 1)?;
    // For as long as the process lives.
    std::mem::forget([
        Private::keep(&descriptors.commands),
        Private::keep(&descriptors.replies),
        Private::keep(&descriptors.display),
    ]);
    private_descriptors::close_in_children()?;
    Ok(descriptors)
}

/// Opens /dev/null on those of the descriptors 0 to 2 that a cell has closed: a new pipe would get
/// their numbers.
pub fn mend() -> Result<()> {
    for fd in 0..3 {
        // SAFETY: `fcntl` with these arguments has no memory effects.
        if unsafe { libc::fcntl(fd, libc::F_GETFD) } < 0 {
            // The lowest number that is free is this one.
            let nothing = File::options().read(true).write(true).open("/dev/null")?;
            std::mem::forget(nothing);
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
    // SAFETY: descriptors 0, 1 and 2 are owned by nobody in this process.
    if unsafe { libc::dup2(source.as_raw_fd(), target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
