//! The limits of a cell's output and memory, which environment variables set.

use crate::size;
use anyhow::Result;

/// Returns how many bytes of text a cell may write before the rest is left out.
pub fn output() -> u64 {
    read(OUTPUT).unwrap_or(4_000_000)
}

/// Returns how many bytes of memory a cell and its processes may use together, or `None` when no limit is set.
pub fn memory() -> Option<u64> {
    read(MEMORY)
}

/// Checks that the limits are valid.
///
/// # Errors
/// Names the invalid variable and shows a valid value.
pub fn check() -> Result<()> {
    for name in [OUTPUT, MEMORY] {
        size::from_env(name, EXAMPLE)?;
    }
    Ok(())
}

const OUTPUT: &str = "THREADBOOK_OUTPUT_LIMIT";
const MEMORY: &str = "THREADBOOK_MEMORY_LIMIT";
const EXAMPLE: &str = "500MB or 2GiB";

/// Reads the variable as the cells see it, since they may set it: they change the C library's
/// environment, which this binary's `std` reads too.
fn read(name: &str) -> Option<u64> {
    size::from_env(name, EXAMPLE).unwrap_or_else(|error| {
        tracing::warn!("{error:#}");
        None
    })
}
