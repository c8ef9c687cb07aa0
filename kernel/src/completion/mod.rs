//! The completion process: answers complete and inspect requests with rust-analyzer. It has the source of the earlier
//! cells and runs none of them.
//!
//! It is separate from the engine for three reasons: it answers while a cell runs, reading the standard library delays
//! no cell, and its memory is freed when it exits.

mod analyzer;
mod complete;
mod completer;
mod database;
mod heap;
mod inspect;
mod interfaces;
mod library;
mod messages;
mod mode;
mod notebook;
mod priority;

pub use interfaces::Interfaces;
pub use messages::{Completion, Completions, Inspection, Reply, Request, Variable};
pub use mode::Mode;

use crate::ipc::{read_frame, write_frame};
use crate::prebuilt::{Cache, Toolchain};
use analyzer::Analyzer;
use anyhow::{Context, Error, Result, anyhow};
use completer::{Completer, Received};
use crossbeam_channel::{Receiver, unbounded};
use mode::MODE_VAR;
use priority::at_low_priority;
use std::io::{Write, stdin, stdout};
use std::path::Path;
use std::time::{Duration, Instant};

/// How long the kernel waits for a reply.
pub const REPLY_TIMEOUT: Duration = Duration::from_millis(900);

/// Serves the kernel until it closes stdin. `workspace` is the directory in which the engine compiles. `is_light` says to
/// read no source, but only prepared interfaces.
///
/// # Errors
/// If there is no compiler, or stdout is closed.
pub fn run(workspace: &Path, is_light: bool) -> Result<()> {
    let requests = listen()?;
    let toolchain = Toolchain::find()?;
    let prepared = prepared(&toolchain);
    let is_prepared = prepared.is_some();
    let analyzer = match prepared {
        Some(analyzer) => Ok(analyzer),
        None if is_light => Err(not_prepared()),
        None => at_low_priority(|| Analyzer::of_sources(toolchain.clone(), workspace)),
    };
    let mut completer = match analyzer {
        Ok(analyzer) => Completer::new(analyzer),
        Err(error) => {
            tracing::warn!("completions are unavailable: {error:#}");
            return send(&Reply::Unavailable);
        }
    };
    let mut start = || -> Result<()> {
        // Earlier cells come first, so that the warm-up loads their dependencies.
        for request in requests.try_iter() {
            completer.handle(request, &mut stdout())?;
        }
        completer.warm_up();
        Ok(())
    };
    match is_prepared {
        true => start()?,
        false => at_low_priority(start)?,
    }
    send(&Reply::Warm)?;
    if is_prepared && !is_light {
        completer.load_sources(toolchain, workspace)?;
    }
    completer.serve(&requests)
}

/// Returns the analyzer of what was prepared, if that can be used.
fn prepared(toolchain: &Toolchain) -> Option<Analyzer> {
    let interfaces = Interfaces::find(&Cache::open().ok()?, toolchain)?;
    let analyzer = Analyzer::of_interfaces(interfaces, toolchain);
    let warn = |error: &Error| tracing::warn!("cannot read what is prepared: {error:#}");
    analyzer.inspect_err(warn).ok()
}

fn not_prepared() -> Error {
    anyhow!(
        "{MODE_VAR} is `light`, but nothing is prepared for this compiler and this program; run `threadbook prepare`"
    )
}

/// Starts the thread that reads requests.
fn listen() -> Result<Receiver<Received>> {
    let (sender, receiver) = unbounded();
    std::thread::Builder::new()
        .name("threadbook-requests".to_owned())
        .spawn(move || {
            while let Ok(Some(request)) = read_frame(&mut stdin().lock()) {
                let _ = sender.send((Instant::now(), request));
            }
            // The kernel has exited; do not wait for the main thread.
            std::process::exit(0);
        })?;
    Ok(receiver)
}

fn send(reply: &Reply) -> Result<()> {
    let mut to = stdout().lock();
    write_frame(&mut to, reply)?;
    to.flush().context("the kernel has closed the connection")
}
