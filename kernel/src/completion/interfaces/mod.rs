//! The interfaces of the crates that most cells use, the standard library and the helper: their declarations and
//! documentation, made once for all users of a machine.
//!
//! rust-analyzer reads them in place of the crates' source: a fraction of the text, without macros to expand.

mod attributes;
mod expansion;
mod imports;
mod reduction;
mod tokens;
mod writer;

use super::database::source_files;
use super::library::{self, Library, NamedCrate, PackageSelection};
use crate::prebuilt::{
    Cache, Helper, HelperSource, Key, Lock, Toolchain, embedded_key, write_atomically,
};
use anyhow::{Context, Result, bail};
use expansion::expand;
use serde::{Deserialize, Serialize};
use std::fs;
use std::path::Path;
use writer::Writer;

/// The first part of the name of their directory in a cache. The number changes with the format.
const KIND: &str = "interfaces1";

/// The file with the list of the crates. It is written last: without it the directory is not finished.
const LIST: &str = "interfaces.json";

/// The interfaces in a directory.
#[derive(Serialize, Deserialize)]
pub struct Interfaces {
    pub standard: Vec<Library>,
    /// The helper crate, and the crates that it re-exports.
    pub helper: Vec<Library>,
    /// The helper's name in cells, and its root file.
    pub helper_names: Vec<NamedCrate>,
    /// A hash of the files.
    fingerprint: String,
}

impl Interfaces {
    /// Returns the interfaces for this compiler and this program, if they were made.
    pub fn find(cache: &Cache, toolchain: &Toolchain) -> Option<Interfaces> {
        let is_finished = |folder: &Path| folder.join(LIST).exists();
        let folder = cache.find(
            KIND,
            &key(toolchain).each_ref().map(String::as_str),
            is_finished,
        );
        let read = || Interfaces::read(&folder);
        let warn = |error: &anyhow::Error| {
            tracing::warn!(
                "{} cannot be used for completion: {error:#}; run `threadbook prepare` again",
                folder.display()
            );
        };
        is_finished(&folder).then(read)?.inspect_err(warn).ok()
    }

    /// Makes the interfaces in the cache unless they are there. `source` is the helper crate's.
    ///
    /// # Errors
    /// When the standard library's source is not installed, when rustc cannot expand its macros, or when the cache cannot be
    /// written.
    pub fn make(cache: &Cache, toolchain: &Toolchain, source: &HelperSource) -> Result<()> {
        let folder = cache.entry(KIND, &key(toolchain).each_ref().map(String::as_str));
        let _lock = Lock::take(&cache.root().join("interfaces-lock"), || ())?;
        if Interfaces::read(&folder).is_ok() {
            return Ok(());
        }
        let building = tempfile::Builder::new()
            .prefix("unfinished-")
            .tempdir_in(cache.root())?;
        let made = building.path().join(KIND);
        Interfaces::write(&made, toolchain, source)?;
        if folder.exists() {
            fs::rename(&folder, building.path().join("damaged"))?;
        }
        fs::rename(&made, &folder).with_context(|| format!("cannot write {}", folder.display()))
    }

    fn write(folder: &Path, toolchain: &Toolchain, source: &HelperSource) -> Result<()> {
        let mut writer = Writer::new(folder);
        let standard = library::standard(toolchain)?;
        for library in &standard {
            writer.write_expanded(library, &expand(library, toolchain)?)?;
        }
        let selection = PackageSelection::Package(Helper::NAME);
        let (libraries, names) = library::of_workspace(source.path(), selection, toolchain)?;
        let helper = writer.write_public(&names, libraries)?;
        let interfaces = Interfaces {
            standard: writer.moved(standard),
            helper: writer.moved(helper),
            helper_names: writer.moved_names(names),
            fingerprint: fingerprint(folder)?,
        };
        write_atomically(&folder.join(LIST), &serde_json::to_vec(&interfaces)?)
    }

    /// Reads the list in a directory, and checks that the files are as they were written.
    fn read(folder: &Path) -> Result<Interfaces> {
        let list = fs::read(folder.join(LIST)).with_context(|| format!("{LIST} is missing"))?;
        let mut interfaces: Interfaces = serde_json::from_slice(&list)?;
        if fingerprint(folder)? != interfaces.fingerprint {
            bail!("its files have changed");
        }
        let libraries = interfaces.standard.iter_mut().chain(&mut interfaces.helper);
        for library in libraries {
            library.root = folder.join(&library.root);
            join(folder, &mut library.dependencies);
        }
        join(folder, &mut interfaces.helper_names);
        Ok(interfaces)
    }
}

/// Returns what the interfaces depend on.
fn key(toolchain: &Toolchain) -> [String; 2] {
    [toolchain.identity(), embedded_key().to_owned()]
}

fn join(folder: &Path, names: &mut [NamedCrate]) {
    for (_, root) in names {
        *root = folder.join(&*root);
    }
}

/// Returns a hash of the names and the content of all source files in a directory.
fn fingerprint(folder: &Path) -> Result<String> {
    let mut files = source_files(folder)?;
    files.sort();
    let mut key = Key::default();
    for file in files {
        key.add(file.strip_prefix(folder)?.as_os_str().as_encoded_bytes());
        key.add(fs::read(&file)?);
    }
    Ok(key.end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interfaces_that_have_changed_are_not_used() {
        let root = tempfile::tempdir().unwrap();
        let (cache, toolchain) = (Cache::at(root.path()), Toolchain::find().unwrap());
        let is_found = || Interfaces::find(&cache, &toolchain).is_some();
        assert!(!is_found(), "nothing is made");
        let parts = key(&toolchain);
        let folder = cache.entry(KIND, &parts.each_ref().map(String::as_str));
        let file = folder.join("std/lib.rs");
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(&file, "pub struct S;").unwrap();
        assert!(!is_found(), "it is not finished");
        let library = Library {
            name: "std".to_owned(),
            root: "std/lib.rs".into(),
            edition: "2024".to_owned(),
            version: None,
            features: Vec::new(),
            dependencies: vec![("std".to_owned(), "std/lib.rs".into())],
            is_std: true,
        };
        let interfaces = Interfaces {
            standard: vec![library],
            helper: Vec::new(),
            helper_names: Vec::new(),
            fingerprint: fingerprint(&folder).unwrap(),
        };
        let list = serde_json::to_vec(&interfaces).unwrap();
        fs::write(folder.join(LIST), list).unwrap();
        let found = Interfaces::find(&cache, &toolchain).unwrap();
        assert_eq!(found.standard[0].root, file);
        assert_eq!(found.standard[0].dependencies[0].1, file);
        fs::write(&file, "pub struct T;").unwrap();
        assert!(!is_found(), "a file has changed");
        fs::write(&file, "pub struct S;").unwrap();
        assert!(is_found());
        fs::write(folder.join(LIST), "{").unwrap();
        assert!(!is_found(), "the list is cut");
    }
}
