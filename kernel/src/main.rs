//! Threadbook: a Jupyter kernel and notebook runner in Rust.
//!
//! One binary plays all parts: see `kernel`, `engine` and `runtime` for what happens to a cell,
//! `analyst` for completion, and `run` and `page` for notebooks without Jupyter.

mod analyst;
mod cargo;
mod cell;
mod check;
mod cli;
mod doctor;
mod engine;
mod history;
mod ipc;
mod jupyter;
mod kernel;
mod lab;
mod notebook;
mod page;
mod prebuilt;
mod run;
mod runtime;
mod zmtp;

use std::process::ExitCode;

fn main() -> ExitCode {
    if cargo::is_wanted() {
        return cargo::run();
    }
    if cargo::is_recorder() {
        return cargo::record();
    }
    // evcxr starts this binary again, as the runtime or around rustc, and tells which by the
    // environment. Ours comes first, since evcxr's hook would run a loop of its own.
    if runtime::is_wanted() {
        runtime::run();
    }
    evcxr::runtime_hook();
    cli::run()
}
