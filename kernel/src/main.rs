//! Threadbook: a Jupyter kernel and notebook runner in Rust.
//!
//! One binary plays all roles: `server`, `engine` and `runtime` execute cells, `completion` completes
//! code, and `run` and `page` handle notebooks without Jupyter.

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
mod prepare;
mod process_stat;
mod run;
mod runtime;
mod server;
mod size;
mod terminal;
mod zmtp;

use std::process::ExitCode;

fn main() -> ExitCode {
    if runtime::is_runtime_process() {
        runtime::run();
    }
    // evcxr, which executes commands such as `:dep`, also starts this program and says why in the environment.
    evcxr::runtime_hook();
    cli::run()
}
