//! Finds the library for a request in the cache, or builds it.

use super::build::build;
use super::build_lock::{publishing, wait_for_turn};
use super::library::{CrateLibrary, DESCRIPTION};
use super::request::Request;
use crate::prebuilt::{Cache, Toolchain, write_atomically};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// If a build fails with less free space than this, the disk counts as full, in bytes.
const MIN_FREE_BYTES: u64 = 64 << 20;

/// Returns the library for a request; builds it first if necessary. `show` gets progress lines.
///
/// # Errors
/// When it cannot be built.
pub fn library_for(
    request: &Request,
    cache: &Cache,
    toolchain: &Toolchain,
    show: &mut dyn FnMut(&str),
) -> Result<CrateLibrary> {
    let folder = folder_of(request, cache, toolchain)?;
    if let Some(found) = CrateLibrary::open(&folder, request.flags_before(), cache) {
        return Ok(found);
    }
    let turn = wait_for_turn(&folder, show)?;
    if let Some(found) = CrateLibrary::open(&folder, request.flags_before(), cache) {
        return Ok(found);
    }
    clear(&folder)?;
    let show = &mut publishing(&folder, show);
    let description = match build(request, &folder, &turn, toolchain, show) {
        Err(error) if free_space(&folder)? < MIN_FREE_BYTES => {
            // Frees the space, so that other files can be written.
            clear(&folder)?;
            let reason = format!("{error:#}");
            bail!(
                "the disk is full: cannot build crates in {}; free some space, or set XDG_CACHE_HOME to a directory on another disk: {}",
                folder.display(),
                reason.lines().next().unwrap_or_default()
            );
        }
        built => built?,
    };
    write_atomically(
        &folder.join(DESCRIPTION),
        &serde_json::to_vec(&description)?,
    )?;
    CrateLibrary::open(&folder, request.flags_before(), cache)
        .context("a file of the built library is missing")
}

/// Returns the library for a request if it is built.
///
/// # Errors
/// When a local crate is gone.
pub fn find_library(
    request: &Request,
    cache: &Cache,
    toolchain: &Toolchain,
) -> Result<Option<CrateLibrary>> {
    let folder = folder_of(request, cache, toolchain)?;
    Ok(CrateLibrary::open(&folder, request.flags_before(), cache))
}

/// Returns the directory of the library in the shared cache if it is finished there, else in the user's.
fn folder_of(request: &Request, cache: &Cache, toolchain: &Toolchain) -> Result<PathBuf> {
    let is_finished = |folder: &Path| CrateLibrary::open(folder, Vec::new(), cache).is_some();
    Ok(cache.find("crates", &[&request.key(toolchain)?], is_finished))
}

/// Returns the free space on a directory's disk, in bytes.
fn free_space(folder: &Path) -> Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail * disk.f_frsize)
}

/// Removes what an interrupted build has left.
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
