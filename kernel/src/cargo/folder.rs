//! The folder of the crate that cells are compiled in, another one in each kernel.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::prebuilt::Key;

/// What takes the place of the kernel's working folder, in which the crate's folder is.
const HERE: &str = "<kernel>";

/// By this variable rust-analyzer lets cargo work on a copy of the lock file, in another temporary folder each time.
const COPY_VAR: &str = "CARGO_RESOLVER_LOCKFILE_PATH";

/// The folder, and what is the same in all of them.
pub struct Folder {
    path: PathBuf,
    /// The kernel's working folder, as text.
    kernel: String,
    manifest: String,
    settings: String,
}

impl Folder {
    /// # Errors
    /// When it has no manifest.
    pub fn open(path: PathBuf) -> Result<Folder> {
        Ok(Folder {
            manifest: std::fs::read_to_string(path.join("Cargo.toml"))?,
            settings: settings(&path),
            kernel: path.parent().unwrap_or(&path).display().to_string(),
            path,
        })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The same text for all folders.
    pub fn abstracted(&self, text: &str) -> String {
        text.replace(&self.kernel, HERE)
    }

    /// The opposite of [`Folder::abstracted`].
    pub fn made_concrete(&self, text: &str) -> String {
        text.replace(HERE, &self.kernel)
    }

    /// The crates that cells use, as they stand in the manifest.
    pub fn dependencies(&self) -> &str {
        let parts = self.manifest.split_once("[dependencies]");
        parts.map_or("", |(_, dependencies)| dependencies.trim())
    }

    /// Other circumstances or other `parts`, another key. The circumstances are what cargo and rustc obey: the manifest, settings,
    /// and variables of the environment; with dependencies the lock file too.
    pub fn key<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> String {
        let mut key = Key::default();
        for part in parts {
            key.add(self.abstracted(part));
        }
        key.add(&self.manifest);
        key.add(&self.settings);
        if !self.dependencies().is_empty() {
            let lock = std::fs::read_to_string(self.path.join("Cargo.lock"));
            key.add(lock.unwrap_or_default());
        }
        let mut variables: Vec<_> = std::env::vars_os()
            .map(|(name, value)| [name, value].map(|text| text.to_string_lossy().into_owned()))
            .filter(|[name, _]| name.starts_with("CARGO") || name.starts_with("RUST"))
            .filter(|[name, _]| name != COPY_VAR)
            .collect();
        variables.sort();
        for [name, value] in variables {
            key.add(name);
            key.add(self.abstracted(&value));
        }
        key.end()
    }

    /// What stands in cargo's own files of settings, as far as they hold here.
    pub fn settings(&self) -> &str {
        &self.settings
    }
}

/// cargo's own files of settings (The Cargo Book, "Hierarchical structure").
fn settings(folder: &Path) -> String {
    let above = folder.ancestors().map(|folder| folder.join(".cargo"));
    let home = std::env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(dirs::home_dir()?.join(".cargo")));
    let files = above
        .chain(home)
        .flat_map(|folder| [folder.join("config.toml"), folder.join("config")]);
    files
        .filter_map(|file| std::fs::read_to_string(file).ok())
        .collect::<Vec<_>>()
        .join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(name: &str, dependencies: &str) -> (tempfile::TempDir, Folder) {
        let kernel = tempfile::Builder::new().prefix(name).tempdir().unwrap();
        let path = kernel.path().join("cells");
        std::fs::create_dir(&path).unwrap();
        let manifest = format!("[package]\nname = \"ctx\"\n\n[dependencies]\n{dependencies}");
        std::fs::write(path.join("Cargo.toml"), manifest).unwrap();
        (kernel, Folder::open(path).unwrap())
    }

    #[test]
    fn the_folder_makes_no_difference_and_all_else_does() {
        let (_one, one) = folder("one", "");
        let (_other, other) = folder("other", "");
        let (_third, third) = folder("third", "itoa = \"1\"\n");
        let flag = |folder: &Folder| format!("--out-dir={}/target", folder.path().display());
        let key = |folder: &Folder| folder.key(["rustc", &flag(folder)]);
        assert_eq!(key(&one), key(&other));
        assert_ne!(key(&one), key(&third));
        assert_ne!(key(&one), one.key(["rust", &format!("c{}", flag(&one))]));
        assert_eq!(
            (one.dependencies(), third.dependencies()),
            ("", "itoa = \"1\"")
        );
        assert_eq!(
            other.made_concrete(&one.abstracted(&flag(&one))),
            flag(&other)
        );
    }
}
