//! The folder that a kernel works in while it runs.

use super::cache::Cache;
use anyhow::{Context, Result};
use std::fs::{self, File};
use std::path::Path;
use std::time::Duration;
use tempfile::TempDir;

/// Removed when dropped. While it is there, a file in it is locked, so that a kernel that starts
/// can tell the folders of others from those of kernels that were killed.
pub struct WorkingFolder {
    folder: TempDir,
    _lock: File,
}

const LOCK: &str = "lock";

/// How long a kernel may take between the making of its folder and that of the lock in it.
const LONGEST_START: Duration = Duration::from_secs(60);

/// Room for a socket's name in a Unix socket address, in bytes (unix(7)).
const LONGEST_SOCKET_PATH: usize = 100;

impl WorkingFolder {
    /// Makes a new folder, and removes those that killed kernels have left.
    pub fn create(cache: &Cache) -> Result<WorkingFolder> {
        let all = cache.kernels();
        fs::create_dir_all(&all).with_context(|| format!("cannot make {}", all.display()))?;
        remove_left_behind(&all);
        let mut builder = tempfile::Builder::new();
        builder.prefix("kernel-");
        let mut folder = builder.tempdir_in(&all)?;
        if is_long(folder.path()) || is_in_a_project(folder.path()) {
            folder = builder.tempdir()?;
        }
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock().context("cannot lock the working folder")?;
        Ok(WorkingFolder {
            folder,
            _lock: lock,
        })
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }
}

/// Whether a socket in the folder would have too long a name.
fn is_long(folder: &Path) -> bool {
    folder.as_os_str().len() + "/socket".len() > LONGEST_SOCKET_PATH
}

/// Whether cargo would take what is compiled in the folder for a part of somebody's workspace.
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

/// Whether the folder's kernel has ended. One without a lock file is just being made, unless it
/// is old.
fn is_left_behind(folder: &Path) -> bool {
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) => age(folder).is_some_and(|age| age > LONGEST_START),
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
            (File::create(folder.join(LOCK)).unwrap(), folder)
        };
        let (held, alive) = make("alive");
        held.lock().unwrap();
        let (_, dead) = make("dead");
        let starting = all.path().join("starting");
        fs::create_dir(&starting).unwrap();
        let torn = all.path().join("torn");
        fs::create_dir(&torn).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * LONGEST_START;
        File::open(&torn).unwrap().set_modified(long_ago).unwrap();
        remove_left_behind(all.path());
        assert!(alive.exists());
        assert!(!dead.exists());
        assert!(starting.exists());
        assert!(!torn.exists());
    }
}
