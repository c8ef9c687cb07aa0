//! The crates that a notebook asked for with `:dep`, as flags for rustc.

use crate::prebuilt::{Helper, Toolchain};
use anyhow::{Context, Result};
use serde_json::Value;
use std::collections::HashMap;
use std::env::consts::DLL_SUFFIX;
use std::path::Path;
use std::process::{Command, Stdio};

/// The flags, kept until the notebook asks for other crates.
#[derive(Default)]
pub struct Crates {
    manifest: String,
    flags: Vec<String>,
}

impl Crates {
    /// Flags for the helper and for all crates in evcxr's manifest, which have been built.
    ///
    /// # Errors
    /// When cargo does not say where they are.
    pub fn flags(
        &mut self,
        workspace: &Path,
        toolchain: &Toolchain,
        helper: Option<&Helper>,
    ) -> Result<Vec<String>> {
        let helper = helper.map(Helper::rustc_flags).unwrap_or_default();
        let manifest = std::fs::read_to_string(workspace.join("Cargo.toml")).unwrap_or_default();
        if manifest != self.manifest {
            self.flags = if manifest.trim_end().ends_with("[dependencies]") {
                Vec::new()
            } else {
                dependencies(workspace, toolchain)?
            };
            self.manifest = manifest;
        }
        Ok([helper, self.flags.clone()].concat())
    }
}

/// Asks cargo which crates the manifest names, and where they were built to.
fn dependencies(workspace: &Path, toolchain: &Toolchain) -> Result<Vec<String>> {
    let host = toolchain.host()?;
    let metadata = cargo(workspace, toolchain, &["metadata", "--format-version=1"])?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let root = metadata["resolve"]["root"]
        .as_str()
        .context("a workspace without a root")?;
    let nodes = metadata["resolve"]["nodes"]
        .as_array()
        .context("a workspace without crates")?;
    let root = nodes
        .iter()
        .find(|node| node["id"] == root)
        .context("a root without a node")?;

    let messages = cargo(
        workspace,
        toolchain,
        &["build", "--target", host, "--message-format=json"],
    )?;
    let libraries: HashMap<String, String> = messages
        .lines()
        .filter_map(|line| library(&serde_json::from_str(line).ok()?))
        .collect();

    let deps = workspace.join("target").join(host).join("debug/deps");
    let macros = workspace.join("target/debug/deps");
    let mut flags = vec![
        format!("-Ldependency={}", deps.display()),
        format!("-Ldependency={}", macros.display()),
    ];
    for dependency in root["deps"].as_array().into_iter().flatten() {
        let name = dependency["name"].as_str();
        let library = dependency["pkg"]
            .as_str()
            .and_then(|package| libraries.get(package));
        if let (Some(name), Some(library)) = (name, library) {
            flags.push(format!("--extern={name}={library}"));
        }
    }
    Ok(flags)
}

/// The package and the file of a finished library.
fn library(message: &Value) -> Option<(String, String)> {
    if message["reason"] != "compiler-artifact" {
        return None;
    }
    let mut files = message["filenames"]
        .as_array()?
        .iter()
        .filter_map(Value::as_str);
    let is_library = |file: &&str| file.ends_with(".rlib") || file.ends_with(DLL_SUFFIX);
    let file = files.rfind(is_library)?;
    Some((message["package_id"].as_str()?.to_owned(), file.to_owned()))
}

/// Runs cargo as evcxr does, so that nothing is built twice.
fn cargo(workspace: &Path, toolchain: &Toolchain, arguments: &[&str]) -> Result<String> {
    let mut command = Command::new(toolchain.cargo());
    command
        .args(arguments)
        .current_dir(workspace)
        .env("CARGO_TARGET_DIR", "target")
        .env("CARGO_BUILD_BUILD_DIR", "target")
        .env("RUSTC", toolchain.rustc())
        .env("RUSTFLAGS", "-Cprefer-dynamic")
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let output = command.output().context("cannot start cargo")?;
    Ok(String::from_utf8(output.stdout)?)
}
