//! Descriptors that the runtime and its sleeping copy both hold. A pipe ends, and a lock is released, only when the copy has closed
//! its descriptor too: so the copy closes what the runtime closes.
//!
//! The first descriptor that the runtime closes after a fork makes it ask the copy, which answers with all that it holds. Closing
//! what the copy does not hold costs nothing from then on.

use super::private_descriptors::{is_private, lock_copying};
use anyhow::{Context, Result};
use std::cell::Cell;
use std::fs::File;
use std::io::{self, Read, Write};
use std::mem::ManuallyDrop;
use std::os::fd::{AsRawFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::atomic::Ordering::SeqCst;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64};

/// Descriptors with higher numbers stay open in the copy.
const MAX: usize = 4096;

/// Sets of descriptors have a bit for each.
const WORDS: usize = MAX / u64::BITS as usize;

/// The process that asks; its copies have the same memory but not this id.
static RUNTIME: AtomicI32 = AtomicI32::new(0);

/// The socket to the copy, or -1. It changes only under the lock of [`lock_copying`].
static COPY: AtomicI32 = AtomicI32::new(-1);

/// The copy before this one, which was killed and may still be ending.
static KILLED: AtomicI32 = AtomicI32::new(0);

/// Whether [`HELD`] is what the copy holds.
static IS_KNOWN: AtomicBool = AtomicBool::new(false);

static HELD: [AtomicU64; WORDS] = [const { AtomicU64::new(0) }; WORDS];

thread_local! {
    /// Whether the thread runs a cell's code.
    static IS_OF_CELL: Cell<bool> = const { Cell::new(true) };
}

/// Makes this process the one whose copies close what its cells close. To be called on the thread that forks the copies.
pub fn start() {
    become_own_thread();
    RUNTIME.store(std::process::id() as i32, SeqCst);
}

/// Returns both ends of the connection between the runtime and a copy.
///
/// # Errors
/// When the system has no descriptors left.
pub fn connection() -> Result<(File, File)> {
    let (runtime, copy) = UnixStream::pair().context("socketpair")?;
    Ok((
        File::from(OwnedFd::from(runtime)),
        File::from(OwnedFd::from(copy)),
    ))
}

/// Runs a cell on a thread of the runtime's own.
pub fn run_cell<T>(run: impl FnOnce() -> T) -> T {
    IS_OF_CELL.set(true);
    let result = run();
    IS_OF_CELL.set(false);
    result
}

/// Makes the calling thread one of the runtime's own: what it closes, the copy does not hold, or needs.
pub fn become_own_thread() {
    IS_OF_CELL.set(false);
}

/// Asks the copy at the other end of this connection from now on. To be called under the lock of [`lock_copying`].
pub fn connect(copy: File) {
    disconnect();
    COPY.store(copy.into_raw_fd(), SeqCst);
    IS_KNOWN.store(false, SeqCst);
}

/// Closes the connection, also in a copy, which has the one between the runtime and the copy before it.
pub fn disconnect() {
    let before = COPY.swap(-1, SeqCst);
    if before >= 0 {
        // SAFETY: `connect` has left the descriptor to `COPY`, which no longer has it.
        drop(unsafe { File::from_raw_fd(before) });
    }
}

/// Notes that this copy was killed. It closes its descriptors as it ends.
pub fn note_killed(copy: libc::pid_t) {
    KILLED.store(copy, SeqCst);
}

/// Tells the copy that this process has closed a descriptor, and waits until it has too.
pub fn closed(fd: RawFd) {
    let is_needed = (libc::STDERR_FILENO + 1..MAX as RawFd).contains(&fd)
        && std::process::id() as i32 == RUNTIME.load(SeqCst)
        && IS_OF_CELL.get()
        && (!IS_KNOWN.load(SeqCst) || is_held(fd));
    if !is_needed {
        return;
    }
    let _copying = lock_copying();
    let copy = COPY.load(SeqCst);
    if copy < 0 {
        return;
    }
    await_killed();
    // SAFETY: `COPY` owns the descriptor, which stays open under the lock.
    let mut copy = ManuallyDrop::new(unsafe { File::from_raw_fd(copy) });
    let mut held = [0; MAX / 8];
    // A copy that has ended holds nothing.
    if copy
        .write_all(&fd.to_ne_bytes())
        .and_then(|()| copy.read_exact(&mut held))
        .is_err()
    {
        held.fill(0);
    }
    for (known, word) in HELD.iter().zip(held.as_chunks::<8>().0) {
        known.store(u64::from_ne_bytes(*word), SeqCst);
    }
    IS_KNOWN.store(true, SeqCst);
}

