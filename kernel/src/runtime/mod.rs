//! The runtime: the process in which the cells' code runs.
//!
//! The engine starts it and gives it instructions on stdin, to which it replies on stdout. Here
//! those two are moved aside first; the cells get pipes of their own, and what comes
//! out of them goes to the kernel at once, byte by byte if need be. Only results, which cells
//! print in evcxr's form, are passed on to the engine.
//!
//! A copy of the process is kept, which takes over when a cell ends it.

mod carrier;
mod companion;
mod control;
mod cut;
mod input;
mod letters;
pub mod limits;
mod memory;
mod order;
mod orders;
mod outlet;
mod plumbing;
mod pump;
mod snapshot;
mod source;
mod terminal;

use crate::ipc::{
    CellEnd, Failure, Hello, Position, RunCell, RuntimeReply, SOCKET_VAR, write_frame,
};
use anyhow::{Context, Result};
pub use companion::COMPANION_VAR;
use companion::{Companion, Panic};
use libc::{RTLD_GLOBAL, RTLD_NOW};
use libloading::os::unix::Library;
use outlet::Intake;
use plumbing::{Plumbing, Private};
use pump::Pump;
use snapshot::{Role, Snapshots};
use std::ffi::c_void;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;

/// The function that every cell's library has.
pub const ENTRY: &str = "threadbook_cell";

/// The environment variable of a process that is to run cells.
pub const RUNTIME_VAR: &str = "THREADBOOK_RUNTIME";

/// Whether the engine started this process to run cells.
pub fn is_wanted() -> bool {
    std::env::var_os(RUNTIME_VAR).is_some()
}

/// Runs cells until the engine closes the connection.
pub fn run() -> ! {
    match serve() {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("threadbook runtime: {error:#}");
            std::process::exit(99)
        }
    }
}

fn serve() -> Result<()> {
    plumbing::lead_a_group_that_dies_with_its_parent()?;
    let mut plumbing = plumbing::lay()?;
    order::start()?;
    let companion = Companion::load()?;
    let mut commands = BufReader::new(plumbing.commands.try_clone()?);
    let commands_are_private = Private::keep(commands.get_ref());
    let mut pump = Pump::start(&plumbing, connect()?)?;
    input::start(&pump);
    let mut snapshots = Snapshots::new()?;
    let mut variables = std::ptr::null_mut();
    let mut line = String::new();
    let mut end = CellEnd::Done;
    for cell in 1.. {
        // The copy must have the reading ends of what the next cell may leave in its pipes.
        let (outlet, intake) = outlet::make(cell)?;
        if let Role::Heir(how) = snapshots.renew(&companion, outlet)? {
            pump = take_over(pump, &mut plumbing, commands.get_ref(), intake, how)?;
            // The cell that this copy was made after has been answered.
            line.clear();
            continue;
        }
        if !line.is_empty() {
            snapshots.set_in_cell(false);
            reply(&mut plumbing.replies, end)?;
            line.clear();
        }
        if commands.read_line(&mut line)? == 0 {
            break;
        }
        snapshots.set_in_cell(true);
        let RunCell { library } = parse(&line)?;
        plumbing.memory.read_limit();
        pump.begin(intake);
        outlet.open()?;
        end = run_cell(&library, &mut variables, &companion, &pump)?;
        plumbing::mend()?;
        pump.drain();
    }
    drop(commands_are_private);
    snapshots.dismiss();
    Ok(())
}

fn connect() -> Result<UnixStream> {
    let path = std::env::var_os(SOCKET_VAR).with_context(|| format!("{SOCKET_VAR} is not set"))?;
    let mut kernel = UnixStream::connect(path).context("the kernel does not answer")?;
    let hello = Hello::Runtime {
        pid: std::process::id(),
    };
    write_frame(&mut kernel, &hello)?;
    Ok(kernel)
}

/// Makes this process, a copy that was asleep, the runtime. `how` the one before it ended is told
/// to those that wait for the end of its cell, after what that cell has left in its pipes.
fn take_over(
    before: Pump,
    plumbing: &mut Plumbing,
    commands: &File,
    intake: Intake,
    how: Option<String>,
) -> Result<Pump> {
    plumbing::lead_a_group_that_dies_with_its_parent()?;
    // Its thread, which the copy does not have, may have been inside of it.
    std::mem::forget(before);
    Private::close_others(&[
        commands.as_raw_fd(),
        plumbing.commands.as_raw_fd(),
        plumbing.replies.as_raw_fd(),
        plumbing.letters.as_raw_fd(),
        intake.stdout.as_raw_fd(),
        intake.stderr.as_raw_fd(),
    ]);
    let pump = Pump::start(plumbing, connect()?)?;
    input::start(&pump);
    pump.begin(intake);
    let words = plumbing.memory.last_words();
    let Some(how) = how else { return Ok(pump) };
    pump.send(RuntimeReply::Failed(Failure {
        ename: "Crash".to_owned(),
        message: format!(
            "{}; your variables are as they were before it",
            words.unwrap_or(how)
        ),
        position: None,
    }));
    pump.drain();
    reply(&mut plumbing.replies, CellEnd::Crashed)?;
    Ok(pump)
}

fn parse(line: &str) -> Result<RunCell> {
    serde_json::from_str(line).with_context(|| format!("invalid instruction: {line:?}"))
}

fn reply(to: &mut File, end: CellEnd) -> Result<()> {
    Ok(to.write_all(format!("{}\n", serde_json::to_string(&end)?).as_bytes())?)
}

fn run_cell(
    library: &Path,
    variables: &mut *mut c_void,
    companion: &Companion,
    pump: &Pump,
) -> Result<CellEnd> {
    // SAFETY: the library is a cell that the engine has just built. Its initialisers are those of the
    // cell's crates, which the user asked for. Its symbols are its function and the statics that it defines, for later cells to
    // see; no two cells define the same static.
    let library = match unsafe { Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => library,
        // It names a function that no library has.
        Err(error) => {
            pump.send(RuntimeReply::Failed(Failure {
                ename: "LinkError".to_owned(),
                message: why_not_loaded(&error),
                position: None,
            }));
            return Ok(CellEnd::Crashed);
        }
    };
    type Cell = extern "C" fn(&mut *mut c_void) -> u32;
    // SAFETY: the engine gives every cell a function of this name and signature, see `engine::source`.
    let cell = unsafe { library.get::<Cell>(ENTRY.as_bytes()) }?;
    companion.cell_begins();
    let end = match plumbing::in_cell(|| cell(variables)) {
        0 => CellEnd::Done,
        1 => CellEnd::Panicked,
        3 => CellEnd::Returned,
        _ => CellEnd::LeftByError,
    };
    let ename = match end {
        CellEnd::Panicked => Some("panic"),
        CellEnd::LeftByError => Some("Error"),
        _ => None,
    };
    let failure = companion.cell_ends(ename.is_some());
    if let Some(ename) = ename {
        let Panic {
            message,
            line,
            library,
        } = failure.unwrap_or_default();
        pump.send(RuntimeReply::Failed(Failure {
            ename: ename.to_owned(),
            message,
            position: library.map(|library| Position { line, library }),
        }));
    }
    // Threads, variables and thread-local destructors of the cell may outlive it, so its code
    // stays loaded.
    std::mem::forget(library);
    Ok(end)
}

/// The loader's message without the path of the library, which nobody but us knows.
fn why_not_loaded(error: &libloading::Error) -> String {
    let text = match error {
        libloading::Error::DlOpen { source } => source.to_string(),
        error => error.to_string(),
    };
    text.split_once(": ")
        .map_or(text.clone(), |(_, why)| why.to_owned())
}
