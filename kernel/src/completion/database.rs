//! The rust-analyzer database: the source of the crates, and one crate with the notebook's cells.

use super::library::{Library, NamedCrate};
use anyhow::{Context, Result};
use ra_ap_hir::{CfgAtom, CfgOptions, ChangeWithProcMacros, Symbol};
use ra_ap_ide::{Analysis, AnalysisHost, CrateGraphBuilder, Edition, FileId, SourceRoot};
use ra_ap_ide_db::base_db::{
    AbsPathBuf, CrateBuilderId, CrateDisplayName, CrateName, CrateOrigin, CrateWorkspaceData,
    DependencyBuilder, Env, FileSet, LangCrateOrigin, VfsPath,
};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use triomphe::Arc;

/// The file with the notebook's cells.
pub const CELLS: FileId = FileId::from_raw(0);

/// Directories next to a crate's source that are not part of it.
const SKIPPED_DIRECTORIES: [&str; 5] = ["target", "tests", "benches", "examples", ".git"];

pub struct Database {
    host: AnalysisHost,
    cfg: Vec<CfgAtom>,
    toolchain: Arc<CrateWorkspaceData>,
    libraries: Vec<Library>,
    /// The names of crates in cells, and the root files of these crates.
    names: Vec<NamedCrate>,
    /// The files of each source directory, read once.
    folders: HashMap<PathBuf, FileSet>,
    roots: HashMap<PathBuf, FileId>,
    files: u32,
}

impl Database {
    /// Creates a database without crates. `cfg` has one `#[cfg]` option a line; `release` is the compiler's version.
    pub fn new(cfg: &str, release: Option<&str>) -> Database {
        Database {
            host: AnalysisHost::default(),
            cfg: cfg.lines().map(cfg_atom).collect(),
            toolchain: Arc::new(CrateWorkspaceData {
                target: Err(String::from("layouts are not loaded").into()),
                toolchain: release.and_then(|release| release.parse().ok()),
            }),
            libraries: Vec::new(),
            names: Vec::new(),
            folders: HashMap::new(),
            roots: HashMap::new(),
            // File 0 is `CELLS`.
            files: 1,
        }
    }

    /// Adds crates; cells can name those in `names`. Keeps crates added before.
    ///
    /// # Errors
    /// If a crate's source cannot be read.
    pub fn add(&mut self, libraries: Vec<Library>, names: Vec<NamedCrate>) -> Result<()> {
        let mut change = ChangeWithProcMacros::default();
        for library in libraries {
            self.read(&library, &mut change)?;
            if !self.libraries.contains(&library) {
                self.libraries.push(library);
            }
        }
        for name in names {
            self.names.retain(|(other, _)| *other != name.0);
            self.names.push(name);
        }
        let mut cells = FileSet::default();
        cells.insert(CELLS, VfsPath::new_virtual_path("/cells.rs".to_owned()));
        if self.roots.is_empty() {
            change.change_file(CELLS, Some(String::new()));
        }
        let libraries = self.folders.values().cloned().map(SourceRoot::new_library);
        let cells = SourceRoot::new_local(cells);
        change.set_roots(std::iter::once(cells).chain(libraries).collect());
        change.set_crate_graph(self.graph()?);
        self.host.apply_change(change);
        Ok(())
    }

    /// Replaces the cells' text.
    pub fn set_cells(&mut self, text: String) {
        let mut change = ChangeWithProcMacros::default();
        change.change_file(CELLS, Some(text));
        self.host.apply_change(change);
    }

    pub fn analysis(&self) -> Analysis {
        self.host.analysis()
    }

    /// Reads the directory of a crate's source.
    fn read(&mut self, library: &Library, change: &mut ChangeWithProcMacros) -> Result<()> {
        let folder = library
            .root
            .parent()
            .context("a crate root without a directory")?;
        if !self.folders.contains_key(folder) {
            let mut files = FileSet::default();
            for path in source_files(folder)? {
                if let Ok(text) = std::fs::read_to_string(&path) {
                    let id = FileId::from_raw(self.files);
                    self.files += 1;
                    files.insert(id, vfs_path(&path)?);
                    change.change_file(id, Some(text));
                }
            }
            self.folders.insert(folder.to_owned(), files);
        }
        let path = vfs_path(&library.root)?;
        let root = self.folders[folder].file_for_path(&path);
        let root = *root.with_context(|| format!("{} is missing", library.root.display()))?;
        self.roots.insert(library.root.clone(), root);
        Ok(())
    }

