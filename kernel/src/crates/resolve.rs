//! Resolves the crates of a package and their versions.

use crate::prebuilt::Toolchain;
use anyhow::{Context, Result, bail};
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::LazyLock;

/// The result of cargo's resolution.
pub struct Resolved {
    /// The direct dependencies of the package.
    pub named: Vec<Package>,
    /// All crates, as `name version`.
    pub crates: Vec<String>,
}

/// A requested crate, as resolved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its name in Rust.
    pub name: String,
    /// cargo's id of the package.
    pub id: String,
    /// The first two parts of the version.
    pub version: (u64, u64),
    features: Vec<String>,
}

impl Package {
    /// Returns whether a feature is enabled.
    pub fn has(&self, feature: &str) -> bool {
        self.features.iter().any(|other| other == feature)
    }
}

/// Resolves the package in `folder` and downloads its crates. Uses the network only if the crates that cargo already
/// has do not suffice.
///
/// # Errors
/// cargo's error: for example an unknown crate, version or feature, or no network.
pub fn resolve(
    folder: &Path,
    target: &Path,
    toolchain: &Toolchain,
    offline: bool,
) -> Result<Resolved> {
    let text = match metadata(folder, target, toolchain, true) {
        Err(_) if !offline => metadata(folder, target, toolchain, false)?,
        answer => answer?,
    };
    let metadata: Value = serde_json::from_str(&text)?;
    let resolve = &metadata["resolve"];
    let nodes = resolve["nodes"].as_array().context("no crates")?;
    let root = nodes.iter().find(|node| node["id"] == resolve["root"]);
    let root = root.context("no root")?;
    let packages: Vec<&Value> = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .collect();
    let others = packages
        .iter()
        .filter(|package| package["id"] != resolve["root"]);
    let crates = others.map(|package| {
        format!(
            "{} {}",
            string(&package["name"]),
            string(&package["version"])
        )
    });
    let named = root["deps"].as_array().into_iter().flatten();
    let named = named.map(|dep| {
        let id = &dep["pkg"];
        let package = packages.iter().find(|package| package["id"] == *id);
        let node = nodes.iter().find(|node| node["id"] == *id);
        let version = package.map(|package| string(&package["version"]));
        let features = node.and_then(|node| node["features"].as_array());
        Package {
            name: string(&dep["name"]),
            id: string(id),
            version: short_version(&version.unwrap_or_default()),
            features: features.into_iter().flatten().map(string).collect(),
        }
    });
    Ok(Resolved {
        named: named.collect(),
        crates: crates.collect(),
    })
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Returns the first two parts of a version.
fn short_version(version: &str) -> (u64, u64) {
    let mut parts = version
        .split('.')
        .map(|part| part.parse().unwrap_or_default());
    (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    )
}

fn metadata(folder: &Path, target: &Path, toolchain: &Toolchain, offline: bool) -> Result<String> {
    let mut cargo = toolchain.cargo_build(folder, target);
    cargo
        .args([
            "metadata",
            "--format-version=1",
            "--filter-platform",
            toolchain.host()?,
        ])
        .stdin(Stdio::null());
    if offline {
        cargo.arg("--offline");
    }
    let output = cargo.output().context("cannot start cargo")?;
    if !output.status.success() {
        bail!(complaint(&String::from_utf8_lossy(&output.stderr)));
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns cargo's error without its status lines and without the names of our package.
pub fn complaint(stderr: &str) -> String {
    const LINES: usize = 12;
    let is_news = |line: &&str| {
        let begins = [
            "Updating",
            "Downloading",
            "Downloaded",
            "Locking",
            "Adding",
            "Blocking",
            "warning:",
        ];
        !begins
            .iter()
            .any(|begin| line.trim_start().starts_with(begin))
    };
    let lines: Vec<&str> = stderr
        .lines()
        .filter(is_news)
        .filter(|line| !line.trim().is_empty())
        .collect();
    let start = lines
        .iter()
        .position(|line| line.starts_with("error"))
        .unwrap_or_default();
    let is_ours =
        |line: &&&str| line.trim_start().starts_with("... required by") && line.contains(OURS);
    let lines = lines[start..]
        .iter()
        .filter(|line| !is_ours(line))
        .take(LINES);
    let text = lines.copied().collect::<Vec<_>>().join("\n");
    static PACKAGE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new("(?:the |)(?:crate |package )`notebook(?: v0\\.0\\.0 \\([^)]*\\))?`")
            .expect("a valid pattern")
    });
    let text = PACKAGE.replace_all(&text, "the notebook");
    text.strip_prefix("error: ")
        .unwrap_or(&text)
        .trim_end()
        .to_owned()
}

/// The generated package, which the user does not know.
const OURS: &str = "notebook v0.0.0";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn complaints_are_about_the_notebook() {
        let stderr = "    Updating crates.io index\nerror: failed to select a version for `itoa`.\n    \
            ... required by package `notebook v0.0.0 (/a/b)`\nversions that meet the requirements `^1` are: 1.0.19\n\n\
            package `notebook` depends on `itoa` with feature `no` but `itoa` does not have that feature.\n";
        assert_eq!(
            complaint(stderr),
            "failed to select a version for `itoa`.\nversions that meet the requirements `^1` are: 1.0.19\n\
             the notebook depends on `itoa` with feature `no` but `itoa` does not have that feature."
        );
    }
}
