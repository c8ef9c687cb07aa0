//! The library for a request: found in the cache, or built.

use super::build::build;
use super::build_lock::{publishing, wait_for_turn};
use super::library::{CrateLibrary, DESCRIPTION};
use super::request::Request;
use crate::prebuilt::{Cache, Toolchain, write_atomically};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::Path;

/// With less room than this no crate can be built, in bytes.
const MIN_FREE_BYTES: u64 = 64 << 20;

/// The library for a request, built if it is not there. `show` gets lines of progress.
///
/// # Errors
/// Why it cannot be built.
pub fn library_for(
    request: &Request,
    cache: &Cache,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<CrateLibrary> {
    let folder = cache.entry("crates", &[&request.key(toolchain)?]);
    if let Some(found) = CrateLibrary::open(&folder, request.flags_before()) {
        return Ok(found);
    }
    let turn = wait_for_turn(&folder, show)?;
    if let Some(found) = CrateLibrary::open(&folder, request.flags_before()) {
        return Ok(found);
    }
    clear(&folder)?;
    let show = &mut publishing(&folder, show);
    let description = match build(request, &folder, &turn, toolchain, show) {
        Err(error) if free_space(&folder)? < MIN_FREE_BYTES => {
            // Nothing else could be written either.
            clear(&folder)?;
            let why = format!("{error:#}");
            bail!(
                "the disk is full on which crates are built, in {}; free some of it, or set XDG_CACHE_HOME to a folder on another: {}",
                folder.display(),
                why.lines().next().unwrap_or_default()
            );
        }
        built => built?,
    };
    write_atomically(
        &folder.join(DESCRIPTION),
        &serde_json::to_vec(&description)?,
    )?;
    CrateLibrary::open(&folder, request.flags_before()).context("what was built is not there")
}

/// The library for a request, if it is there.
///
/// # Errors
/// When a crate in a folder is gone.
pub fn find_library(
    request: &Request,
    cache: &Cache,
    toolchain: &Toolchain,
) -> Result<Option<CrateLibrary>> {
    let folder = cache.entry("crates", &[&request.key(toolchain)?]);
    Ok(CrateLibrary::open(&folder, request.flags_before()))
}

/// The room that is left on a folder's disk, in bytes.
fn free_space(folder: &Path) -> Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail * disk.f_frsize)
}

/// Removes what a build has left that was ended.
fn clear(folder: &Path) -> Result<()> {
    for name in ["target", DESCRIPTION] {
        let path = folder.join(name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else if path.exists() {
            fs::remove_file(&path)
        } else {
            Ok(())
        };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}