fn is_held(fd: RawFd) -> bool {
    let (word, bit) = place(fd);
    HELD[word].load(SeqCst) & bit != 0
}

/// Waits until the killed copy has closed its descriptors.
fn await_killed() {
    let killed = KILLED.swap(0, SeqCst);
    if killed > 0 {
        // SAFETY: waitid(2) accepts null for the information. It leaves the process to whoever reaps it, and returns at once if
        // that has happened.
        unsafe {
            libc::waitid(
                libc::P_PID,
                killed as libc::id_t,
                std::ptr::null_mut(),
                libc::WEXITED | libc::WNOWAIT,
            )
        };
    }
}

/// The word and the bit of a descriptor in a set.
fn place(fd: RawFd) -> (usize, u64) {
    let fd = fd as usize;
    (fd / u64::BITS as usize, 1 << (fd % u64::BITS as usize))
}

/// What a copy holds, in the copy.
pub struct HeldDescriptors {
    requests: File,
    /// Known from the first request on: nothing changes while the copy sleeps.
    held: Option<[u64; WORDS]>,
}

impl HeldDescriptors {
    pub fn new(requests: File) -> HeldDescriptors {
        HeldDescriptors {
            requests,
            held: None,
        }
    }

    /// Closes what the runtime has closed.
    ///
    /// # Errors
    /// When the runtime has ended.
    pub fn answer(&mut self) -> io::Result<()> {
        let mut fd = [0; size_of::<RawFd>()];
        self.requests.read_exact(&mut fd)?;
        let (word, bit) = place(RawFd::from_ne_bytes(fd));
        let requests = self.requests.as_raw_fd();
        let held = self.held.get_or_insert_with(|| all_open(requests));
        if held[word] & bit != 0 {
            held[word] &= !bit;
            replace(RawFd::from_ne_bytes(fd))?;
        }
        let answer: Vec<u8> = held.iter().flat_map(|word| word.to_ne_bytes()).collect();
        self.requests.write_all(&answer)
    }
}

impl AsRawFd for HeldDescriptors {
    fn as_raw_fd(&self) -> RawFd {
        self.requests.as_raw_fd()
    }
}

/// Returns the open descriptors that cells may have opened.
fn all_open(requests: RawFd) -> [u64; WORDS] {
    let mut open = [0; WORDS];
    let entries = std::fs::read_dir("/proc/self/fd").into_iter().flatten();
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let of_cells = |fd: &RawFd| {
        (libc::STDERR_FILENO + 1..MAX as RawFd).contains(fd) && *fd != requests && !is_private(*fd)
    };
    let numbers: Vec<RawFd> = numbers.filter(of_cells).collect();
    // SAFETY: fcntl(2) with F_GETFD only tells whether the number is a descriptor. That of the directory no longer is one.
    let is_open = |fd: &RawFd| unsafe { libc::fcntl(*fd, libc::F_GETFD) } != -1;
    for fd in numbers.into_iter().filter(is_open) {
        let (word, bit) = place(fd);
        open[word] |= bit;
    }
    open
}

/// Puts /dev/null in a descriptor's place: a variable may own the number, which nothing else may get.
fn replace(fd: RawFd) -> io::Result<()> {
    let nothing = File::options().read(true).write(true).open("/dev/null")?;
    // SAFETY: the descriptor is one of a cell, which has closed it in the runtime.
    match unsafe { libc::dup3(nothing.as_raw_fd(), fd, libc::O_CLOEXEC) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}
