//! The user's cache directory.

use super::key::Key;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A directory that only the user can access.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens `threadbook` in the user's cache directory (`XDG_CACHE_HOME`, else `~/.cache`; on macOS
    /// `~/Library/Caches`), and creates it if necessary.
    ///
    /// # Errors
    /// When it cannot be created, or belongs to another user.
    pub fn open() -> Result<Cache> {
        let root = dirs::cache_dir()
            .context("no cache directory: set XDG_CACHE_HOME or HOME")?
            .join("threadbook");
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&root)
            .with_context(|| {
                format!(
                    "cannot create the cache directory {} (set XDG_CACHE_HOME to a directory that you can write to)",
                    root.display()
                )
            })?;
        let user = rustix::process::geteuid().as_raw();
        let about = fs::metadata(&root)?;
        if about.uid() != user {
            bail!(
                "the cache directory {} belongs to another user ({}), whose programs would run; set XDG_CACHE_HOME to a directory of your own",
                root.display(),
                about.uid()
            );
        }
        fs::set_permissions(&root, fs::Permissions::from_mode(0o700))?;
        if about.mode() & 0o022 != 0 {
            remove_others(&root, user)?;
        }
        Ok(Cache { root })
    }

    /// Returns the directory below which kernels have their working directories.
    pub fn kernels(&self) -> PathBuf {
        self.root.join("kernels")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the directory for a `kind` of build product made from `parts`: different parts have different
    /// directories.
    pub fn entry(&self, kind: &str, parts: &[&str]) -> PathBuf {
        let hash = Key::from_iter(parts).end();
        self.root.join(format!("{kind}-{}", &hash[..16]))
    }
}

/// Removes what other users have put into a directory that was writable for them.
fn remove_others(folder: &Path, user: u32) -> Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let about = entry.metadata()?;
        if about.uid() == user {
            continue;
        }
        tracing::warn!(
            "removing {}, which belongs to user {}",
            entry.path().display(),
            about.uid()
        );
        match about.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Lets one process at a time fill a directory. Released when this and all programs that share it have dropped it or
/// ended.
pub struct Lock(File);

impl Lock {
    /// Locks `folder`, and creates it if necessary. Calls `waiting` once if another process holds the lock.
    pub fn take(folder: &Path, waiting: impl FnOnce()) -> Result<Lock> {
        fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let file = File::create(folder.join("lock"))?;
        if file.try_lock().is_err() {
            waiting();
            file.lock().context("cannot lock the cache directory")?;
        }
        Ok(Lock(file))
    }
}

impl Lock {
    /// Returns the lock as stdin for a program that does not read it. The lock is then held until that program has
    /// ended too, even if this process is killed.
    ///
    /// # Errors
    /// When no descriptors are left.
    pub fn shared(&self) -> Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}

/// Writes the whole file or nothing.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("the path has no directory")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(path)?;
    Ok(())
}
