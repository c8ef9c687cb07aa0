//! A library of crates that is finished.

use super::quota::mark_used;
use super::resolve::Package;
use crate::prebuilt::{OLD_TAGS, dylib_name};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};

/// Its description, which is written last: what has none is not finished.
pub const DESCRIPTION: &str = "library.json";

/// A library of crates.
#[derive(Debug)]
pub struct CrateLibrary {
    folder: PathBuf,
    description: Description,
    /// rustc's flags for the libraries that it uses.
    before: Vec<String>,
    /// Locked as long as it is in use, so that nobody removes it.
    _in_use: File,
}

/// What must be known of a library to link with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// Its name as a crate.
    pub name: String,
    /// The crates that were asked for, by the names that they have in Rust, each with its file.
    pub externs: Vec<(String, PathBuf)>,
    /// Where all crates' files are.
    pub folders: Vec<PathBuf>,
    /// All crates, as `name version`.
    pub crates: Vec<String>,
    pub named: Vec<Package>,
}

impl Description {
    /// That of a finished library.
    pub fn read(folder: &Path) -> Option<Description> {
        let description = fs::read(folder.join(DESCRIPTION)).ok()?;
        serde_json::from_slice(&description).ok()
    }
}

impl CrateLibrary {
    /// A finished library. One whose files are damaged is none.
    ///
    /// `before` are rustc's flags for the libraries that it uses.
    pub fn open(folder: &Path, before: Vec<String>) -> Option<CrateLibrary> {
        let description = Description::read(folder)?;
        let library = folder.join(dylib_name(&description.name));
        let files = description.externs.iter().map(|(_, file)| file);
        let is_whole = |file: &PathBuf| fs::metadata(file).is_ok_and(|about| about.len() > 0);
        if !files.chain([&library]).all(is_whole) {
            return None;
        }
        Some(CrateLibrary {
            _in_use: mark_used(folder).ok()?,
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

    /// All crates in it, as `name version`.
    pub fn crates(&self) -> &[String] {
        &self.description.crates
    }

    /// The crate that was asked for under a name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        let mut named = self.description.named.iter();
        named.find(|package| package.name == name)
    }

    /// The crates that cells can name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.description
            .externs
            .iter()
            .map(|(name, _)| name.as_str())
    }

    /// The crates that are others, or other versions, than in `old`: their types are other types now.
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

    /// rustc's flags for cells that name the crates.
    pub fn rustc_flags(&self) -> Vec<String> {
        let externs = self.description.externs.iter();
        let externs = externs.map(|(name, file)| format!("--extern={name}={}", file.display()));
        externs.chain(self.link_flags()).collect()
    }

    /// rustc's flags for linking with the library.
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
