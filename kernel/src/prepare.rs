//! `threadbook prepare`: fills the shared cache, from which the kernels of all users take what they would build.

use crate::completion::Interfaces;
use crate::engine::build_cell_libraries;
use crate::fetch::fetch;
use crate::notebook::{Document, collect};
use crate::prebuilt::{
    Cache, Helper, HelperSource, SHARED_VAR, Store, Toolchain, check_trust, publish, std_bridge,
};
use anyhow::{Context, Result, bail};
use std::fs;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A cell of a notebook that takes longer is stopped, in seconds.
const CELL_TIMEOUT: &str = "300";

/// The permissions for group and others, which no file of the cache gives beyond reading.
const UMASK: u32 = 0o022;

/// What was prepared.
pub struct Prepared {
    /// The directory.
    pub root: PathBuf,
    pub notebooks: usize,
    /// How many compiled cells and answers of the compiler.
    pub cells: usize,
    /// What does not work, and what to do.
    pub warnings: Vec<String>,
}

/// Fills the directory `root`: with the helper crate, what cells share, and what completion reads, with the crates of the
/// notebooks in `paths`, and with their compiled cells, for which it executes them. What is there stays. `show` gets progress lines.
///
/// # Errors
/// When the directory cannot be written to or trusted, or something cannot be built.
pub fn prepare(root: &Path, paths: &[PathBuf], show: &mut dyn FnMut(&str)) -> Result<Prepared> {
    let toolchain = Toolchain::find()?;
    let notebooks = match paths {
        [] => Vec::new(),
        paths => collect(paths)?,
    };
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(UMASK));
    let root = create(root)?;
    let cache = Cache::at(&root);
    show("Building what all cells share");
    std_bridge(&cache, &toolchain)?;
    let store = Store::open(&cache)?;
    build_cell_libraries(&toolchain, &store)?;
    let source = HelperSource::embedded(&cache)?;
    Helper::get(&source, &cache, &toolchain, show)?.finish_network(&toolchain, show)?;
    show("Preparing completion");
    let interfaces = Interfaces::make(&cache, &toolchain, &source);
    let unprepared = interfaces
        .err()
        .map(|error| format!("completion is not prepared: {error:#}"));
    for path in &notebooks {
        fetch(path, &Document::read(path)?, &cache, &toolchain, show)
            .with_context(|| path.display().to_string())?;
    }
    publish(&root, &toolchain)?;
    let cells = match &*notebooks {
        [] => 0,
        notebooks => {
            show("Executing the notebooks to compile their cells");
            let cells = compile_cells(&root, notebooks, &store)?;
            publish(&root, &toolchain)?;
            cells
        }
    };
    Ok(Prepared {
        root,
        notebooks: notebooks.len(),
        cells,
        warnings: unprepared
            .into_iter()
            .chain(closed_to_others(toolchain.sysroot()))
            .collect(),
    })
}

/// Creates the directory and returns its path without links.
fn create(root: &Path) -> Result<PathBuf> {
    let failed = || format!("cannot create {}", root.display());
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o755)
        .create(root)
        .with_context(failed)?;
    let root = root.canonicalize().with_context(failed)?;
    let about = fs::metadata(&root)?;
    if about.uid() != rustix::process::geteuid().as_raw() {
        bail!(
            "{} belongs to another user ({}); choose another directory with --dir, or run this as that user",
            root.display(),
            about.uid()
        );
    }
    fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).with_context(failed)?;
    check_trust(&root)?;
    Ok(root)
}

/// Returns why other users cannot use the compiler, whose path is part of what is prepared, and what to do.
fn closed_to_others(sysroot: &Path) -> Option<String> {
    /// For others: to read, and to use what is in it (inode(7)).
    const SEARCHABLE: u32 = 0o001;
    let is_closed = |folder: &&Path| {
        let about = fs::metadata(folder);
        about.is_ok_and(|about| about.permissions().mode() & SEARCHABLE == 0)
    };
    let closed = sysroot.ancestors().find(is_closed)?;
    Some(format!(
        "other users cannot use the compiler in {}, because {} is closed to them; install Rust for all users, such as with \
             RUSTUP_HOME=/opt/rust and CARGO_HOME=/opt/rust, and prepare again with that",
        sysroot.display(),
        closed.display()
    ))
}

/// Executes the notebooks with an empty cache beside the shared one, and adds what that has cached to `store`.
fn compile_cells(root: &Path, notebooks: &[PathBuf], store: &Store) -> Result<usize> {
    let cache = tempfile::tempdir()?;
    let program = std::env::current_exe()?;
    let status = Command::new(program)
        .args(["run", "--allow-errors", "--timeout", CELL_TIMEOUT, "--"])
        .args(notebooks)
        .env("XDG_CACHE_HOME", cache.path())
        .env(SHARED_VAR, root)
        .stdin(Stdio::null())
        .status()
        .context("cannot start this program")?;
    // A cell that takes too long is the notebook's business: its cells until then are compiled.
    if !matches!(status.code(), Some(0 | 1)) {
        bail!("cannot execute the notebooks: {status}");
    }
    store.add_all(&Store::open(&Cache::at(&cache.path().join("threadbook")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_compiler_in_a_closed_directory_is_reported() {
        let root = tempfile::tempdir().unwrap();
        let sysroot = root.path().join("toolchains/stable");
        fs::create_dir_all(&sysroot).unwrap();
        let close = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };
        close(root.path(), 0o755);
        let root = root.path().display();
        let because = format!("because {root} is closed");
        let warns = || closed_to_others(&sysroot).is_some_and(|text| text.contains(&because));
        assert!(!warns());
        close(Path::new(&root.to_string()), 0o700);
        assert!(warns());
    }
}
