//! The crates that cells may use, as source: the standard library, the helper and what was asked
//! for with `:dep`.

use crate::prebuilt::Toolchain;
use anyhow::{Context, Result, bail};
use serde_json::Value;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// A crate's source, and what it depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Library {
    /// Its name in Rust code.
    pub name: String,
    pub root: PathBuf,
    pub edition: String,
    pub version: Option<String>,
    pub features: Vec<String>,
    /// The names that it knows others by, and the roots of these.
    pub dependencies: Vec<Named>,
    pub is_std: bool,
}

/// The parts of the standard library that a cell sees, each after those it depends on.
const STD: [(&str, &[&str]); 3] = [
    ("core", &[]),
    ("alloc", &["core"]),
    ("std", &["core", "alloc"]),
];

/// A name by which a crate is known, and the root of that crate.
pub type Named = (String, PathBuf);

/// The standard library.
///
/// # Errors
/// When its source is not installed; the message says what helps.
pub fn standard(toolchain: &Toolchain) -> Result<Vec<Library>> {
    let source = toolchain.library_source();
    let root = |name: &str| source.join(name).join("src/lib.rs");
    if !root("core").exists() {
        bail!(
            "the standard library's source is not in {}; `rustup component add rust-src` installs it",
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

/// The edition that a manifest names.
fn edition(manifest: &Path) -> String {
    let text = std::fs::read_to_string(manifest).unwrap_or_default();
    let named = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("edition"))
        .and_then(|rest| rest.split('"').nth(1));
    named.unwrap_or("2021").to_owned()
}

/// Which of a workspace's crates are wanted.
pub enum Wanted<'a> {
    /// The package of this name.
    Package(&'a str),
    /// What the root package depends on.
    DependenciesOfRoot,
}

/// Crates of the workspace in `folder` and all that they depend on, and the names that a cell
/// knows the wanted ones by. Nothing is built, and nothing is fetched.
///
/// # Errors
/// When cargo cannot tell.
pub fn of_workspace(
    folder: &Path,
    wanted: Wanted<'_>,
    toolchain: &Toolchain,
) -> Result<(Vec<Library>, Vec<Named>)> {
    let metadata = metadata(folder, toolchain)?;
    let packages = by_id(&metadata["packages"]);
    let nodes = by_id(&metadata["resolve"]["nodes"]);
    let named = match wanted {
        Wanted::Package(name) => {
            let found = packages.iter().find(|(_, package)| package["name"] == name);
            let (id, _) = found.with_context(|| format!("no package {name}"))?;
            vec![(name.replace('-', "_"), *id)]
        }
        Wanted::DependenciesOfRoot => {
            let root = metadata["resolve"]["root"].as_str().context("no root")?;
            dependencies(nodes.get(root).context("a root without a node")?)
        }
    };

    let mut libraries = Vec::new();
    let mut seen: Vec<&str> = Vec::new();
    let mut left: Vec<&str> = named.iter().map(|(_, id)| *id).collect();
    while let Some(id) = left.pop() {
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
        left.extend(needed.iter().map(|(_, id)| *id));
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

fn metadata(folder: &Path, toolchain: &Toolchain) -> Result<Value> {
    let output = Command::new(toolchain.cargo())
        .args(["metadata", "--format-version=1", "--offline"])
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

/// What a package's library needs at run time: the names it knows them by, and their ids.
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

/// The name and the root of a package's library; `None` when it has none, or when that is a
/// procedural macro, which would have to be built.
fn library_target(package: &Value) -> Option<(String, PathBuf)> {
    const LIBRARY: [&str; 4] = ["lib", "rlib", "dylib", "cdylib"];
    let target = package["targets"].as_array()?.iter().find(|target| {
        let kinds = strings(&target["kind"]);
        kinds.iter().any(|kind| LIBRARY.contains(&kind.as_str()))
    })?;
    let name = text(&target["name"]).replace('-', "_");
    Some((name, PathBuf::from(target["src_path"].as_str()?)))
}

fn with_roots(named: &[(String, &str)], packages: &HashMap<&str, &Value>) -> Vec<Named> {
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
