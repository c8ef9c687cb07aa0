//! The helper crate from outside, as the cells use it: the rules of Python's `multiprocessing` that it keeps, each in a
//! test that is named after the rule, and what happens with many processes and when some are killed.
//!
//! Every test is the body of a process, in a program of its own, and has a timeout: see `life` and `alone`. The rules
//! are in the order of Python's documentation; where Rust does better, the name says what happens here.

mod alone;
mod life;
mod names;
mod python;
mod rules;
mod stress;
