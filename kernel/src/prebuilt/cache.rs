//! The directories with build products: the user's, and the shared one of the machine.

use super::key::Key;
use super::shared::SharedCache;
use super::trust::check_owner;
use anyhow::{Context, Result, bail};
use rustix::fs::Access;
use std::fs::{self, File};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::Stdio;

const NO_CACHE: &str = "no cache directory: set XDG_CACHE_HOME or HOME";

/// A directory that only the user can access, and the prepared one of the machine, if there is one.
#[derive(Clone)]
pub struct Cache {
    root: PathBuf,
    shared: Option<PathBuf>,
}

impl Cache {
    /// Opens `threadbook` in the user's cache directory (`XDG_CACHE_HOME`, else `~/.cache`; on macOS
    /// `~/Library/Caches`), and creates it if necessary. If the home directory cannot be written to, it is in the directory
    /// for temporary files. Also opens the shared cache, if there is a usable one.
    ///
    /// # Errors
    /// When it cannot be created, or belongs to another user.
    pub fn open() -> Result<Cache> {
        let root = match user_root() {
            Some(root) => {
                open_private(&root)
                    .map(|()| root)
                    .or_else(|error| match temporary_root() {
                        Some(temporary) => open_temporary(temporary),
                        None => Err(error),
                    })?
            }
            None => open_temporary(temporary_root().context(NO_CACHE)?)?,
        };
        let shared = SharedCache::find().filter(SharedCache::is_usable);
        Ok(Cache {
            root,
            shared: shared.map(|shared| shared.root().to_owned()),
        })
    }

    /// Returns the cache in the directory `root`, whose content all users may be meant to use.
    pub fn at(root: &Path) -> Cache {
        Cache {
            root: root.to_owned(),
            shared: None,
        }
    }

    /// Returns the directory below which kernels have their working directories.
    pub fn kernels(&self) -> PathBuf {
        self.root.join("kernels")
    }

    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Returns the user's cache and then the shared one.
    pub fn roots(&self) -> impl Iterator<Item = &Path> {
        [&self.root]
            .into_iter()
            .chain(&self.shared)
            .map(PathBuf::as_path)
    }

    /// Returns the user's directory for a `kind` of build product made from `parts`: different parts have different
    /// directories.
    pub fn entry(&self, kind: &str, parts: &[&str]) -> PathBuf {
        self.root.join(entry_name(kind, parts))
    }

    /// Returns the directory for a build product: the shared one if that `is_finished`, else the user's, which may not exist.
    pub fn find(&self, kind: &str, parts: &[&str], is_finished: impl Fn(&Path) -> bool) -> PathBuf {
        let shared = self
            .shared
            .iter()
            .map(|root| root.join(entry_name(kind, parts)));
        let mut finished = shared.filter(|folder| is_finished(folder));
        finished.next().unwrap_or_else(|| self.entry(kind, parts))
    }

    /// Returns whether the directory is in the shared cache, where this program writes nothing.
    pub fn is_shared(&self, folder: &Path) -> bool {
        self.shared
            .as_ref()
            .is_some_and(|root| folder.starts_with(root))
    }
}

fn entry_name(kind: &str, parts: &[&str]) -> String {
    let hash = Key::from_iter(parts).end();
    format!("{kind}-{}", &hash[..16])
}

/// Returns the directory of the user's cache, which may not exist.
pub fn user_root() -> Option<PathBuf> {
    Some(dirs::cache_dir()?.join("threadbook"))
}

/// Returns the directory of the cache if the user's cannot be written to; `None` if the user has named that one.
pub fn temporary_root() -> Option<PathBuf> {
    let user = rustix::process::geteuid().as_raw();
    let is_named = std::env::var_os("XDG_CACHE_HOME").is_some();
    (!is_named).then(|| std::env::temp_dir().join(format!("threadbook-cache-{user}")))
}

/// Opens the cache directory of a user whose home directory cannot be written to.
fn open_temporary(root: PathBuf) -> Result<PathBuf> {
    open_private(&root)?;
    check_owner(&root)?;
    Ok(root)
}

/// Creates the directory if necessary, and makes it private.
fn open_private(root: &Path) -> Result<()> {
    let advice = || {
        format!(
            "cannot create the cache directory {} (set XDG_CACHE_HOME to a directory that you can write to)",
            root.display()
        )
    };
    fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(root)
        .with_context(advice)?;
    let user = rustix::process::geteuid().as_raw();
    let about = fs::metadata(root)?;
    if about.uid() != user {
        bail!(
            "the cache directory {} belongs to another user ({}), whose programs would run; set XDG_CACHE_HOME to a directory of your own",
            root.display(),
            about.uid()
        );
    }
    fs::set_permissions(root, fs::Permissions::from_mode(0o700)).with_context(advice)?;
    rustix::fs::access(root, Access::WRITE_OK | Access::EXEC_OK).with_context(advice)?;
    if about.mode() & 0o022 != 0 {
        remove_others(root, user)?;
    }
    Ok(())
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
