//! Writing to stdout in order with what is shown.

use std::io::{self, Write};

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
