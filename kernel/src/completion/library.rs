//! Finds the source of the crates that cells may use: the standard library, the helper crate and `:dep` crates.

use crate::prebuilt::Toolchain;
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A crate's source and its dependencies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Library {
    /// Its name in Rust code.
    pub name: String,
    pub root: PathBuf,
    pub edition: String,
    pub version: Option<String>,
    pub features: Vec<String>,
    /// The names of its dependencies in its code, and their root files.
    pub dependencies: Vec<NamedCrate>,
    pub is_std: bool,
}

/// The crates of the standard library that a cell sees, each after its dependencies.
const STD: [(&str, &[&str]); 3] = [
    ("core", &[]),
    ("alloc", &["core"]),
    ("std", &["core", "alloc"]),
];

/// The name of a crate in code, and its root file.
pub type NamedCrate = (String, PathBuf);

/// Returns the crates of the standard library.
///
/// # Errors
/// If its source is not installed; the message says how to install it.
pub fn standard(toolchain: &Toolchain) -> Result<Vec<Library>> {
    let source = toolchain.library_source();
    let root = |name: &str| source.join(name).join("src/lib.rs");
    if !root("core").exists() {
        bail!(
            "the standard library's source is not in {}; install it with `rustup component add rust-src`",
            source.display()
        );
    }
    let library = |(name, dependencies): (&str, &[&str])| Library {
        name: name.to_owned(),
        root: root(name),
        edition: edition(&source.join(name).join("Cargo.toml")),
        version: None,
        features: Vec::new(),
        dependencies: dependencies
            .iter()
            .map(|name| ((*name).to_owned(), root(name)))
            .collect(),
        is_std: true,
    };
    Ok(STD.map(library).into())
}

/// Returns the edition in a manifest.
fn edition(manifest: &Path) -> String {
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    let named = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("edition"))
        .and_then(|rest| rest.split('"').nth(1));
    named.unwrap_or("2021").to_owned()
}

/// Which crates of a workspace to load.
pub enum PackageSelection<'a> {
    /// The package of this name.
    Package(&'a str),
    /// The dependencies of the root package.
    DependenciesOfRoot,
}

impl PackageSelection<'_> {
    /// Returns cargo's flags that select the features. Cells get the helper without its network library, whose hundred
    /// dependencies they cannot name.
    fn features(&self) -> &'static [&'static str] {
        match self {
            PackageSelection::Package(_) => &["--no-default-features"],
            PackageSelection::DependenciesOfRoot => &[],
        }
    }
}

/// Returns the `wanted` crates of the workspace in `folder` with all their dependencies, and the names of the wanted
/// ones in cells. Builds and downloads nothing.
///
/// # Errors
/// If `cargo metadata` fails.
pub fn of_workspace(
    folder: &Path,
    wanted: PackageSelection<'_>,
    toolchain: &Toolchain,
) -> Result<(Vec<Library>, Vec<NamedCrate>)> {
    let metadata = metadata(folder, wanted.features(), toolchain)?;
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let named = match wanted {
        PackageSelection::Package(name) => {
            let found = packages.iter().find(|(_, package)| package["name"] == name);
            let (id, _) = found.with_context(|| format!("package {name} not found"))?;
            vec![(name.replace('-', "_"), *id)]
        }
        PackageSelection::DependenciesOfRoot => {
            let root = metadata["resolve"]["root"]
                .as_str()
                .context("the workspace has no root package")?;
            dependencies(
                nodes
                    .get(root)
                    .context("the root package is missing in the dependency graph")?,
            )
        }
    };

    let mut libraries = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut pending: Vec<&str> = named.iter().map(|(_, id)| *id).collect();
    while let Some(id) = pending.pop() {
        if seen.contains(&id) {
            continue;
        }
        seen.push(id);
        let (Some(package), Some(node)) = (packages.get(id), nodes.get(id)) else {
            continue;
        };
        let Some((name, root)) = library_target(package) else {
            continue;
        };
        let needed = dependencies(node);
        pending.extend(needed.iter().map(|(_, id)| *id));
        libraries.push(Library {
            name,
            root,
            edition: text(&package["edition"]),
            version: Some(text(&package["version"])),
            features: strings(&node["features"]),
            dependencies: with_roots(&needed, &packages),
            is_std: false,
        });
    }
    Ok((libraries, with_roots(&named, &packages)))
}

fn metadata(folder: &Path, features: &[&str], toolchain: &Toolchain) -> Result<Value> {
    let output = Command::new(toolchain.cargo())
        .args(["metadata", "--format-version=1", "--offline"])
        .args(features)
        .args(["--filter-platform", toolchain.host()?])
        .current_dir(folder)
        .env("RUSTC", toolchain.rustc())
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .output()
        .context("cannot start cargo")?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim_end());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn by_id(list: &Value) -> HashMap<&str, &Value> {
    let entries = list.as_array().into_iter().flatten();
    entries
        .filter_map(|entry| Some((entry["id"].as_str()?, entry)))
        .collect()
}

/// Returns the runtime dependencies of a package's library: their names in its code, and their ids.
fn dependencies(node: &Value) -> Vec<(String, &str)> {
    let needed = node["deps"].as_array().into_iter().flatten();
    needed
        .filter(|needed| {
            let mut kinds = needed["dep_kinds"].as_array().into_iter().flatten();
            kinds.any(|kind| kind["kind"].is_null())
        })
        .filter_map(|needed| Some((text(&needed["name"]), needed["pkg"].as_str()?)))
        .collect()
}

/// Returns the name and root file of a package's library; `None` if it has none, or if it is a procedural macro, which
/// would have to be built.
fn library_target(package: &Value) -> Option<(String, PathBuf)> {
    const LIBRARY: [&str; 4] = ["lib", "rlib", "dylib", "cdylib"];
    let target = package["targets"].as_array()?.iter().find(|target| {
        let kinds = strings(&target["kind"]);
        kinds.iter().any(|kind| LIBRARY.contains(&kind.as_str()))
    })?;
    let name = text(&target["name"]).replace('-', "_");
    Some((name, PathBuf::from(target["src_path"].as_str()?)))
}

fn with_roots(named: &[(String, &str)], packages: &HashMap<&str, &Value>) -> Vec<NamedCrate> {
    named
        .iter()
        .filter_map(|(name, id)| Some((name.clone(), library_target(packages.get(id)?)?.1)))
        .collect()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(text).collect()
}
