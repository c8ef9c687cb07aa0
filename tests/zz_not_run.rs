//! Prints which tests did not run, and why. cargo runs a package's test programs in the order of their names, so this one
//! comes last.

use support::not_run;

/// Accepts the arguments of the other test programs, because cargo passes them to all.
fn main() {
    if !std::env::args().any(|argument| argument == "--list") {
        print!("{}", not_run::finish());
    }
}
