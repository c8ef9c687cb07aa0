//! The helper crate, built ahead as a dynamic library and handed to every cell.
//!
//! As an ordinary dependency it would be built for each notebook, and cargo and rust-analyzer
//! would visit its whole dependency graph at every cell. So it is built once per compiler and
//! source, and rustc gets it by flags.

use super::build::Build;
use super::cache::{Cache, Lock, write_atomically};
use super::key::Key;
use super::network;
use super::seed::seed;
use super::toolchain::{Toolchain, dylib_name, is_source};
use anyhow::{Context, Result};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;

/// Written last: a folder without it is not finished.
const DONE: &str = "done";

/// Without the network library, which would be read for every cell.
const BUILD: Build = Build {
    what: "the helper crate",
    package: Helper::NAME,
    command: &["build", "--release"],
    features: &["--no-default-features"],
};

/// The folders with sources, as far as they are there: those of the helper and of its network library.
const SOURCES: [&str; 2] = ["src", "network"];

/// Makes the path that is written into a cell stronger than `LD_LIBRARY_PATH` (ld.so(8)), in which
/// cargo names folders with another build of the same library.
pub const OLD_TAGS: &str = if cfg!(target_os = "linux") {
    ",--disable-new-dtags"
} else {
    ""
};

/// A built helper crate.
#[derive(Clone, PartialEq, Eq)]
pub struct Helper {
    source: PathBuf,
    target: PathBuf,
    /// The folder in `target` that libraries are in.
    release: PathBuf,
}

impl Helper {
    pub const NAME: &str = "threadbook";

    /// The helper crate whose source is in `source`, built if it is not in the cache yet.
    /// `show` gets lines of progress while that goes on.
    pub fn get(
        source: &Path,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<Helper> {
        let (folder, helper) = Helper::in_cache(source, cache, toolchain)?;
        let done = folder.join(DONE);
        if !done.exists() {
            let _lock = Lock::take(&folder, || show("Another notebook builds the helper crate"))?;
            if !done.exists() {
                if let Some(other) = newest(cache).filter(|_| !helper.target.exists()) {
                    seed(&other.join("target"), &helper.target)?;
                }
                BUILD.run(&helper.source, &helper.target, toolchain, show)?;
                write_atomically(&done, b"")?;
            }
        }
        Ok(helper)
    }

    /// The same if it is in the cache.
    ///
    /// # Errors
    /// When the source cannot be read.
    pub fn find(source: &Path, cache: &Cache, toolchain: &Toolchain) -> Result<Option<Helper>> {
        let (folder, helper) = Helper::in_cache(source, cache, toolchain)?;
        Ok(folder.join(DONE).exists().then_some(helper))
    }

    /// The helper, built or not, and the folder that it has in the cache.
    fn in_cache(source: &Path, cache: &Cache, toolchain: &Toolchain) -> Result<(PathBuf, Helper)> {
        let source = whole(source);
        let folder = cache.entry("helper", &[&toolchain.identity(), &fingerprint(&source)?]);
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

    /// cargo's folder.
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Starts to build the network library unless it is there; the process that does.
    pub fn begin_network(&self, toolchain: &Toolchain) -> Result<Option<Child>> {
        network::begin(&self.source, &self.target, &self.release, toolchain)
    }

    /// Waits until the network library is there, if it is being built, and builds it if it is not.
    /// `show` gets lines of progress while that goes on.
    pub fn finish_network(&self, toolchain: &Toolchain, show: &mut dyn FnMut(&str)) -> Result<()> {
        network::finish(&self.source, &self.target, &self.release, toolchain, show)
    }

    /// The flags that give the helper to a rustc that compiles a cell.
    pub fn rustc_flags(&self) -> Vec<String> {
        let name = Helper::NAME;
        let release = self.release.display();
        vec![
            "-Cprefer-dynamic".to_owned(),
            format!("--extern={name}={release}/{}", dylib_name(name)),
            format!("-Ldependency={release}/deps"),
            // Macros are made for the compiler, not for what it compiles.
            format!("-Ldependency={}/release/deps", self.target.display()),
            format!("-Clink-arg=-Wl,-rpath,{release}{OLD_TAGS}"),
        ]
    }
}

/// The folder in the cache with the helper that was finished last: of another source, or by another compiler, but most of the crates
/// that it depends on may be the same.
fn newest(cache: &Cache) -> Option<PathBuf> {
    let entries = fs::read_dir(cache.root()).ok()?.flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().and_then(|name| name.to_str());
        name.is_some_and(|name| name.starts_with("helper-"))
    });
    let finished = folders.filter_map(|folder| {
        let time = fs::metadata(folder.join(DONE)).and_then(|about| about.modified());
        Some((time.ok()?, folder))
    });
    finished.max().map(|(_, folder)| folder)
}

/// A path that is the same from everywhere, also through a folder of links to another one's files. What is not there stays as it was
/// named, for the error.
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

/// Everything of the source that a build depends on.
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
    // The library names its own folders, so a copy elsewhere is another library.
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
