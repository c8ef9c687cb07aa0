//! Helpers for the test programs, which drive `threadbook` from outside as a user does.
//!
//! A crate, so that they are compiled once and not for each program.

pub mod browser;
pub mod built;
pub mod completion;
pub mod executed;
pub mod expected_output;
pub mod judge;
pub mod kernel;
pub mod machine;
pub mod not_run;
pub mod notebook;
pub mod process;
pub mod project;
pub mod python;
pub mod random;
pub mod run;
pub mod sandbox;
pub mod sequence;
pub mod tools;
pub mod turn;
pub mod venv;
