//! The runtime: the process in which the cells' code runs.
//!
//! The engine starts it, sends it instructions on stdin and reads its replies from stdout. The
//! runtime first moves those two descriptors aside and gives each cell pipes of its own. It
//! forwards the cells' output to the kernel at once, byte by byte if need be, and only results,
//! which cells print in evcxr's form, to the engine.
//!
//! A forked copy of the process takes over when a cell ends the process.

mod cell_lines;
mod cell_output;
mod cell_pipes;
mod clock;
mod control;
mod descriptors;
mod display_record;
mod display_socket;
mod exploration;
mod held_descriptors;
mod input;
mod libraries;
pub mod limits;
mod location;
mod memory;
mod output_commands;
mod output_limit;
mod output_order;
mod output_relay;
mod output_thread;
mod private_descriptors;
mod process_group;
mod raw_syscall;
mod refusal;
#[cfg_attr(
    not(all(target_os = "linux", target_arch = "x86_64")),
    expect(dead_code, reason = "nothing is explored there")
)]
mod schedule;
mod shared_memory;
mod snapshot;
mod std_bridge;
mod std_main;
mod terminal;
mod waits;

use crate::ipc::{
    CellEnd, Failure, Hello, Position, RunCell, RunExplored, RuntimeReply, SOCKET_VAR, write_frame,
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
pub use std_main::STD_MAIN_LIBRARY;

/// The name of the function that every cell's library exports.
pub const ENTRY: &str = "threadbook_cell";

/// The environment variable that tells a process to run cells.
pub const RUNTIME_VAR: &str = "THREADBOOK_RUNTIME";

/// Returns whether the engine started this process to run cells.
pub fn is_runtime_process() -> bool {
    std::env::var_os(RUNTIME_VAR).is_some()
}

/// Runs cells until the engine closes the connection.
pub fn run() -> ! {
    exit(std_main::call(serve_and_exit))
}

extern "C" fn serve_and_exit() {
    exit(serve())
}

fn exit(result: Result<()>) -> ! {
    match result {
        Ok(()) => std::process::exit(0),
        Err(error) => {
            eprintln!("threadbook runtime: {error:#}");
            std::process::exit(99)
        }
    }
}

fn serve() -> Result<()> {
    process_group::become_leader()?;
    let mut descriptors = descriptors::open()?;
    output_order::start()?;
    waits::start()?;
    refusal::start()?;
    let std_bridge = StdBridge::load()?;
    let mut commands = BufReader::new(descriptors.commands.try_clone()?);
    let commands_are_private = Private::register(commands.get_ref());
    let mut output_thread = OutputThread::start(&descriptors, connect()?)?;
    input::start(&output_thread);
    let mut snapshots = Snapshots::new()?;
    let mut variables = std::ptr::null_mut();
    let mut line = String::new();
    let mut end = CellEnd::Done;
    for cell in 1.. {
        // Before the fork: the copy must have the reading ends of the next cell's pipes, to read what that cell leaves there.
        let (output, readers) = cell_output::make(cell)?;
        if let Role::Successor(how) = snapshots.renew(&std_bridge, output)? {
            output_thread = take_over(
                output_thread,
                &mut descriptors,
                commands.get_ref(),
                readers,
                how,
            )?;
            // The cell before this copy has already been answered.
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
        let cell = parse(&line)?;
        descriptors.memory.read_limit();
        descriptors.deadlocks.read_switch();
        output_thread.begin(readers);
        output.open()?;
        let explored = cell
            .explore
            .as_ref()
            .and_then(|wanted| run_explored(wanted, variables, &std_bridge, &output_thread));
        end = match explored {
            None => held_descriptors::run_cell(|| {
                run_cell(&cell, &mut variables, &std_bridge, &output_thread)
            })?,
            Some(end) => end,
        };
        if cell.is_watched {
            send_watched(&output_thread);
        }
        descriptors::reopen_closed()?;
        output_thread.drain();
    }
    drop(commands_are_private);
    snapshots.discard();
    Ok(())
}

/// Runs a cell in many orders, in other processes, and sends what came out. Returns how the cell has ended, unless it is to be run in this
/// process too.
fn run_explored(
    wanted: &RunExplored,
    variables: *mut c_void,
    std_bridge: &StdBridge,
    output_thread: &OutputThread,
) -> Option<CellEnd> {
    let progress = |orders, estimate| {
        output_thread.send(RuntimeReply::Exploring { orders, estimate });
    };
    let explored = exploration::explore(wanted, variables, std_bridge, progress);
    let end = exploration::end_of_cell(&explored);
    output_thread.send(RuntimeReply::Explored(explored));
    end
}

/// Sends what the threads of a watched cell did, unless that has been sent.
fn send_watched(output_thread: &OutputThread) {
    if let Some(watched) = waits::watch::end() {
        output_thread.send(RuntimeReply::Watched(watched));
    }
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

/// Turns this process, a copy that was asleep, into the runtime. If the previous runtime ended in
/// a cell, reports `how` it ended to the kernel and the engine, after the output left in that
/// cell's pipes.
fn take_over(
    before: OutputThread,
    descriptors: &mut Descriptors,
    commands: &File,
    readers: CellReaders,
    how: Option<String>,
) -> Result<OutputThread> {
    process_group::become_leader()?;
    // The output thread, which the copy does not have, may have been using it.
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
    let out_of_memory = descriptors.memory.take_report();
    let deadlock = descriptors.deadlocks.take_report();
    let refusal = refusal::take();
    let Some(how) = how else {
        return Ok(output_thread);
    };
    output_thread.send(RuntimeReply::Failed(match (deadlock, refusal) {
        (Some(waiting), _) => Failure {
            ename: "Deadlock".to_owned(),
            waiting,
            ..Failure::default()
        },
        (None, Some(message)) => Failure {
            ename: "Error".to_owned(),
            message,
            ..Failure::default()
        },
        (None, None) => Failure {
            ename: "Crash".to_owned(),
            message: format!(
                "{}; your variables are as they were before it",
                out_of_memory.unwrap_or(how)
            ),
            ..Failure::default()
        },
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
    cell: &RunCell,
    variables: &mut *mut c_void,
    std_bridge: &StdBridge,
    output_thread: &OutputThread,
) -> Result<CellEnd> {
    let (library, entry) = match open_cell(&cell.library) {
        Ok(opened) => opened,
        // The cell refers to a function that no library has.
        Err(error) => {
            output_thread.send(RuntimeReply::Failed(Failure {
                ename: "LinkError".to_owned(),
                message: load_error_message(&error),
                ..Failure::default()
            }));
            return Ok(CellEnd::Crashed);
        }
    };
    if cell.is_watched {
        waits::watch::begin();
    }
    cell_lines::add(cell);
    std_bridge.cell_begins();
    let end = match process_group::run_in_cell(|| entry(variables)) {
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
            waiting: Vec::new(),
        }));
    }
    // The cell's threads, variables and thread-local destructors may outlive it, so its code stays
    // loaded.
    std::mem::forget(library);
    Ok(end)
}

/// A cell's function.
type Cell = extern "C" fn(&mut *mut c_void) -> u32;

/// Loads a cell's library and returns it with its function.
fn open_cell(library: &Path) -> Result<(Library, Cell), libloading::Error> {
    // SAFETY: the library is a cell that the engine has just built. Its initialisers are those of the cell's crates, which the
    // user asked for. It exports its function and, for later cells, the statics that it defines; no two libraries of a process define the
    // same static. The engine gives every cell a function of this name and signature; see `engine::source`.
    unsafe {
        let library = Library::open(Some(library), RTLD_NOW | RTLD_GLOBAL)?;
        let cell = *library.get::<Cell>(ENTRY.as_bytes())?;
        Ok((library, cell))
    }
}

/// Returns the loader's message without the path of the library, which means nothing to the user.
fn load_error_message(error: &libloading::Error) -> String {
    let text = match error {
        libloading::Error::DlOpen { source } => source.to_string(),
        error => error.to_string(),
    };
    text.split_once(": ")
        .map_or(text.clone(), |(_, why)| why.to_owned())
}
