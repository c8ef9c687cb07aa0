//! Writes files of the cache.

use anyhow::{Context, Result};
use std::path::Path;

/// Writes the whole file or nothing.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("the path has no directory")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(path)?;
    Ok(())
}
