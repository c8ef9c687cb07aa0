//! The counterparts of Python's `concurrent.futures`, `threading` and `queue`: the rules that they keep, each in a test
//! that is named after the rule; many tasks and killed workers; programs that do the same in CPython; and the table of
//! all names.
//!
//! Every test that may hang is the body of a process, in a program of its own, and has a timeout: see `life` and
//! `alone`, which the tests of `multiprocessing` have too.

#[path = "../multiprocessing/alone.rs"]
mod alone;
mod beside_cpython;
mod lessons;
#[allow(dead_code, reason = "the tests of `multiprocessing` use the rest")]
#[path = "../multiprocessing/life.rs"]
mod life;
mod names;
mod rules;
mod stress;
