//! Threadbook: a Jupyter kernel and notebook runner in Rust.
//!
//! One binary plays all parts: see `server`, `engine` and `runtime` for what happens to a cell,
//! `completion` for completion, and `run` and `page` for notebooks without Jupyter.

mod cell;
mod check;
mod cli;
mod completion;
mod crates;
mod doctor;
mod engine;
mod fetch;
mod history;
mod ipc;
mod jupyter;
mod lab;
mod notebook;
mod page;
mod prebuilt;
mod run;
mod runtime;
mod server;
mod size;
mod terminal;
mod zmtp;

use std::process::ExitCode;

fn main() -> ExitCode {
    if runtime::is_wanted() {
        runtime::run();
    }
    // evcxr, which carries out commands, starts this program again too, and tells by the environment what for.
    evcxr::runtime_hook();
    cli::run()
}
