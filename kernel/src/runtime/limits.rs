//! How much a cell may put out and how much memory it may take; both can be set.

use crate::size;
use anyhow::Result;

/// Bytes of text that a cell may write before the rest is cut.
pub fn output() -> u64 {
    read(OUTPUT).unwrap_or(4_000_000)
}

/// Bytes of memory that a cell and its processes may take together. `None` when it is not set.
pub fn memory() -> Option<u64> {
    read(MEMORY)
}

/// Whether the limits can be read.
///
/// # Errors
/// Which one cannot, and how it is written.
pub fn check() -> Result<()> {
    for name in [OUTPUT, MEMORY] {
        size::of_variable(name, EXAMPLE)?;
    }
    Ok(())
}

const OUTPUT: &str = "THREADBOOK_OUTPUT_LIMIT";
const MEMORY: &str = "THREADBOOK_MEMORY_LIMIT";
const EXAMPLE: &str = "500MB or 2GiB";

/// The variable as the cells see it, which may set it: they change the C library's environment,
/// and this binary's `std` looks there too.
fn read(name: &str) -> Option<u64> {
    size::of_variable(name, EXAMPLE).unwrap_or_else(|error| {
        tracing::warn!("{error:#}");
        None
    })
}
