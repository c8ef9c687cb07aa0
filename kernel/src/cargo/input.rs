//! Everything that decides how a cell is compiled, but for its source.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;

use super::request::Request;

/// What takes the place of the crate's folder, which is another one in each kernel.
pub const HERE: &str = "<crate>";

/// The crate in the working folder, and the circumstances.
pub struct Input {
    pub request: Request,
    /// The folder of the crate.
    pub folder: PathBuf,
    /// `rustc`, as cargo was told to use it.
    pub rustc: PathBuf,
    /// Differs whenever cargo could call rustc in another way.
    pub key: String,
    /// Whether other crates are used, which are built below the folder.
    pub has_dependencies: bool,
}

impl Input {
    /// None if only cargo can know how to build this crate.
    ///
    /// # Errors
    /// When the folder or its manifest cannot be read.
    pub fn of(request: &Request, compiler: &str) -> Result<Option<Input>> {
        let folder = std::env::current_dir()?;
        let manifest = std::fs::read_to_string(folder.join("Cargo.toml"))?;
        let lock = std::fs::read_to_string(folder.join("Cargo.lock")).unwrap_or_default();
        let settings = settings(&folder);
        let (_, dependencies) = manifest.split_once("[dependencies]").unwrap_or_default();
        let Some(rustc) = std::env::var_os("RUSTC") else {
            return Ok(None);
        };
        // The source of a crate in a folder may change; and whoever has a wrapper wants it to be called.
        let changes = dependencies.contains("path");
        let is_wrapped = std::env::var_os("RUSTC_WRAPPER").is_some()
            || std::env::var_os("RUSTC_WORKSPACE_WRAPPER").is_some()
            || settings.contains("wrapper");
        if changes || is_wrapped || !manifest.contains("[dependencies]") {
            return Ok(None);
        }
        let has_dependencies = !dependencies.trim().is_empty();
        let mut hasher = blake3::Hasher::new();
        let mut add = |part: &str| {
            hasher.update(&(part.len() as u64).to_le_bytes());
            hasher.update(part.as_bytes());
        };
        let here = folder.display().to_string();
        add(compiler);
        add(&rustc.to_string_lossy());
        add(request.name());
        add(&manifest);
        add(&settings);
        if has_dependencies {
            add(&lock);
        }
        for (name, value) in variables() {
            add(&name);
            add(&value.replace(&here, HERE));
        }
        let key = hasher.finalize().to_hex().to_string();
        Ok(Some(Input {
            request: *request,
            folder,
            rustc: rustc.into(),
            key,
            has_dependencies,
        }))
    }

    /// The same for all folders.
    pub fn abstracted(&self, text: &str) -> String {
        text.replace(&self.folder.display().to_string(), HERE)
    }

    /// The opposite of [`Input::abstracted`].
    pub fn made_concrete(&self, text: &str) -> String {
        text.replace(HERE, &self.folder.display().to_string())
    }
}

/// cargo's own files of settings, as far as they hold here (The Cargo Book, "Hierarchical structure").
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

/// The variables that cargo and rustc obey, sorted.
fn variables() -> BTreeMap<String, String> {
    let all = std::env::vars_os();
    all.map(|(name, value)| {
        let text = |part: std::ffi::OsString| part.to_string_lossy().into_owned();
        (text(name), text(value))
    })
    .filter(|(name, _)| name.starts_with("CARGO") || name.starts_with("RUST"))
    .collect()
}
