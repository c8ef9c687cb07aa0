//! The runtime: the process in which the cells' code runs.
//!
//! evcxr starts it with `EVCXR_IS_RUNTIME` set and speaks a line protocol with it on stdin and
//! stdout. Here those two are moved aside first; the cells get pipes of their own, and what comes
//! out of them goes to the kernel at once, byte by byte if need be. Only evcxr's own control
//! lines, which the code around a cell prints, are passed on to evcxr.

mod coalesce;
mod companion;
mod control;
mod order;
mod plumbing;
mod pump;

use crate::ipc::{Failure, Hello, RuntimeReply, SOCKET_VAR, write_frame};
use anyhow::{Context, Result, bail};
pub use companion::COMPANION_VAR;
use companion::Companion;
use libloading::Library;
use plumbing::Plumbing;
use pump::Pump;
use std::ffi::c_void;
use std::io::{BufRead, Write};
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
    plumbing::lead_a_group_that_dies_with_the_engine()?;
    let kernel = connect()?;
    let Plumbing {
        commands,
        mut replies,
        stdout,
        stderr,
    } = plumbing::lay()?;
    plumbing::keep_from_children(&[&commands, &replies, &stdout, &stderr], &kernel)?;
    order::start(&stdout, &stderr)?;
    let companion = Companion::load()?;
    let pump = Pump::start(stdout, stderr, kernel, replies.try_clone()?)?;

    let mut variables = std::ptr::null_mut();
    for line in std::io::BufReader::new(commands).lines() {
        let line = line?;
        let (library, function) = parse(&line)?;
        variables = run_cell(library, function, variables, &companion, &pump)?;
        pump.drain();
        replies.write_all(b"EVCXR_EXECUTION_COMPLETE\n")?;
    }
    Ok(())
}

fn connect() -> Result<UnixStream> {
    let path = std::env::var_os(SOCKET_VAR).with_context(|| format!("{SOCKET_VAR} is not set"))?;
    let mut kernel = UnixStream::connect(path).context("the kernel does not answer")?;
    write_frame(
        &mut kernel,
        &Hello::Runtime {
            pid: std::process::id(),
        },
    )?;
    Ok(kernel)
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
    // SAFETY: evcxr gives every such function this signature.
    let cell =
        unsafe { library.get::<extern "C" fn(*mut c_void) -> *mut c_void>(function.as_bytes()) }?;
    companion.cell_begins();
    let variables = cell(variables);
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
