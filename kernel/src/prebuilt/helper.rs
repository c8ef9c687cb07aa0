//! The helper crate, prebuilt as a dynamic library for all cells.
//!
//! As an ordinary dependency it would be built for each notebook, and cargo and rust-analyzer would visit its whole
//! dependency graph for every cell. So it is built once per compiler and source, and rustc gets it through flags.

use super::archive::embedded_key;
use super::build::Build;
use super::cache::{Cache, Lock};
use super::embedded::embedded_source;
use super::key::Key;
use super::network;
use super::seed::seed;
use super::toolchain::{Toolchain, dylib_name, is_source};
use super::write::write_atomically;
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

/// Written last: a directory without it is not finished.
const DONE: &str = "done";

/// Excludes the network library, which rustc would read for every cell.
const BUILD: Build = Build {
    what: "the helper crate",
    package: Helper::NAME,
    command: &["build", "--release"],
    features: &["--no-default-features"],
};

/// The source directories of the helper and of its network library, if they exist.
const SOURCES: [&str; 2] = ["src", "network"];

/// Gives the path in a cell precedence over `LD_LIBRARY_PATH` (ld.so(8)), in which cargo names directories with another
/// build of the same library.
pub const OLD_TAGS: &str = if cfg!(target_os = "linux") {
    ",--disable-new-dtags"
} else {
    ""
};

/// The directory of the helper crate's source.
pub enum HelperSource {
    /// A project.
    Project(PathBuf),
    /// The unpacked source of this program.
    Embedded(PathBuf),
}

impl HelperSource {
    /// Returns the source that this program contains.
    ///
    /// # Errors
    /// When it cannot be unpacked.
    pub fn embedded(cache: &Cache) -> Result<HelperSource> {
        embedded_source(cache).map(HelperSource::Embedded)
    }

    pub fn path(&self) -> &Path {
        match self {
            HelperSource::Project(path) | HelperSource::Embedded(path) => path,
        }
    }

    /// Returns a text that differs whenever the content of the source does.
    fn fingerprint(&self, path: &Path) -> Result<String> {
        match self {
            HelperSource::Project(_) => fingerprint(path),
            // The content is known.
            HelperSource::Embedded(_) => Ok(format!("{} {}", embedded_key(), path.display())),
        }
    }
}

/// A built helper crate.
#[derive(Clone, PartialEq, Eq)]
pub struct Helper {
    source: PathBuf,
    target: PathBuf,
    /// The directory of libraries in `target`.
    release: PathBuf,
}

impl Helper {
    pub const NAME: &str = "threadbook";

    /// Returns the helper crate of a source; builds it first if it is not in the cache. `show` gets
    /// progress lines.
    pub fn get(
        source: &HelperSource,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<Helper> {
        let (folder, helper) = Helper::in_cache(source, cache, toolchain)?;
        let done = folder.join(DONE);
        if !done.exists() {
            let _lock = Lock::take(&folder, || {
                show("Another notebook is building the helper crate")
            })?;
            if !done.exists() {
                if let Some(other) = newest(cache).filter(|_| !helper.target.exists()) {
                    seed(&other.join("target"), &helper.target)?;
                    forget_own_crates(&helper.target)?;
                }
                BUILD.run(&helper.source, &helper.target, toolchain, show)?;
                write_atomically(&done, b"")?;
            }
        }
        Ok(helper)
    }

    /// Returns the helper crate if it is in the cache.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn find(
        source: &HelperSource,
        cache: &Cache,
        toolchain: &Toolchain,
    ) -> Result<Option<Helper>> {
        let (folder, helper) = Helper::in_cache(source, cache, toolchain)?;
        Ok(folder.join(DONE).exists().then_some(helper))
    }

    /// Returns the helper, built or not, and its directory in the cache.
    fn in_cache(
        source: &HelperSource,
        cache: &Cache,
        toolchain: &Toolchain,
    ) -> Result<(PathBuf, Helper)> {
        let folder = whole(source.path());
        let parts = [&*toolchain.identity(), &*source.fingerprint(&folder)?];
        let source = folder;
        // Users of a shared cache cannot build what is missing there.
        let has_all = |folder: &Path| {
            let release = toolchain.release_folder(&folder.join("target"));
            folder.join(DONE).exists() && release.is_ok_and(|release| network::is_there(&release))
        };
        let folder = cache.find("helper", &parts, has_all);
        let target = folder.join("target");
        let helper = Helper {
            release: toolchain.release_folder(&target)?,
            source,
            target,
        };
        Ok((folder, helper))
    }

