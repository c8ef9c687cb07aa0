//! The disk quota for libraries of crates, and the locks that mark libraries in use.

use crate::size;
use anyhow::Result;
use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// The variable with the maximum size of all libraries, such as `2GB`.
pub const LIMIT_VAR: &str = "THREADBOOK_CRATES_SIZE";
/// The default limit, in bytes.
const DEFAULT_LIMIT: u64 = 5_000_000_000;

/// The file that users of a library lock; its modification time is the time of the last use.
const IN_USE: &str = "in-use";

/// All libraries of crates in the user's cache.
pub struct Quota {
    folders: Vec<PathBuf>,
    /// In bytes.
    pub limit: u64,
}

impl Quota {
    /// Returns the libraries in the cache directory `root`.
    ///
    /// # Errors
    /// When the limit in [`LIMIT_VAR`] is invalid.
    pub fn at(root: &Path) -> Result<Quota> {
        let limit = size::from_env(LIMIT_VAR, "500MB or 2GB")?.unwrap_or(DEFAULT_LIMIT);
        let entries = fs::read_dir(root).into_iter().flatten().flatten();
        let folders =
            entries.filter(|entry| entry.file_name().to_string_lossy().starts_with("crates-"));
        Ok(Quota {
            folders: folders.map(|entry| entry.path()).collect(),
            limit,
        })
    }

    /// Returns the number of libraries.
    pub fn count(&self) -> usize {
        self.folders.len()
    }

    /// Returns the size of all libraries, in bytes; shared files count once.
    pub fn used(&self) -> u64 {
        let mut seen = HashSet::new();
        self.folders
            .iter()
            .map(|folder| bytes(folder, &mut seen))
            .sum()
    }

    /// Removes the least recently used libraries until the rest is within the limit. Libraries in use stay.
    pub fn trim(&self) {
        let mut folders: Vec<_> = self
            .folders
            .iter()
            .map(|folder| (last_use(folder), folder))
            .collect();
        folders.sort();
        // Newest first: files that older libraries share with newer ones are already counted.
        let mut seen = HashSet::new();
        let mut used = 0;
        for (_, folder) in folders.iter().rev() {
            used += bytes(folder, &mut seen);
            if used > self.limit {
                remove_unless_used(folder);
            }
        }
    }

    /// Removes all libraries that no kernel uses; returns how many.
    pub fn clear(&self) -> usize {
        self.folders
            .iter()
            .filter(|folder| remove_unless_used(folder))
            .count()
    }
}

impl std::fmt::Display for Quota {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let megabytes = |bytes: u64| bytes / 1_000_000;
        write!(
            f,
            "Libraries of crates: {}, {} MB of at most {} MB ({LIMIT_VAR} sets another limit)",
            self.count(),
            megabytes(self.used()),
            megabytes(self.limit)
        )
    }
}

/// Records that a library is used, and keeps it from being removed as long as the returned file is open.
pub fn mark_used(folder: &Path) -> Result<File> {
    let file = File::create(folder.join(IN_USE))?;
    file.lock_shared()?;
    // If this fails, the library may be removed too early.
    let _ = file.set_modified(SystemTime::now());
    Ok(file)
}

fn last_use(folder: &Path) -> SystemTime {
    let used = fs::metadata(folder.join(IN_USE)).or_else(|_| fs::metadata(folder));
    used.and_then(|about| about.modified())
        .unwrap_or(SystemTime::UNIX_EPOCH)
}

/// Removes a library that is neither in use nor being built; returns whether it did.
fn remove_unless_used(folder: &Path) -> bool {
    // A library that is being built has no `in-use` file yet, but its builder holds `lock`.
    let Ok(building) = File::create(folder.join("lock")) else {
        return false;
    };
    let in_use = File::create(folder.join(IN_USE));
    let is_free = building.try_lock().is_ok() && in_use.is_ok_and(|file| file.try_lock().is_ok());
    is_free && fs::remove_dir_all(folder).is_ok()
}

/// Returns the size in bytes of all files below a directory that are not in `seen`, a set of devices and inodes.
fn bytes(folder: &Path, seen: &mut HashSet<(u64, u64)>) -> u64 {
    let mut sum = 0;
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let Ok(about) = entry.metadata() else {
            continue;
        };
        if about.is_dir() {
            sum += bytes(&entry.path(), seen);
        } else if seen.insert((about.dev(), about.ino())) {
            sum += about.blocks() * 512;
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn what_was_not_used_for_longest_goes_and_what_is_in_use_stays() {
        let cache = tempfile::tempdir().unwrap();
        let folder = |name: &str, age: u64| {
            let folder = cache.path().join(name);
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("file"), vec![1; 100_000]).unwrap();
            let used = File::create(folder.join(IN_USE)).unwrap();
            used.set_modified(SystemTime::now() - Duration::from_secs(age))
                .unwrap();
            folder
        };
        let folders: Vec<PathBuf> = vec![
            folder("oldest", 400),
            folder("old", 300),
            folder("new", 100),
        ];
        let in_use = File::open(folders[0].join(IN_USE)).unwrap();
        in_use.lock_shared().unwrap();
        let room = Quota {
            folders: folders.clone(),
            limit: 150_000,
        };
        room.trim();
        let there: Vec<bool> = folders.iter().map(|folder| folder.exists()).collect();
        assert_eq!(there, [true, false, true]);
    }
}
