//! The folder that a kernel works in while it runs.

use super::cache::Cache;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Removed when dropped. While it is there, a file in it is locked, so that a kernel that starts
/// can tell the folders of others from those of kernels that were killed.
pub struct WorkingFolder {
    path: PathBuf,
    _lock: File,
}

const LOCK: &str = "lock";

/// What the name of a folder begins with before it has its lock.
const STARTING: &str = "starting-";

/// The extension of a folder that is being removed.
const GONE: &str = "gone";

/// How long a kernel may take to get its lock.
const START_TIMEOUT: Duration = Duration::from_secs(60);

/// Room for a socket's name in a Unix socket address, in bytes (unix(7)).
const MAX_SOCKET_PATH: usize = 100;

impl WorkingFolder {
    /// Makes a new folder, and removes those that killed kernels have left.
    pub fn create(cache: &Cache) -> Result<WorkingFolder> {
        let folder = loop {
            let all = place(cache)?;
            remove_left_behind(&all);
            match tempfile::Builder::new().prefix(STARTING).tempdir_in(&all) {
                // A kernel that ended in this moment has removed the folder above, which was empty.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                folder => break folder?,
            }
        };
        let lock = File::create(folder.path().join(LOCK))?;
        lock.lock().context("cannot lock the working folder")?;
        let starting = folder.keep();
        let name = starting.file_name().unwrap_or_default().to_string_lossy();
        let path = starting.with_file_name(name.replace(STARTING, "kernel-"));
        fs::rename(&starting, &path)?;
        Ok(WorkingFolder { path, _lock: lock })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes a working folder, in which something may still be written for a moment.
    pub fn remove(folder: &Path) {
        // Renamed first, so that the next kernel knows what to do with it if we are killed.
        let gone = folder.with_extension(GONE);
        // There is nothing to rename when another process was quicker.
        if fs::rename(folder, &gone).is_ok() {
            let _ = fs::remove_dir_all(&gone);
        }
        let _ = fs::remove_dir_all(folder);
        // Among the temporary files not even the empty folder above it is left.
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

/// The folder below which working folders are made: in the cache if it can be, else among the
/// temporary files. Nobody else can enter it.
fn place(cache: &Cache) -> Result<PathBuf> {
    let mut all = cache.kernels();
    if is_long(&all) || is_in_a_project(&all) {
        // SAFETY: geteuid(2) has no effects and cannot fail.
        all = std::env::temp_dir().join(format!("threadbook-{}", unsafe { libc::geteuid() }));
    }
    let made = fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(&all);
    made.with_context(|| format!("cannot make {}", all.display()))?;
    let found = fs::symlink_metadata(&all)?;
    // SAFETY: as above.
    if found.uid() != unsafe { libc::geteuid() } || found.mode() & 0o022 != 0 || !found.is_dir() {
        bail!(
            "{} belongs to somebody else; set TMPDIR to a folder of your own",
            all.display()
        );
    }
    Ok(all)
}

/// Whether a socket in a folder below would have too long a name.
fn is_long(all: &Path) -> bool {
    all.as_os_str().len() + "/kernel-123456/socket".len() > MAX_SOCKET_PATH
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

/// Whether the folder's kernel has ended.
fn is_left_behind(folder: &Path) -> bool {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if name.ends_with(GONE) {
        return true;
    }
    match File::open(folder.join(LOCK)) {
        Ok(lock) => lock.try_lock().is_ok(),
        Err(_) if name.starts_with(STARTING) => age(folder).is_some_and(|age| age > START_TIMEOUT),
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
        let stuck = make("starting-b");
        let long_ago = std::time::SystemTime::now() - 2 * START_TIMEOUT;
        File::open(&stuck).unwrap().set_modified(long_ago).unwrap();
        remove_left_behind(all.path());
        let left = [&alive, &dead, &torn, &gone, &starting, &stuck].map(|folder| folder.exists());
        assert_eq!(left, [true, false, false, false, true, false]);
    }
}
