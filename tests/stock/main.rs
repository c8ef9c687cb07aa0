//! The kernel that notebooks in Rust are usually run with, as a program of ours: `cargo build` makes it beside the tests.

use std::process::ExitCode;

fn main() -> ExitCode {
    match evcxr_jupyter::main() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("evcxr_jupyter: {error:#}");
            ExitCode::FAILURE
        }
    }
}
