//! A crate that is to be compiled without cargo.

use std::path::PathBuf;

use anyhow::Result;

use super::folder::Folder;
use super::request::Request;

/// The crate in the working folder, and the circumstances.
pub struct Input {
    pub request: Request,
    pub folder: Folder,
    /// `rustc`, as cargo was told to use it.
    pub rustc: PathBuf,
    /// What tells the compiler apart from all others.
    pub compiler: String,
    /// Differs whenever cargo could call rustc in another way.
    pub key: String,
}

impl Input {
    /// None if only cargo can know how to build this crate.
    ///
    /// # Errors
    /// When the folder has no manifest.
    pub fn of(request: Request, compiler: &str) -> Result<Option<Input>> {
        let folder = Folder::open(std::env::current_dir()?)?;
        let Some(rustc) = std::env::var_os("RUSTC") else {
            return Ok(None);
        };
        // The source of a crate in a folder may change; and whoever has a wrapper wants it to be called.
        let changes = folder.dependencies().contains("path");
        let is_wrapped = std::env::var_os("RUSTC_WRAPPER").is_some()
            || std::env::var_os("RUSTC_WORKSPACE_WRAPPER").is_some()
            || folder.settings().contains("wrapper");
        if changes || is_wrapped {
            return Ok(None);
        }
        let key = folder.key([compiler, &rustc.to_string_lossy(), request.name()]);
        Ok(Some(Input {
            request,
            folder,
            rustc: rustc.into(),
            compiler: compiler.to_owned(),
            key,
        }))
    }
}
