//! Stock evcxr_jupyter, the usual kernel for Rust notebooks, as a program that cargo builds beside the tests.

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
