//! Which crates, in which versions, a package is made of.

use crate::prebuilt::Toolchain;
use anyhow::{Context, Result, bail};
use regex::Regex;
use serde_json::Value;
use std::path::Path;
use std::process::Stdio;
use std::sync::LazyLock;

/// What cargo has resolved.
pub struct Resolved {
    /// The crates that the package itself names: the name that they have in Rust, and cargo's name for the package.
    pub named: Vec<(String, String)>,
    /// All crates, as `name version`.
    pub crates: Vec<String>,
    /// The features of tokio, if it is one of them.
    pub tokio_features: Vec<String>,
}

/// Resolves the package in `folder`, and fetches its crates. The network is asked only if the crates that were fetched before do
/// not suffice.
///
/// # Errors
/// What cargo says: that there is no such crate, version or feature, or no network.
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
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let named = root["deps"].as_array().into_iter().flatten();
    let named = named.map(|dep| (string(&dep["name"]), string(&dep["pkg"])));
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
    let tokio = packages.iter().find(|package| package["name"] == "tokio");
    let tokio = tokio.and_then(|tokio| nodes.iter().find(|node| node["id"] == tokio["id"]));
    let features = tokio
        .and_then(|node| node["features"].as_array())
        .into_iter()
        .flatten();
    Ok(Resolved {
        named: named.collect(),
        crates: crates.collect(),
        tokio_features: features.map(string).collect(),
    })
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

/// What cargo complains of, without what leads there.
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

/// The package that nobody has heard of.
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
