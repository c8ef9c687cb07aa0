//! Runs a cell in every order of its threads' steps, or in as many as there is time for.
//!
//! The runtime forks an explorer, which loads the cell's library, compiled against the library for explored cells, and forks itself for
//! each order: so every run begins with the same variables and statics, and nothing has to be undone. The explorer has one thread when it
//! forks. It passes on what the runs showed, and exits; the runtime has changed in nothing.

mod blocked;
mod collect;
mod frontier;
mod interrupt;
mod narration;
mod objects;
mod run;
mod search;
mod shown;
mod sites;
#[cfg(all(test, target_os = "linux", target_arch = "x86_64"))]
mod tests;

use super::cell_output;
use super::std_bridge::StdBridge;
use crate::ipc::{
    CellEnd, Explored, ExploredEnd, ExploredNote, RunExplored, read_frame, write_frame,
};
use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use std::ffi::c_void;
use std::io;
use std::path::Path;

/// What the explorer tells the runtime.
#[derive(Serialize, Deserialize)]
enum Told {
    /// How many orders it has run so far, and about how many there are.
    Progress(u64, Option<f64>),
    Done(Explored),
}

/// Runs a cell in many orders, in other processes. `variables` are the notebook's. `progress` is told now and then how many were run, and
/// about how many there are if that is known. An interrupt ends it early, and not this process.
pub fn explore(
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
    progress: impl FnMut(u64, Option<f64>),
) -> Explored {
    match &wanted.library {
        // Elsewhere threads are not seen: see `waits`.
        _ if !cfg!(all(target_os = "linux", target_arch = "x86_64")) => {
            ran_once("cells can be explored on Linux on x86-64 only")
        }
        Err(why) => ran_once(why),
        Ok(library) => {
            let explored = explore_in_fork(library, wanted, variables, std_bridge, progress);
            explored.unwrap_or_else(|error| ran_once(&format!("{error:#}")))
        }
    }
}

/// # Errors
/// When no process can be forked, or the explorer ended without telling anything.
fn explore_in_fork(
    library: &Path,
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
    mut progress: impl FnMut(u64, Option<f64>),
) -> Result<Explored> {
    let (mut reader, mut writer) = io::pipe()?;
    // The explorer begins with it.
    let blocked = interrupt::Blocked::new();
    match std_bridge.fork() {
        -1 => Err(io::Error::last_os_error()).context("cannot fork the explorer"),
        0 => {
            drop(reader);
            // Without a runtime there is nobody to tell.
            let mut tell = |told| drop(write_frame(&mut writer, &told));
            let mut progress = |orders, estimate| tell(Told::Progress(orders, estimate));
            let explored = search_in(library, wanted, variables, std_bridge, &mut progress)
                .unwrap_or_else(|error| ran_once(&format!("{error:#}")));
            tell(Told::Done(explored));
            // SAFETY: `_exit` ends this process at once, without the runtime's exit handlers.
            unsafe { libc::_exit(0) }
        }
        explorer => {
            drop(writer);
            drop(blocked);
            let explored = loop {
                match read_frame(&mut reader) {
                    Ok(Some(Told::Progress(orders, estimate))) => progress(orders, estimate),
                    Ok(Some(Told::Done(explored))) => break Some(explored),
                    Ok(None) | Err(_) => break None,
                }
            };
            // SAFETY: waitpid(2) accepts null for the status. The explorer exits after its frame.
            unsafe { libc::waitpid(explorer, std::ptr::null_mut(), 0) };
            explored.context("the process that explores the cell has ended")
        }
    }
}

/// Returns how an explored cell has ended, unless it runs once more, as any cell, so that its variables exist. It does not if it was
/// interrupted, or if an order of its steps fails, hangs or never ends, since it might be that one.
pub fn end_of_cell(explored: &Explored) -> Option<CellEnd> {
    let mut outcomes = explored.outcomes.iter();
    if explored.end == ExploredEnd::Interrupt {
        Some(CellEnd::Interrupted)
    } else if outcomes.any(|outcome| outcome.shown.failure.is_some()) {
        Some(CellEnd::Returned)
    } else {
        None
    }
}

/// The explorer's part.
fn search_in(
    library: &Path,
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
    progress: &mut dyn FnMut(u64, Option<f64>),
) -> Result<Explored> {
    die_with_parent();
    cell_output::leave()?;
    let mut runs = run::Runs::open(library, variables, std_bridge)?;
    Ok(search::search(&mut runs, wanted, progress))
}

/// Ends this process when its parent ends.
fn die_with_parent() {
    // SAFETY: the call takes no pointers. The parent's thread that forked this process is its main thread, which lives as long as it
    // (prctl(2)); what the parent left before this call, the end of its process group ends.
    unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL) };
}

fn ran_once(why: &str) -> Explored {
    Explored {
        notes: vec![ExploredNote::RanOnce {
            why: why.to_owned(),
        }],
        ..Explored::default()
    }
}
