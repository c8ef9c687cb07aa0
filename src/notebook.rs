//! Where the program runs, and the way from there to a notebook's front end.

mod bundle;
mod cell_output;
mod kernel_functions;
mod message;
mod symbol;
#[cfg(test)]
pub(crate) mod testing;

use std::io::{self, Write};

pub use bundle::Bundle;
pub(crate) use bundle::Content;
pub(crate) use cell_output::CellOutput;
pub(crate) use kernel_functions::KernelFunctions;
pub(crate) use message::Message;

/// What runs this process, or the one that it was forked from.
pub(crate) enum Host {
    /// Our kernel: what is shown goes to the front end by messages.
    Kernel(KernelFunctions),
    /// Stock evcxr: it reads lines from stdout and stderr, and passes whole lines on.
    Evcxr,
    /// A program of its own.
    Program,
}

pub(crate) fn host() -> Host {
    match KernelFunctions::find() {
        Some(kernel) => Host::Kernel(kernel),
        None if std::env::var_os("EVCXR_IS_RUNTIME").is_some() => Host::Evcxr,
        None => Host::Program,
    }
}

/// Writes out what was printed so far, so that it stands before what is shown next.
pub(crate) fn flush_stdout() {
    // As with a failed `print!` to a closed pipe, there is no one left to tell.
    let _ = io::stdout().flush();
}

/// Writes text that ends in a newline to stdout as one block, so that lines of other threads and processes cannot
/// come between.
pub(crate) fn print_at_once(text: &str) {
    let mut stdout = io::stdout().lock();
    // With nothing before it in the buffer, a text that ends in a newline goes out in one write.
    let _ = stdout
        .flush()
        .and_then(|()| stdout.write_all(text.as_bytes()))
        .and_then(|()| stdout.flush());
}
