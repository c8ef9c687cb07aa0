//! Workers that are replaced after some tasks.
//!
//! Only a fork of the caller has its closure, and the caller goes on after `imap`. So a supervisor takes the place of
//! each worker: a process that starts one worker after the other, each a fresh copy of itself, and does no tasks.

use super::worker::ChunkIndices;
use crate::process::{Process, Starter};

/// Has the chunks of `indices` done by workers that do `max` each. The body of a supervisor.
///
/// If a worker dies, the supervisor ends in the same way, and the pool reports that.
pub(super) fn supervise(
    mut indices: ChunkIndices<'_>,
    max: usize,
    run: &dyn Fn(&mut dyn Iterator<Item = usize>),
) {
    while !indices.are_used_up() {
        let own = ChunkIndices {
            first: indices.first.take(),
            ..indices
        };
        let ended = Process::start_borrowing("ForkPoolWorker", true, Starter::Any, || {
            run(&mut own.take(max));
        });
        let ended = ended.and_then(|process| {
            process.join()?;
            Ok(process.exitcode())
        });
        let code = ended.unwrap_or_else(|error| panic!("cannot start a worker: {error}"));
        if code != Some(0) {
            die_as(code.unwrap_or(1));
        }
    }
}

/// Exits with this code, or by signal N if it is -N.
fn die_as(code: i32) -> ! {
    if code < 0 {
        // SAFETY: both calls take integers. The default action runs no code of ours.
        unsafe {
            libc::signal(-code, libc::SIG_DFL);
            libc::raise(-code);
        }
    }
    // SAFETY: takes an integer and does not return. A supervisor has nothing to clean up.
    unsafe { libc::_exit(code) }
}
