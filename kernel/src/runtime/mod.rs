//! The runtime: the process in which the cells' code runs.
//!
//! evcxr starts it with `EVCXR_IS_RUNTIME` set and speaks a line protocol with it on stdin and
//! stdout. Here those two are moved aside first; the cells get pipes of their own, and what comes
//! out of them goes to the kernel at once, byte by byte if need be. Only evcxr's own control
//! lines, which the code around a cell prints, are passed on to evcxr.
//!
//! A copy of the process is kept, which takes over when a cell ends it.

mod carrier;
mod companion;
mod control;
mod cut;
mod input;
mod letters;
mod limits;
mod memory;
mod order;
mod outlet;
mod plumbing;
mod pump;
mod snapshot;
mod source;

use crate::ipc::{Failure, Hello, RuntimeReply, SOCKET_VAR, write_frame};
use anyhow::{Context, Result, bail};
pub use companion::COMPANION_VAR;
use companion::Companion;
use libloading::Library;
use outlet::Intake;
use plumbing::{Plumbing, Private};
use pump::Pump;
use snapshot::{Role, Snapshots};
use std::ffi::c_void;
use std::fs::File;
use std::io::{BufRead, BufReader, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;

/// Whether evcxr started this process to run cells.
pub fn is_wanted() -> bool {
    std::env::var_os("EVCXR_IS_RUNTIME").is_some()
}

/// Runs cells until evcxr closes the connection.
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
            plumbing.replies.write_all(b"EVCXR_EXECUTION_COMPLETE\n")?;
            line.clear();
        }
        if commands.read_line(&mut line)? == 0 {
            break;
        }
        snapshots.set_in_cell(true);
        let (library, function) = parse(line.trim_end())?;
        plumbing.memory.read_limit();
        pump.begin(intake);
        outlet.open()?;
        variables = run_cell(library, function, variables, &companion, &pump)?;
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
    // evcxr gives a cell up, and leaves its own state as it was before it, at a line that is no
    // text. Any other answer would make it forget variables that the cell defines anew.
    plumbing.replies.write_all(b"\xff\n")?;
    Ok(pump)
}

fn parse(line: &str) -> Result<(&str, &str)> {
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("LOAD_AND_RUN"), Some(library), Some(function), None) => Ok((library, function)),
        _ => bail!("an instruction that is none: {line:?}"),
    }
}

fn run_cell(
    library: &str,
    function: &str,
    variables: *mut c_void,
    companion: &Companion,
    pump: &Pump,
) -> Result<*mut c_void> {
    // SAFETY: the library is a cell that evcxr has just built. Its initialisers are those of the
    // cell's crates, which the user asked for.
    let library = unsafe { Library::new(library) }?;
    // What was compiled without cargo has no number in its name.
    let unnumbered = function.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_');
    type Cell = extern "C" fn(*mut c_void) -> *mut c_void;
    // SAFETY: evcxr gives every such function this signature.
    let cell = unsafe {
        let numbered = library.get::<Cell>(function.as_bytes());
        numbered.or_else(|_| library.get::<Cell>(unnumbered.as_bytes()))
    }?;
    companion.cell_begins();
    let variables = plumbing::in_cell(|| cell(variables));
    if let Some((message, line, column)) = companion.cell_ends() {
        pump.send(RuntimeReply::Failed(Failure {
            ename: "panic".to_owned(),
            message,
            position: Some((line, column)),
        }));
    }
    // Threads, variables and thread-local destructors of the cell may outlive it, so its code
    // stays loaded.
    std::mem::forget(library);
    Ok(variables)
}
