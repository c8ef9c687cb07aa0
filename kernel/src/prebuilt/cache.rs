//! The user's cache folder.

use super::key::Key;
use anyhow::{Context, Result, bail};
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

/// A folder that only the user can enter.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
}

impl Cache {
    /// Opens `threadbook` in the user's cache folder (`XDG_CACHE_HOME`, else `~/.cache`; on macOS
    /// `~/Library/Caches`), and makes it first if need be.
    ///
    /// # Errors
    /// When it cannot be made, or belongs to another user.
    pub fn open() -> Result<Cache> {
        let root = dirs::cache_dir()
            .context("there is no cache folder; set XDG_CACHE_HOME or HOME")?
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
                "the cache folder {} belongs to another user ({}), whose programs would be run; set XDG_CACHE_HOME to a folder of yours",
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

    /// The folder below which kernels have their working folders.
    pub fn kernels(&self) -> PathBuf {
        self.root.join("kernels")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder for what is named by `kind` and made from `parts`: other parts, another folder.
    pub fn entry(&self, kind: &str, parts: &[&str]) -> PathBuf {
        let hash = Key::from_iter(parts).end();
        self.root.join(format!("{kind}-{}", &hash[..16]))
    }
}

/// Removes what other users have put in a folder that they could write to.
fn remove_others(folder: &Path, user: u32) -> Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        let about = entry.metadata()?;
        if about.uid() == user {
            continue;
        }
        tracing::warn!("{} is of user {}", entry.path().display(), about.uid());
        match about.is_dir() {
            true => fs::remove_dir_all(entry.path())?,
            false => fs::remove_file(entry.path())?,
        }
    }
    Ok(())
}

/// Lets one process at a time fill a folder. Released when dropped, or when the process ends, with those that share it.
pub struct Lock(File);

impl Lock {
    /// Locks `folder`, and makes it first if need be. `waiting` is called once if another
    /// process holds the lock.
    pub fn take(folder: &Path, waiting: impl FnOnce()) -> Result<Lock> {
        fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
        let file = File::create(folder.join("lock"))?;
        if file.try_lock().is_err() {
            waiting();
            file.lock().context("cannot lock the cache folder")?;
        }
        Ok(Lock(file))
    }
}

impl Lock {
    /// The lock as the standard input of a program that does not read it: it is held until that program ends as well, also if this
    /// process is killed.
    ///
    /// # Errors
    /// When there are no descriptors left.
    pub fn shared(&self) -> Result<Stdio> {
        Ok(self.0.try_clone()?.into())
    }
}

/// Writes a whole file or nothing.
pub fn write_atomically(path: &Path, content: &[u8]) -> Result<()> {
    let folder = path.parent().context("a path without a folder")?;
    let mut file = tempfile::NamedTempFile::new_in(folder)?;
    std::io::Write::write_all(&mut file, content)?;
    file.persist(path)?;
    Ok(())
}
