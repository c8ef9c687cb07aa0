//! A finished library of crates.

use super::quota::mark_used;
use super::resolve::Package;
use crate::prebuilt::{Cache, OLD_TAGS, dylib_name};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// The file with its description, which is written last: a directory without one is not finished.
pub const DESCRIPTION: &str = "library.json";

/// A library of crates.
#[derive(Debug)]
pub struct CrateLibrary {
    folder: PathBuf,
    description: Description,
    /// rustc's flags for the libraries that it uses.
    before: Vec<String>,
    /// Holds a lock that keeps other processes from removing the library; `None` for a shared one, which nobody removes.
    _in_use: Option<File>,
}

/// What is needed to link with a library.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// Its crate name.
    pub name: String,
    /// The requested crates, by their names in Rust, each with its file.
    pub externs: Vec<(String, PathBuf)>,
    /// The directories with the files of all crates.
    pub folders: Vec<PathBuf>,
    /// All crates, as `name version`.
    pub crates: Vec<String>,
    pub named: Vec<Package>,
}

impl Description {
    /// Reads the description of a finished library.
    pub fn read(folder: &Path) -> Option<Description> {
        let description = fs::read(folder.join(DESCRIPTION)).ok()?;
        serde_json::from_slice(&description).ok()
    }
}

impl CrateLibrary {
    /// Opens a finished library in a cache. Returns `None` if it is not finished or a file is missing or empty.
    ///
    /// `before` are rustc's flags for the libraries that it uses.
    pub fn open(folder: &Path, before: Vec<String>, cache: &Cache) -> Option<CrateLibrary> {
        let description = Description::read(folder)?;
        let library = folder.join(dylib_name(&description.name));
        let files = description.externs.iter().map(|(_, file)| file);
        let is_whole = |file: &PathBuf| fs::metadata(file).is_ok_and(|about| about.len() > 0);
        if !files.chain([&library]).all(is_whole) {
            return None;
        }
        let in_use = match cache.is_shared(folder) {
            true => None,
            false => Some(mark_used(folder).ok()?),
        };
        Some(CrateLibrary {
            _in_use: in_use,
            folder: folder.to_owned(),
            description,
            before,
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// Returns all crates in it, as `name version`.
    pub fn crates(&self) -> &[String] {
        &self.description.crates
    }

    /// Returns the crate that was requested under a name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        let mut named = self.description.named.iter();
        named.find(|package| package.name == name)
    }

    /// Returns the names of the crates that cells can use.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.description
            .externs
            .iter()
            .map(|(name, _)| name.as_str())
    }

    /// Returns the crates that differ from those in `old`, such as other versions: their types are now different types.
    pub fn changed_since(&self, old: &CrateLibrary) -> Vec<String> {
        let file = |library: &CrateLibrary, name: &str| {
            let mut externs = library.description.externs.iter();
            let (_, file) = externs.find(|(other, _)| other == name)?;
            Some(file.file_name()?.to_owned())
        };
        let names = old
            .names()
            .filter(|name| file(old, name) != file(self, name));
        names.map(str::to_owned).collect()
    }

    /// Returns rustc's flags for cells that use the crates.
    pub fn rustc_flags(&self) -> Vec<String> {
        let externs = self.description.externs.iter();
        let externs = externs.map(|(name, file)| format!("--extern={name}={}", file.display()));
        externs.chain(self.link_flags()).collect()
    }

    /// Returns rustc's flags for linking with the library.
    pub fn link_flags(&self) -> Vec<String> {
        let folder = self.folder.display();
        let name = &self.description.name;
        let mut flags = vec![
            "-Cprefer-dynamic".to_owned(),
            format!("--extern={name}={folder}/{}", dylib_name(name)),
            format!("-Clink-arg=-Wl,-rpath,{folder}{OLD_TAGS}"),
        ];
        let folders = self.description.folders.iter();
        flags.extend(folders.map(|folder| format!("-Ldependency={}", folder.display())));
        flags.push(format!("-Ldependency={folder}"));
        flags.extend(self.before.iter().cloned());
        flags
    }
}
