//! Writes the interfaces of crates.

use super::imports::public_imports;
use super::reduction::interface;
use crate::completion::database::source_files;
use crate::completion::library::{Library, NamedCrate};
use anyhow::{Context, Result};
use ra_ap_parser::Edition;
use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

/// Writes the interface of each crate into a directory of its own.
pub struct Writer<'a> {
    folder: &'a Path,
    /// For the root file of each written crate, that of its interface, relative to `folder`.
    roots: HashMap<PathBuf, PathBuf>,
}

impl Writer<'_> {
    /// Creates a writer that writes into `folder`.
    pub fn new(folder: &Path) -> Writer<'_> {
        Writer {
            folder,
            roots: HashMap::new(),
        }
    }

    /// Writes the interface of a crate whose source is one file with expanded macros.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn write_expanded(&mut self, library: &Library, source: &str) -> Result<()> {
        let root = Path::new("lib.rs");
        let text = interface(source, edition(library), true);
        self.write_file(library, root, &text)?;
        self.written(library, root);
        Ok(())
    }

    /// Writes the interfaces of the crates with these root files and of those that they re-export, of all `libraries`, and
    /// returns what it has written.
    ///
    /// # Errors
    /// When a source cannot be read, or an interface cannot be written.
    pub fn write_public(
        &mut self,
        roots: &[NamedCrate],
        libraries: Vec<Library>,
    ) -> Result<Vec<Library>> {
        let mut public: Vec<PathBuf> = roots.iter().map(|(_, root)| root.clone()).collect();
        let mut waiting: HashMap<PathBuf, Library> = libraries
            .into_iter()
            .map(|library| (library.root.clone(), library))
            .collect();
        let mut written = Vec::new();
        while let Some(root) = public.pop() {
            let Some(library) = waiting.remove(&root) else {
                continue;
            };
            let imported = self.write_folder(&library)?;
            let dependencies = library.dependencies.iter();
            let dependencies = dependencies.filter(|(name, _)| imported.contains(name));
            public.extend(dependencies.map(|(_, root)| root.clone()));
            written.push(library);
        }
        Ok(written)
    }

    /// Writes the interface of each file of a crate, and returns the identifiers in the public imports.
    fn write_folder(&mut self, library: &Library) -> Result<HashSet<String>> {
        let folder = library
            .root
            .parent()
            .context("a crate root without a directory")?;
        let mut imported = HashSet::new();
        for path in source_files(folder)? {
            // Files that are no text are no source either.
            let Ok(source) = fs::read_to_string(&path) else {
                continue;
            };
            let text = interface(&source, edition(library), false);
            self.write_file(library, path.strip_prefix(folder)?, &text)?;
            imported.extend(public_imports(&source, edition(library)));
        }
        self.written(library, library.root.strip_prefix(folder)?);
        Ok(imported)
    }

    fn write_file(&self, library: &Library, file: &Path, text: &str) -> Result<()> {
        let path = self.folder.join(folder_name(library)).join(file);
        fs::create_dir_all(path.parent().unwrap_or(self.folder))?;
        fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
    }

    fn written(&mut self, library: &Library, root: &Path) {
        let moved = Path::new(&folder_name(library)).join(root);
        self.roots.insert(library.root.clone(), moved);
    }

    /// Returns the crates with the paths of their interfaces, and without the dependencies that were not written.
    pub fn moved(&self, libraries: Vec<Library>) -> Vec<Library> {
        let moved = libraries.into_iter().filter_map(|library| {
            Some(Library {
                root: self.roots.get(&library.root)?.clone(),
                dependencies: self.moved_names(library.dependencies),
                ..library
            })
        });
        moved.collect()
    }

    /// As [`Writer::moved`], for the names of crates.
    pub fn moved_names(&self, names: Vec<NamedCrate>) -> Vec<NamedCrate> {
        let moved = names
            .into_iter()
            .filter_map(|(name, root)| Some((name, self.roots.get(&root)?.clone())));
        moved.collect()
    }
}

/// Returns the name of the directory of a crate's interface. Several versions of a crate may be there.
fn folder_name(library: &Library) -> String {
    match &library.version {
        Some(version) => format!("{}-{version}", library.name),
        None => library.name.clone(),
    }
}

fn edition(library: &Library) -> Edition {
    library.edition.parse().unwrap_or(Edition::Edition2021)
}
