//! Where what a cell writes goes: a pair of pipes for each cell, so that what a process or a
//! thread writes after its cell has ended still belongs to that cell.
//!
//! Processes inherit the pipes on descriptors 1 and 2. Threads share the descriptors of their
//! process, which are those of the cell that runs; a thread of the helper crate is diverted to the
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
/// Never freed, for threads may look at it at any time; its descriptors are closed when the last
/// user has let go.
pub struct CellOutput {
    pub cell: u32,
    stdout: RawFd,
    stderr: RawFd,
    /// The runtime itself while the cell is the last one, and work that was given out by it.
    users: AtomicUsize,
}

/// The reading ends of a cell's pipes, which no process of the cell inherits.
pub struct CellReaders {
    pub cell: u32,
    pub stdout: ReadingEnd,
    pub stderr: ReadingEnd,
}

/// A pipe's reading end. Both parts are there until it is dropped.
pub struct ReadingEnd {
    private: Option<Private>,
    pipe: Option<PipeReader>,
}

impl ReadingEnd {
    fn new(pipe: PipeReader) -> ReadingEnd {
        ReadingEnd {
            private: Some(Private::keep(&pipe)),
            pipe: Some(pipe),
        }
    }

    /// Reads once; 0 at the end.
    pub fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        self.pipe
            .as_ref()
            .map_or(Ok(0), |mut pipe| pipe.read(buffer))
    }
}

impl Drop for ReadingEnd {
    fn drop(&mut self) {
        // In between, a copy of the runtime would have the pipe and not know of it.
        let _no_copy = private_descriptors::no_copy();
        // Before the pipe: once that is closed its number may be another's.
        self.private = None;
        self.pipe = None;
    }
}

impl AsRawFd for ReadingEnd {
    fn as_raw_fd(&self) -> RawFd {
        self.pipe.as_ref().map_or(-1, AsRawFd::as_raw_fd)
    }
}

/// The output of the cell that runs or ran last; null before the first.
static CURRENT: AtomicPtr<CellOutput> = AtomicPtr::new(ptr::null_mut());

thread_local! {
    /// The output of the cell that the thread works for, null for that of the cell that runs.
    static DIVERTED: Cell<*const CellOutput> = const { Cell::new(ptr::null()) };
}

/// Makes the two ends of an output for a cell.
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
    /// Puts the pipes on descriptors 1 and 2, and lets go of those of the cell before. The
    /// writing ends stay open beside them: a cell that closes its streams must not look like the
    /// end of it.
    pub fn open(&'static self) -> io::Result<()> {
        put(self.stdout, 1)?;
        put(self.stderr, 2)?;
        let before = CURRENT.swap(ptr::from_ref(self).cast_mut(), SeqCst);
        // SAFETY: null, or an output, which is never freed.
        if let Some(before) = unsafe { before.as_ref() } {
            before.let_go();
        }
        Ok(())
    }

    /// Closes the writing ends once nobody else holds them.
    pub fn let_go(&self) {
        if self.users.fetch_sub(1, SeqCst) == 1 {
            // SAFETY: the descriptors belong to the output, and the last user has gone.
            unsafe {
                libc::close(self.stdout);
                libc::close(self.stderr);
            }
        }
    }

    /// Counts one user more; not when the last one has gone.
    fn hold(&self) -> bool {
        let one_more = |users: usize| (users > 0).then_some(users + 1);
        self.users.fetch_update(SeqCst, SeqCst, one_more).is_ok()
    }

    /// The pipe that stands for descriptor 1 or 2.
    pub fn pipe(&self, stream: RawFd) -> RawFd {
        if stream == 1 {
            self.stdout
        } else {
            self.stderr
        }
    }

    /// Whether its pipe is on descriptor 1 or 2. A cell may have put something else there.
    pub fn is_on(&self, stream: RawFd) -> bool {
        inode(stream) == inode(self.pipe(stream))
    }
}

/// The output that the calling thread writes to, and whether it is another one than that on
/// descriptors 1 and 2.
pub fn of_this_thread() -> Option<(&'static CellOutput, bool)> {
    // No thread-local any more at the end of a thread: it writes as any other does.
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

/// Puts /dev/null on descriptors 1 and 2 and closes the writing ends, in a copy of the runtime
/// that sleeps: with them the pipes would never come to their end.
pub fn leave(prepared: &CellOutput) -> io::Result<()> {
    let nothing = std::fs::File::options().write(true).open("/dev/null")?;
    put(nothing.as_raw_fd(), 1)?;
    put(nothing.as_raw_fd(), 2)?;
    prepared.let_go();
    let current = CURRENT.swap(ptr::null_mut(), Relaxed);
    // SAFETY: as in `open`.
    if let Some(current) = unsafe { current.as_ref() } {
        current.let_go();
    }
    Ok(())
}

/// Holds the output that the calling thread writes to, for work that another thread will do;
/// null when there is none.
pub extern "C" fn hold() -> *const CellOutput {
    while let Some((output, _)) = of_this_thread() {
        if output.hold() {
            return output;
        }
        // The next cell has begun in between.
    }
    ptr::null()
}

/// Lets the calling thread write to a held output from now on, or with null to that of the cell
/// that runs; gives what it wrote to before.
pub extern "C" fn enter(output: *const CellOutput) -> *const CellOutput {
    DIVERTED
        .try_with(|diverted| diverted.replace(output))
        .unwrap_or(ptr::null())
}

/// Lets go of a held output.
pub extern "C" fn release(output: *const CellOutput) {
    // SAFETY: null or a result of `hold`; outputs are never freed.
    if let Some(output) = unsafe { output.as_ref() } {
        output.let_go();
    }
}

fn put(source: RawFd, target: RawFd) -> io::Result<()> {
    // SAFETY: descriptors 1 and 2 are owned by nobody in this process.
    if unsafe { libc::dup2(source, target) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

fn inode(fd: RawFd) -> u64 {
    // SAFETY: `fstat` fills the structure it is given, or fails.
    unsafe {
        let mut stat: libc::stat = std::mem::zeroed();
        if libc::fstat(fd, &mut stat) != 0 {
            0
        } else {
            stat.st_ino
        }
    }
}
