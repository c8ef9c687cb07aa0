//! `threadbook` from outside, as a user sees it: the tests that may run side by side, also with others that keep all processors busy.
//!
//! One program: many of them wait rather than compute, and cargo runs the tests of one program at once, but one program after the other.

mod bad_input;
mod check;
mod compiled;
mod crates;
mod deadlocks;
mod docs;
mod doctor;
mod explore;
mod export;
mod failing;
mod figures;
mod fresh_machine;
mod input;
mod jupyter;
mod lab;
mod nbgrader;
mod offline;
mod output;
mod page;
mod prebuilt;
mod prepared;
mod private;
mod programs;
mod protocol;
mod rules;
mod run_options;
mod sequences;
mod slides;
mod soak;
mod stock;
mod stored;
mod variables;
mod wheel;
