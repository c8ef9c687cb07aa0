//! Runs a cell in every order of its threads' steps, or in as many as there is time for.
//!
//! The runtime forks an explorer, which loads the cell's library, compiled against the library for explored cells, and forks itself for
//! each order: so every run begins with the same variables and statics, and nothing has to be undone. The explorer has one thread when it
//! forks. It passes on what the runs showed, and exits; the runtime has changed in nothing.

mod collect;
mod frontier;
mod narration;
mod run;
mod search;
mod shown;
mod sites;


use super::cell_output;
use super::std_bridge::StdBridge;
use crate::ipc::{Explored, ExploredNote, RunExplored, read_frame, write_frame};
use anyhow::{Context, Result};
use std::ffi::c_void;
use std::io;
use std::path::Path;

/// Runs a cell in many orders, in other processes. `variables` are the notebook's.
///
/// # Errors
/// When no process can be forked, or the explorer ended without telling anything.
pub fn explore(
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
) -> Result<Explored> {
    let library = match &wanted.library {
        Ok(library) => library,
        Err(why) => return Ok(ran_once(why)),
    };
    let (mut reader, mut writer) = io::pipe()?;
    match std_bridge.fork() {
        -1 => Err(io::Error::last_os_error()).context("cannot fork the explorer"),
        0 => {
            drop(reader);
            let explored = search_in(library, wanted, variables, std_bridge)
                .unwrap_or_else(|error| ran_once(&format!("{error:#}")));
            // Without a runtime there is nobody to tell.
            let _ = write_frame(&mut writer, &explored);
            // SAFETY: `_exit` ends this process at once, without the runtime's exit handlers.
            unsafe { libc::_exit(0) }
        }
        explorer => {
            drop(writer);
            let explored = read_frame(&mut reader);
            // SAFETY: waitpid(2) accepts null for the status. The explorer exits after its frame.
            unsafe { libc::waitpid(explorer, std::ptr::null_mut(), 0) };
            explored?.context("the process that explores the cell has ended")
        }
    }
}

/// Whether the cell runs once more, as any cell, so that its variables exist: unless an order of its steps fails, hangs or never ends, since
/// it might be that one.
pub fn runs_on(explored: &Explored) -> bool {
    let mut outcomes = explored.outcomes.iter();
    outcomes.all(|outcome| outcome.shown.failure.is_none())
}

/// The explorer's part.
fn search_in(
    library: &Path,
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
) -> Result<Explored> {
    die_with_parent();
    cell_output::leave()?;
    let mut runs = run::Runs::open(library, variables, std_bridge)?;
    Ok(search::search(&mut runs, wanted))
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
