//! Writing to stdout in order with what is shown.

use std::io::{self, Write};

/// Flushes what was printed so far, so that it comes before what is shown next.
pub(crate) fn flush_stdout() {
    // Errors are ignored: with stdout closed there is nowhere to report them.
    let _ = io::stdout().flush();
}

/// Writes text that ends in a newline to stdout as one block, so that lines of other threads and processes cannot
/// come between.
pub(crate) fn print_at_once(text: &str) {
    let mut stdout = io::stdout().lock();
    // If the buffer is empty, a text that ends in a newline goes out in one write.
    let _ = stdout
        .flush()
        .and_then(|()| stdout.write_all(text.as_bytes()))
        .and_then(|()| stdout.flush());
}
