//! A store of generated files, by a key of everything they were generated from.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result};

use super::cache::Cache;
use super::write::write_atomically;

/// The maximum size of the store, in bytes. A cell takes 20 to 400 kB.
const MAX_BYTES: u64 = 256 << 20;

/// The first part of the name of a store's directory in a cache.
const KIND: &str = "compiled";

/// A directory with a file or a directory for each kind and key.
#[derive(Clone)]
pub struct Store {
    folder: PathBuf,
    /// The store of the shared cache, which is only read.
    shared: Option<PathBuf>,
}

impl Store {
    /// Opens the store in the user's cache directory.
    ///
    /// # Errors
    /// When its directory cannot be created.
    pub fn open(cache: &Cache) -> Result<Store> {
        let folder = cache.entry(KIND, &[]);
        fs::create_dir_all(&folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
        let found = cache.find(KIND, &[], Path::is_dir);
        Ok(Store {
            shared: Some(found).filter(|found| *found != folder),
            folder,
        })
    }

    /// Returns the path of the user's entry with this key.
    fn entry(&self, kind: &str, key: &str) -> PathBuf {
        self.folder.join(entry_name(kind, key))
    }

    /// Returns the user's path of the entry with this key, and then the shared one.
    fn paths(&self, kind: &str, key: &str) -> impl Iterator<Item = PathBuf> {
        let name = entry_name(kind, key);
        let folders = [&self.folder].into_iter().chain(&self.shared);
        folders.map(move |folder| folder.join(&name))
    }

    /// Returns the path of the entry with this key where it `is_finished`, else the user's, which may not exist.
    pub fn find(&self, kind: &str, key: &str, is_finished: impl Fn(&Path) -> bool) -> PathBuf {
        let mut finished = self.paths(kind, key).filter(|path| is_finished(path));
        finished.next().unwrap_or_else(|| self.entry(kind, key))
    }

    /// Returns the content of the entry with this key, if it exists.
    pub fn get(&self, kind: &str, key: &str) -> Option<Vec<u8>> {
        let mut paths = self.paths(kind, key);
        paths.find_map(|path| {
            let content = fs::read(&path).ok()?;
            self.touch(&path);
            Some(content)
        })
    }

    /// Stores this content.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&self, kind: &str, key: &str, content: &[u8]) -> Result<()> {
        write_atomically(&self.entry(kind, key), content)
    }

    /// Copies the entry with this key to `to`; returns whether it exists. It is a copy, because dlopen(3) loads the
    /// same file only once, with one set of statics. For the same reason it is a new file: cargo may have left `to` as
    /// a link to a loaded library.
    pub fn copy(&self, kind: &str, key: &str, to: &Path) -> bool {
        let mut paths = self.paths(kind, key);
        paths.any(|path| {
            let copied = path.exists() && copy_anew(&path, to).is_ok();
            if copied {
                self.touch(&path);
            }
            copied
        })
    }

    /// Stores a copy of this file.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn put_file(&self, kind: &str, key: &str, file: &Path) -> Result<()> {
        self.put(kind, key, &fs::read(file)?)
    }

    /// Records that the user's file is used.
    fn touch(&self, path: &Path) {
        if path.starts_with(&self.folder)
            && let Ok(file) = File::open(path)
        {
            // If this fails, the file may be removed too early.
            let _ = file.set_modified(SystemTime::now());
        }
    }

    /// Adds the files of another store.
    ///
    /// # Errors
    /// When one cannot be copied.
    pub fn add_all(&self, other: &Store) -> Result<usize> {
        let mut added = 0;
        for entry in fs::read_dir(&other.folder)? {
            let entry = entry?;
            if entry.file_type()?.is_file() {
                copy_anew(&entry.path(), &self.folder.join(entry.file_name()))?;
                added += 1;
            }
        }
        Ok(added)
    }

    /// Removes the least recently used files until the rest is at most 256 MiB.
    pub fn trim(&self) {
        let mut entries: Vec<_> = fs::read_dir(&self.folder)
            .into_iter()
            .flatten()
            .flatten()
            .filter_map(|entry| {
                let about = entry.metadata().ok().filter(fs::Metadata::is_file)?;
                Some((about.modified().ok()?, about.len(), entry.path()))
            })
            .collect();
        entries.sort();
        let mut size: u64 = entries.iter().map(|(_, size, _)| size).sum();
        for (_, of_entry, path) in entries {
            if size <= MAX_BYTES {
                break;
            }
            // Fails if another kernel has already removed it.
            let _ = fs::remove_file(path);
            size -= of_entry;
        }
    }
}

fn entry_name(kind: &str, key: &str) -> String {
    format!("{kind}-{}", &key[..32.min(key.len())])
}

fn copy_anew(from: &Path, to: &Path) -> Result<()> {
    let folder = to.parent().context("the path has no directory")?;
    let copy = tempfile::NamedTempFile::new_in(folder)?;
    fs::copy(from, copy.path())?;
    copy.persist(to)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_copy_is_another_file() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store {
            folder: folder.path().to_owned(),
            shared: None,
        };
        store.put("cell", "aa", b"new").unwrap();
        let [loaded, link] = ["loaded", "link"].map(|name| folder.path().join(name));
        fs::write(&loaded, b"old").unwrap();
        fs::hard_link(&loaded, &link).unwrap();
        assert!(store.copy("cell", "aa", &link));
        assert_eq!(fs::read(&link).unwrap(), b"new");
        assert_eq!(fs::read(&loaded).unwrap(), b"old");
    }

    #[test]
    fn what_is_put_is_found_by_its_key() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store {
            folder: folder.path().to_owned(),
            shared: None,
        };
        assert_eq!(store.get("cell", "aa"), None);
        store.put("cell", "aa", b"one").unwrap();
        assert_eq!(store.get("cell", "aa").as_deref(), Some(&b"one"[..]));
        assert_eq!(store.get("cell", "ab"), None);
        assert_eq!(store.get("types", "aa"), None);
        let copy = folder.path().join("copy");
        assert!(store.copy("cell", "aa", &copy));
        assert_eq!(fs::read(copy).unwrap(), b"one");
        assert!(!store.copy("cell", "ab", &folder.path().join("none")));
    }

    #[test]
    fn what_was_not_used_for_longest_goes() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store {
            folder: folder.path().to_owned(),
            shared: None,
        };
        for (key, age) in [("old", 300), ("used", 200), ("new", 100)] {
            let path = store.entry("cell", key);
            let file = File::create(path).unwrap();
            file.set_len(MAX_BYTES / 2).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(age))
                .unwrap();
        }
        store.touch(&store.entry("cell", "used"));
        store.trim();
        let is_there = |key| store.entry("cell", key).exists();
        assert!(!is_there("old") && is_there("used") && is_there("new"));
    }
}
