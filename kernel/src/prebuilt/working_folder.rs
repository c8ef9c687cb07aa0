//! The working directory of a running kernel.

use super::cache::Cache;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

/// A working directory, removed when dropped. Its kernel holds a lock on a file in it, by which a starting kernel
/// distinguishes the directories of running kernels from those of killed ones.
pub struct WorkingFolder {
    path: PathBuf,
    _lock: File,
}

const LOCK: &str = "lock";

/// The name prefix of a directory without its lock.
const STARTING: &str = "starting-";

/// The extension of a directory that is being removed.
const GONE: &str = "gone";

/// How long a kernel may take to lock its directory.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// The maximum length of a socket's path in a Unix socket address, in bytes (unix(7)).
const MAX_SOCKET_PATH: usize = 100;

impl WorkingFolder {
    /// Creates a new directory, and removes those of killed kernels.
    pub fn create(cache: &Cache) -> Result<WorkingFolder> {
        let folder = loop {
            match create_in(&place(cache)) {
                // A kernel that has just exited has removed the empty parent directory.
                Err(error) if is_missing(&error) => {}
                folder => break folder?,
            }
        };
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock().context("cannot lock the working directory")?;
        let starting = folder.keep();
        let name = starting.file_name().unwrap_or_default().to_string_lossy();
        let path = starting.with_file_name(name.replace(STARTING, "kernel-"));
        fs::rename(&starting, &path)?;
        Ok(WorkingFolder { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes a working directory to which processes may still write for a moment.
    pub fn remove(folder: &Path) {
        // Renamed first, so that the next kernel removes it if this process is killed.
        let gone = folder.with_extension(GONE);
        // The rename fails if another process was faster.
        if fs::rename(folder, &gone).is_ok() {
            let _ = fs::remove_dir_all(&gone);
        }
        let _ = fs::remove_dir_all(folder);
        // In the directory for temporary files, the empty parent is removed too.
        if let Some(all) = folder.parent()
            && all.starts_with(std::env::temp_dir())
        {
            let _ = fs::remove_dir(all);
        }
    }
}

impl Drop for WorkingFolder {
    fn drop(&mut self) {
        WorkingFolder::remove(&self.path);
    }
}

/// Creates a directory that has no lock yet.
fn create_in(all: &Path) -> Result<TempDir> {
    make_private(all)?;
    remove_left_behind(all);
    Ok(tempfile::Builder::new().prefix(STARTING).tempdir_in(all)?)
}

fn is_missing(error: &anyhow::Error) -> bool {
    let error = error.downcast_ref::<io::Error>();
    error.is_some_and(|error| error.kind() == io::ErrorKind::NotFound)
}

/// Returns the parent of working directories: in the cache if possible, else in the directory for temporary files.
fn place(cache: &Cache) -> PathBuf {
    let mut all = cache.kernels();
    if is_long(&all) || is_in_a_project(&all) {
        // SAFETY: geteuid(2) has no effects and cannot fail.
        all = std::env::temp_dir().join(format!("threadbook-{}", unsafe { libc::geteuid() }));
    }
    all
}

/// Creates the parent of working directories, or checks that other users cannot write to it.
fn make_private(all: &Path) -> Result<()> {
    let make = |folder: &Path, recursive| {
        let mut builder = fs::DirBuilder::new();
        builder.recursive(recursive).mode(0o700).create(folder)
    };
    let made = match all.parent() {
        Some(parent) => make(parent, true).and_then(|()| make(all, false)),
        None => Ok(()),
    };
    if let Err(error) = made
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(error).with_context(|| format!("cannot create {}", all.display()));
    }
    let found = fs::symlink_metadata(all)?;
    // SAFETY: geteuid(2) has no effects and cannot fail.
    if found.uid() != unsafe { libc::geteuid() } || found.mode() & 0o022 != 0 || !found.is_dir() {
        bail!(
            "{} belongs to another user or is writable by others; set TMPDIR to a directory of your own",
            all.display()
        );
    }
    Ok(())
}

/// Returns whether the path of a socket in a working directory would be too long.
fn is_long(all: &Path) -> bool {
    all.as_os_str().len() + "/kernel-123456/socket".len() > MAX_SOCKET_PATH
}

/// Returns whether cargo would take packages in the directory for members of a workspace.
fn is_in_a_project(folder: &Path) -> bool {
    folder
        .ancestors()
        .any(|folder| folder.join("Cargo.toml").exists())
}

fn remove_left_behind(all: &Path) {
    let Ok(entries) = fs::read_dir(all) else {
        return;
    };
    for folder in entries.flatten().map(|entry| entry.path()) {
        if is_left_behind(&folder)
            && let Err(error) = fs::remove_dir_all(&folder)
        {
            tracing::warn!("cannot remove {}: {error}", folder.display());
        }
    }
}

/// Returns whether the directory's kernel has exited.
fn is_left_behind(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(GONE) {
        return true;
    }
    // Its kernel may have created the lock file and not yet locked it.
    if name.starts_with(STARTING) {
        return age(folder).is_some_and(|age| age > START_TIMEOUT);
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => true,
    }
}

fn age(folder: &Path) -> Option<Duration> {
    fs::metadata(folder).ok()?.modified().ok()?.elapsed().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_folders_without_a_kernel_are_removed() {
        let all = tempfile::tempdir().unwrap();
        let make = |name: &str| {
            let folder = all.path().join(name);
            fs::create_dir(&folder).unwrap();
            folder
        };
        let with_lock = |name: &str| {
            let folder = make(name);
            (File::create(folder.join(LOCK)).unwrap(), folder)
        };
        let (held, alive) = with_lock("kernel-alive");
        held.lock().unwrap();
        let (_, dead) = with_lock("kernel-dead");
        let torn = make("kernel-torn");
        let gone = make("kernel-a.gone");
        let starting = make("starting-a");
        let (_, locking) = with_lock("starting-b");
        let stuck = make("starting-c");
        let long_ago = std::time::SystemTime::now() - 2 * START_TIMEOUT;
        File::open(&stuck).unwrap().set_modified(long_ago).unwrap();
        remove_left_behind(all.path());
        let left = [&alive, &dead, &torn, &gone, &starting, &locking, &stuck];
        let left = left.map(|folder| folder.exists());
        assert_eq!(left, [true, false, false, false, true, true, false]);
    }

    #[test]
    fn many_kernels_may_start_and_exit_at_once() {
        let all = tempfile::tempdir().unwrap();
        let cache = Cache::at(all.path());
        let start_and_exit = || {
            for _ in 0..200 {
                let folder = WorkingFolder::create(&cache).unwrap();
                assert!(folder.path().join(LOCK).exists());
            }
        };
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(start_and_exit);
            }
        });
    }
}
