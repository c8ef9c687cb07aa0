//! The output of cells: each cell has a pair of pipes, so that what a process or a thread writes
//! after its cell has ended still belongs to that cell.
//!
//! Processes inherit the pipes on descriptors 1 and 2. Threads share the descriptors of their
//! process, which are those of the running cell; a thread of the helper crate is diverted to the
//! output of the cell that gave it work.

use super::private_descriptors::{self, Private};
use std::cell::Cell;
use std::io::{self, PipeReader, Read};
use std::os::fd::{AsRawFd, IntoRawFd, RawFd};
use std::ptr;
use std::sync::atomic::Ordering::{Acquire, Relaxed, SeqCst};
use std::sync::atomic::{AtomicPtr, AtomicUsize};

/// The writing ends of a cell's pipes.
///
/// Never freed, because threads may read it at any time. The last user to release it closes its
/// descriptors.
pub struct CellOutput {
    pub cell: u32,
    stdout: RawFd,
    stderr: RawFd,
    /// How many users it has: the runtime while the cell is the last one, and work that the cell
    /// handed out.
    users: AtomicUsize,
}

/// The reading ends of a cell's pipes, which no process of the cell inherits.
pub struct CellReaders {
    pub cell: u32,
    pub stdout: ReadingEnd,
    pub stderr: ReadingEnd,
}

/// A pipe's reading end. Both fields are `Some` until it is dropped.
pub struct ReadingEnd {
    private: Option<Private>,
    pipe: Option<PipeReader>,
}

impl ReadingEnd {
    fn new(pipe: PipeReader) -> ReadingEnd {
        ReadingEnd {
            private: Some(Private::register(&pipe)),
            pipe: Some(pipe),
        }
    }

    /// Reads once. Returns 0 at the end.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pipe
            .as_ref()
            .map_or(Ok(0), |mut pipe| pipe.read(buffer))
    }
}

impl Drop for ReadingEnd {
    fn drop(&mut self) {
        // A copy of the runtime made in between would hold the pipe without knowing.
        let _no_copy = private_descriptors::lock_copying();
        // Before the pipe: once that is closed, its number may be reused.
        self.private = None;
        self.pipe = None;
    }
}

impl AsRawFd for ReadingEnd {
    fn as_raw_fd(&self) -> RawFd {
        self.pipe.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}

/// The output of the cell that is running or ran last; null before the first.
static CURRENT: AtomicPtr<CellOutput> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    /// The output of the cell that the thread works for; null for that of the running cell.
    static DIVERTED: Cell<*const CellOutput> = const { Cell::new(ptr::null()) };
}

/// Creates both ends of a cell's output.
pub fn make(cell: u32) -> io::Result<(&'static CellOutput, CellReaders)> {
    let (stdout, stdout_writer) = io::pipe()?;
    let (stderr, stderr_writer) = io::pipe()?;
    let output = Box::leak(Box::new(CellOutput {
        cell,
        stdout: stdout_writer.into_raw_fd(),
        stderr: stderr_writer.into_raw_fd(),
        users: AtomicUsize::new(1),
    }));
    let readers = CellReaders {
        cell,
        stdout: ReadingEnd::new(stdout),
        stderr: ReadingEnd::new(stderr),
    };
    Ok((output, readers))
}

impl CellOutput {
    /// Puts the pipes on descriptors 1 and 2, and releases those of the previous cell. The original
    /// writing ends stay open: a cell that closes its streams must not look like one that has ended.
    pub fn open(&'static self) -> io::Result<()> {
        put(self.stdout, 1)?;
        put(self.stderr, 2)?;
        let before = CURRENT.swap(ptr::from_ref(self).cast_mut(), SeqCst);
        // SAFETY: null, or an output, which is never freed.
        if let Some(before) = unsafe { before.as_ref() } {
            before.release_user();
        }
        Ok(())
    }

    /// Releases the output; the last user closes the writing ends.
    pub fn release_user(&self) {
        if self.users.fetch_sub(1, SeqCst) == 1 {
            // SAFETY: the descriptors belong to the output, and the last user has gone.
            unsafe {
                libc::close(self.stdout);
                libc::close(self.stderr);
            }
        }
    }

    /// Adds a user. Returns false if the last one has already gone.
    fn hold(&self) -> bool {
        let one_more = |users: usize| (users > 0).then_some(users + 1);
        self.users.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }

    /// Returns the pipe for descriptor 1 or 2.
    pub fn pipe(&self, stream: RawFd) -> RawFd {
        if stream == 1 {
            self.stdout
        } else {
            self.stderr
        }
    }

    /// Returns whether descriptor 1 or 2 is this output's pipe. A cell may have redirected it.
    pub fn is_on(&self, stream: RawFd) -> bool {
        inode(stream) == inode(self.pipe(stream))
    }
}

/// Returns the output that the calling thread writes to, and whether the thread is diverted from the
/// one on descriptors 1 and 2.
pub fn current() -> Option<(&'static CellOutput, bool)> {
    // A thread that is exiting has lost the thread-local; it writes like any other thread.
    let diverted = DIVERTED.try_with(Cell::get).unwrap_or(ptr::null());
    let is_diverted = !diverted.is_null();
    let output = if is_diverted {
        diverted
    } else {
        CURRENT.load(Acquire).cast_const()
    };
    // SAFETY: null, or an output, which is never freed.
    unsafe { output.as_ref() }.map(|output| (output, is_diverted))
}

/// Puts /dev/null on descriptors 1 and 2 and closes the writing ends, in a sleeping copy of the
/// runtime: while the copy held them, the pipes would never end.
pub fn detach(prepared: &CellOutput) -> io::Result<()> {
    prepared.release_user();
    leave()
}

/// Puts /dev/null on descriptors 1 and 2 and releases the output of the running cell, in a copy of the runtime.
pub fn leave() -> io::Result<()> {
    let nothing = std::fs::File::options().write(true).open("/dev/null")?;
    put(nothing.as_raw_fd(), 1)?;
    put(nothing.as_raw_fd(), 2)?;
    let current = CURRENT.swap(ptr::null_mut(), Relaxed);
    // SAFETY: as in `open`.
    if let Some(current) = unsafe { current.as_ref() } {
        current.release_user();
    }
    Ok(())
}

/// Holds the output that the calling thread writes to, for work that another thread will do.
/// Returns null when there is none.
pub extern "C" fn hold() -> *const CellOutput {
    while let Some((output, _)) = current() {
        if output.hold() {
            return output;
        }
        // The next cell has begun in between: try again.
    }
    ptr::null()
}

/// Diverts the calling thread to a held output, or with null back to the output of the running
/// cell. Returns the previous one.
pub extern "C" fn enter(output: *const CellOutput) -> *const CellOutput {
    DIVERTED
        .try_with(|diverted| diverted.replace(output))
        .unwrap_or(ptr::null())
}

/// Releases a held output.
pub extern "C" fn release(output: *const CellOutput) {
    // SAFETY: null or a result of `hold`; outputs are never freed.
    if let Some(output) = unsafe { output.as_ref() } {
        output.release_user();
    }
}

fn put(source: RawFd, target: RawFd) -> io::Result<()> {
    // SAFETY: nothing in this process owns descriptors 1 and 2.
    if unsafe { libc::dup2(source, target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn inode(fd: RawFd) -> u64 {
    // SAFETY: `fstat` fills the structure or fails.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut stat) != 0 {
            0
        } else {
            stat.st_ino
        }
    }
}