    pub fn source(&self) -> &Path {
        &self.source
    }

    /// Returns cargo's target directory.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Starts to build the network library unless it is built; returns cargo's process.
    pub fn begin_network(&self, toolchain: &Toolchain) -> Result<Option<Child>> {
        network::begin(&self.source, &self.target, &self.release, toolchain)
    }

    /// Builds the network library unless it is built, or waits for a build in progress. `show` gets progress lines.
    pub fn finish_network(&self, toolchain: &Toolchain, show: &mut dyn FnMut(&str)) -> Result<()> {
        network::finish(&self.source, &self.target, &self.release, toolchain, show)
    }

    /// Returns rustc's flags for cells that use the helper.
    pub fn rustc_flags(&self) -> Vec<String> {
        let name = Helper::NAME;
        let release = self.release.display();
        vec![
            "-Cprefer-dynamic".to_owned(),
            format!("--extern={name}={release}/{}", dylib_name(name)),
            format!("-Ldependency={release}/deps"),
            // Procedural macros are built for the host, not for the target.
            format!("-Ldependency={}/release/deps", self.target.display()),
            format!("-Clink-arg=-Wl,-rpath,{release}{OLD_TAGS}"),
        ]
    }
}

/// Returns the directory of the helper that was finished last. Its source or compiler differs, but most of its
/// dependencies may be the same.
fn newest(cache: &Cache) -> Option<PathBuf> {
    let roots = cache.roots().filter_map(|root| fs::read_dir(root).ok());
    let folders = roots
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with("helper-"))
        });
    let finished = folders.filter_map(|folder| {
        let time = fs::metadata(folder.join(DONE)).and_then(|about| about.modified());
        Some((time.ok()?, folder))
    });
    finished.max().map(|(_, folder)| folder)
}

/// Lets cargo build the helper and its network library anew in a target directory that was seeded from another source. Cargo
/// compares times, and the files of this source may be older than that build.
fn forget_own_crates(target: &Path) -> Result<()> {
    let fingerprints = |folder: PathBuf| fs::read_dir(folder.join("release/.fingerprint")).ok();
    let hosts = fs::read_dir(target).into_iter().flatten().flatten();
    let folders = hosts.map(|host| host.path()).chain([target.to_owned()]);
    for entry in folders.filter_map(fingerprints).flatten().flatten() {
        let name = entry.file_name();
        if name.as_encoded_bytes().starts_with(b"threadbook") {
            fs::remove_dir_all(entry.path())?;
        }
    }
    Ok(())
}

/// Returns the canonical path, and resolves a directory of links to the directory of the linked files. A path that does
/// not exist stays unchanged, for the error.
fn whole(source: &Path) -> PathBuf {
    let real = |path: PathBuf| fs::canonicalize(path).ok();
    let linked = real(source.join("Cargo.toml")).and_then(|manifest| {
        let folder = manifest.parent()?.to_owned();
        let is_same = |name| real(source.join(name)) == real(folder.join(name));
        let mut sources = SOURCES.into_iter().chain(["Cargo.lock"]);
        sources.all(is_same).then_some(folder)
    });
    let real = || real(source.to_owned());
    linked.or_else(real).unwrap_or_else(|| source.to_owned())
}

/// Returns a hash of everything in the source that a build depends on.
fn fingerprint(source: &Path) -> Result<String> {
    let mut files = vec![source.join("Cargo.toml")];
    files.extend(Some(source.join("Cargo.lock")).filter(|lock| lock.exists()));
    for folder in SOURCES.map(|folder| source.join(folder)) {
        if folder.exists() {
            collect(&folder, &mut files)?;
        }
    }
    files.sort();
    let mut key = Key::default();
    for file in files {
        let content = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.strip_prefix(source).unwrap_or(&file);
        key.add(name.as_os_str().as_encoded_bytes());
        key.add(content);
    }
    // The library contains its own paths, so a copy elsewhere is another library.
    key.add(source.as_os_str().as_encoded_bytes());
    Ok(key.end())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let entries =
        fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if is_source(&path) {
            files.push(path);
        }
    }
    Ok(())
}