    fn graph(&self) -> Result<CrateGraphBuilder> {
        let mut graph = CrateGraphBuilder::default();
        let mut crates = HashMap::new();
        for library in &self.libraries {
            let id = self.add_library(library, &mut graph)?;
            crates.insert(library.root.as_path(), id);
        }
        let cells = graph.add_crate_root(
            CELLS,
            Edition::Edition2024,
            Some(CrateDisplayName::from_canonical_name("cells")),
            None,
            self.cfg_options(&[]),
            None,
            Env::default(),
            CrateOrigin::Local {
                repo: None,
                name: None,
            },
            Vec::new(),
            false,
            Arc::new(absolute(Path::new("/"))?),
            self.toolchain.clone(),
        );
        for library in &self.libraries {
            let from = crates[library.root.as_path()];
            depend(&mut graph, from, &library.dependencies, &crates, false);
            if !library.is_std {
                depend(&mut graph, from, &self.standard(), &crates, true);
            }
        }
        depend(&mut graph, cells, &self.names, &crates, false);
        depend(&mut graph, cells, &self.standard(), &crates, true);
        Ok(graph)
    }

    fn add_library(
        &self,
        library: &Library,
        graph: &mut CrateGraphBuilder,
    ) -> Result<CrateBuilderId> {
        let folder = library
            .root
            .parent()
            .context("a crate root without a directory")?;
        let name = CrateDisplayName::from_canonical_name(&library.name);
        let origin = if library.is_std {
            CrateOrigin::Lang(LangCrateOrigin::from(library.name.as_str()))
        } else {
            CrateOrigin::Library {
                repo: None,
                name: Symbol::intern(&library.name),
            }
        };
        Ok(graph.add_crate_root(
            self.roots[&library.root],
            library.edition.parse().unwrap_or(Edition::Edition2021),
            Some(name),
            library.version.clone(),
            self.cfg_options(&library.features),
            None,
            Env::default(),
            origin,
            Vec::new(),
            false,
            Arc::new(absolute(folder)?),
            self.toolchain.clone(),
        ))
    }

    fn standard(&self) -> Vec<NamedCrate> {
        let standard = self.libraries.iter().filter(|library| library.is_std);
        standard
            .map(|library| (library.name.clone(), library.root.clone()))
            .collect()
    }

    fn cfg_options(&self, features: &[String]) -> CfgOptions {
        let features = features.iter().map(|feature| CfgAtom::KeyValue {
            key: Symbol::intern("feature"),
            value: Symbol::intern(feature),
        });
        self.cfg.iter().cloned().chain(features).collect()
    }
}

/// Returns the source files below a crate's directory.
///
/// # Errors
/// When a directory cannot be read.
pub fn source_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("cannot read {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let path = entry.path();
            if entry.file_type()?.is_dir() {
                if !SKIPPED_DIRECTORIES.iter().any(|name| path.ends_with(name)) {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    Ok(files)
}

/// Adds dependencies to the graph. Leaves out one that would close a cycle; only development dependencies can.
fn depend(
    graph: &mut CrateGraphBuilder,
    from: CrateBuilderId,
    on: &[NamedCrate],
    crates: &HashMap<&Path, CrateBuilderId>,
    is_std: bool,
) {
    for (name, root) in on {
        if let Some(&to) = crates.get(root.as_path()) {
            let name = CrateName::normalize_dashes(name);
            let dependency = DependencyBuilder::with_prelude(name, to, true, is_std);
            if let Err(error) = graph.add_dep(from, dependency) {
                tracing::debug!("{error}");
            }
        }
    }
}

/// Parses a line of `rustc --print cfg`: `unix`, or `target_os="linux"`.
fn cfg_atom(line: &str) -> CfgAtom {
    match line.split_once('=') {
        Some((key, value)) => CfgAtom::KeyValue {
            key: Symbol::intern(key),
            value: Symbol::intern(value.trim_matches('"')),
        },
        None => CfgAtom::Flag(Symbol::intern(line)),
    }
}

fn vfs_path(path: &Path) -> Result<VfsPath> {
    Ok(absolute(path)?.into())
}

fn absolute(path: &Path) -> Result<AbsPathBuf> {
    let text = path
        .to_str()
        .with_context(|| format!("{} is not valid UTF-8", path.display()))?;
    AbsPathBuf::try_from(text).map_err(|path| anyhow::anyhow!("{path} is not absolute"))
}
