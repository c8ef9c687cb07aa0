//! Waiting for several things at once.

use std::io;
use std::net::TcpStream;
use std::os::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use super::Connection;
use super::end::End;
use super::listener::Listener;
use crate::ipc::Item;
use crate::notebook::{Blocked, BlockedOn};
use crate::process::Process;
use crate::wait::{deadline, next_timeout};

/// What [`wait`] can wait for: a connection with something to receive, a process that has exited, a listener to which
/// someone has connected, a readable descriptor.
pub trait Waitable {
    /// Returns a descriptor that is readable when it is ready.
    ///
    /// # Errors
    /// It has none: a process that was not started.
    fn descriptor(&self) -> io::Result<BorrowedFd<'_>>;

    /// Returns whether it is a pipe, whose writers are processes of this program. A killed one may leave a message that
    /// its descriptor does not show.
    #[doc(hidden)]
    fn is_pipe(&self) -> bool {
        false
    }

    /// Returns whether it is ready although its descriptor does not say so.
    #[doc(hidden)]
    fn is_ready(&self) -> bool {
        false
    }
}

/// Blocks until at least one of `objects` is ready, for at most `timeout` (None: no limit). Returns the indices of those
/// that are, in order; none of them: the time is over. Python's `multiprocessing.connection.wait`.
///
/// ```
/// use std::time::Duration;
/// use threadbook::prelude::*;
///
/// let (from_a, a) = Pipe::one_way::<i32>();
/// let (from_b, b) = Pipe::one_way::<i32>();
/// b.send(&1)?;
/// assert_eq!(connection::wait(&[&from_a, &from_b], None)?, [1]);
/// from_b.recv()?;
/// assert!(connection::wait(&[&from_a, &from_b], Some(Duration::ZERO))?.is_empty());
/// # drop((a, b));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// A process among them was not started; the error of the system's `poll`.
pub fn wait(objects: &[&dyn Waitable], timeout: Option<Duration>) -> io::Result<Vec<usize>> {
    let deadline = timeout.and_then(deadline);
    let mut polls = Vec::with_capacity(objects.len());
    for object in objects {
        polls.push(libc::pollfd {
            fd: object.descriptor()?.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        });
    }
    let mut ready = poll(&mut polls, objects, Duration::ZERO)?;
    if !ready.is_empty() || objects.is_empty() && deadline.is_none() {
        return Ok(ready);
    }
    // The kernel sees by itself a wait for a socket, whose other end may be outside the notebook.
    let all_pipes = objects.iter().all(|object| object.is_pipe());
    let _blocked = all_pipes.then(|| Blocked::on(BlockedOn::Receive, deadline.is_some()));
    while ready.is_empty() {
        let Some(slice) = next_timeout(deadline) else {
            break;
        };
        ready = poll(&mut polls, objects, slice)?;
    }
    Ok(ready)
}

fn poll(
    polls: &mut [libc::pollfd],
    objects: &[&dyn Waitable],
    timeout: Duration,
) -> io::Result<Vec<usize>> {
    let began = Instant::now();
    loop {
        let left = timeout.saturating_sub(began.elapsed());
        // Rounded up, so that the last slice is not one of many empty ones. A slice is 50 ms at most.
        let limit = left.as_nanos().div_ceil(1_000_000) as libc::c_int;
        // SAFETY: the pointer and the count are those of `polls`.
        if unsafe { libc::poll(polls.as_mut_ptr(), polls.len() as libc::nfds_t, limit) } >= 0 {
            break;
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
    let is_ready = |index: &usize| polls[*index].revents != 0 || objects[*index].is_ready();
    Ok((0..objects.len()).filter(is_ready).collect())
}

impl<T: Item> Waitable for Connection<T> {
    fn descriptor(&self) -> io::Result<BorrowedFd<'_>> {
        Ok(self.as_fd())
    }

    fn is_pipe(&self) -> bool {
        matches!(*self.end, End::Pipe(_))
    }

    fn is_ready(&self) -> bool {
        // For an end that only sends, the descriptor alone counts: it tells when the other end is closed.
        self.is_pipe() && self.end.poll(Some(Instant::now())).unwrap_or(false)
    }
}

impl Waitable for Process {
    fn descriptor(&self) -> io::Result<BorrowedFd<'_>> {
        self.sentinel()
    }
}

macro_rules! descriptors {
    ($($type:ty)*) => {
        $(
            impl Waitable for $type {
                fn descriptor(&self) -> io::Result<BorrowedFd<'_>> {
                    Ok(self.as_fd())
                }
            }
        )*
    };
}

descriptors! { Listener BorrowedFd<'_> OwnedFd UnixStream TcpStream std::io::PipeReader }
