//! The runtime: the process in which the cells' code runs.
//!
//! The engine starts it and gives it instructions on stdin, to which it replies on stdout. Here
//! those two are moved aside first; the cells get pipes of their own, and what comes
//! out of them goes to the kernel at once, byte by byte if need be. Only results, which cells
//! print in evcxr's form, are passed on to the engine.
//!
//! A copy of the process is kept, which takes over when a cell ends it.

mod cell_output;
mod cell_pipes;
mod control;
mod descriptors;
mod display_record;
mod display_socket;
mod input;
pub mod limits;
mod memory;
mod output_commands;
mod output_limit;
mod output_order;
mod output_relay;
mod output_thread;
mod private_descriptors;
mod process_group;
mod shared_memory;
mod snapshot;
mod std_bridge;
mod terminal;

use crate::ipc::{
    CellEnd, Failure, Hello, Position, RunCell, RuntimeReply, SOCKET_VAR, write_frame,
};
use anyhow::{Context, Result};
use cell_output::CellReaders;
use descriptors::Descriptors;
use libc::{RTLD_GLOBAL, RTLD_NOW};
use libloading::os::unix::Library;
use output_thread::OutputThread;
use private_descriptors::Private;
use snapshot::{Role, Snapshots};
use std::ffi::c_void;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
pub use std_bridge::STD_BRIDGE_VAR;
use std_bridge::{Panic, StdBridge};

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
    process_group::lead()?;
    let mut descriptors = descriptors::open()?;
    output_order::start()?;
    let std_bridge = StdBridge::load()?;
    let mut commands = BufReader::new(descriptors.commands.try_clone()?);
    let commands_are_private = Private::keep(commands.get_ref());
    let mut output_thread = OutputThread::start(&descriptors, connect()?)?;
    input::start(&output_thread);
    let mut snapshots = Snapshots::new()?;
    let mut variables = std::ptr::null_mut();
    let mut line = String::new();
    let mut end = CellEnd::Done;
    for cell in 1.. {
        // The copy must have the reading ends of what the next cell may leave in its pipes.
        let (output, readers) = cell_output::make(cell)?;
        if let Role::Successor(how) = snapshots.renew(&std_bridge, output)? {
            output_thread = take_over(
                output_thread,
                &mut descriptors,
                commands.get_ref(),
                readers,
                how,
            )?;
            // The cell that this copy was made after has been answered.
            line.clear();
            continue;
        }
        if !line.is_empty() {
            snapshots.set_in_cell(false);
            reply(&mut descriptors.replies, end)?;
            line.clear();
        }
        if commands.read_line(&mut line)? == 0 {
            break;
        }
        snapshots.set_in_cell(true);
        let RunCell { library } = parse(&line)?;
        descriptors.memory.read_limit();
        output_thread.begin(readers);
        output.open()?;
        end = run_cell(&library, &mut variables, &std_bridge, &output_thread)?;
        descriptors::mend()?;
        output_thread.drain();
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
    before: OutputThread,
    descriptors: &mut Descriptors,
    commands: &File,
    readers: CellReaders,
    how: Option<String>,
) -> Result<OutputThread> {
    process_group::lead()?;
    // Its thread, which the copy does not have, may have been inside of it.
    std::mem::forget(before);
    Private::close_others(&[
        commands.as_raw_fd(),
        descriptors.commands.as_raw_fd(),
        descriptors.replies.as_raw_fd(),
        descriptors.display.as_raw_fd(),
        readers.stdout.as_raw_fd(),
        readers.stderr.as_raw_fd(),
    ]);
    let output_thread = OutputThread::start(descriptors, connect()?)?;
    input::start(&output_thread);
    output_thread.begin(readers);
    let words = descriptors.memory.last_words();
    let Some(how) = how else {
        return Ok(output_thread);
    };
    output_thread.send(RuntimeReply::Failed(Failure {
        ename: "Crash".to_owned(),
        message: format!(
            "{}; your variables are as they were before it",
            words.unwrap_or(how)
        ),
        position: None,
    }));
    output_thread.drain();
    reply(&mut descriptors.replies, CellEnd::Crashed)?;
    Ok(output_thread)
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
    std_bridge: &StdBridge,
    output_thread: &OutputThread,
) -> Result<CellEnd> {
    // SAFETY: the library is a cell that the engine has just built. Its initialisers are those of the
    // cell's crates, which the user asked for. Its symbols are its function and the statics that it defines, for later cells to
    // see; no two cells define the same static.
    let library = match unsafe { Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL) } {
        Ok(library) => library,
        // It names a function that no library has.
        Err(error) => {
            output_thread.send(RuntimeReply::Failed(Failure {
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
    std_bridge.cell_begins();
    let end = match process_group::in_cell(|| cell(variables)) {
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
    let failure = std_bridge.cell_ends(ename.is_some());
    if let Some(ename) = ename {
        let Panic {
            message,
            line,
            library,
        } = failure.unwrap_or_default();
        output_thread.send(RuntimeReply::Failed(Failure {
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
