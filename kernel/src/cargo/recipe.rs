//! How cargo calls rustc for a crate, kept for the next time.

use std::path::PathBuf;

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::input::Input;
use crate::prebuilt::Store;

/// Arguments and environment of rustc. As in all folders, see [`super::folder::Folder::abstracted`].
#[derive(Debug, Serialize, Deserialize)]
pub struct Recipe {
    pub arguments: Vec<String>,
    /// The variables that cargo has added.
    pub environment: Vec<(String, String)>,
}

impl Recipe {
    /// Whether `:opt` asks for faster code.
    pub fn is_optimised(&self) -> bool {
        let mut arguments = self.arguments.iter();
        arguments.any(|argument| argument.starts_with("opt-level="))
    }

    /// The recipe, if cargo has given it before.
    pub fn find(input: &Input, store: &Store) -> Option<Recipe> {
        let bytes = if input.folder.dependencies().is_empty() {
            store.get("recipe", &input.key)?
        } else {
            std::fs::read(file(input)).ok()?
        };
        serde_json::from_slice(&bytes).ok()
    }

    /// Keeps it: with its crates if it has any, for they are built there; else for all kernels.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn keep(&self, input: &Input, store: &Store) -> Result<()> {
        let bytes = serde_json::to_vec(self)?;
        if input.folder.dependencies().is_empty() {
            store.put("recipe", &input.key, &bytes)
        } else {
            std::fs::write(file(input), bytes)?;
            Ok(())
        }
    }
}

fn file(input: &Input) -> PathBuf {
    let name = format!("recipe-{}", &input.key[..16]);
    input.folder.path().join("target").join(name)
}
