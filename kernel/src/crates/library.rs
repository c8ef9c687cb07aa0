//! A library of crates, found or built.

use super::build::build;
use super::dependencies::Dependencies;
use super::resolve::Package;
use super::room::{mark_used, wait_for_turn};
use crate::prebuilt::{Cache, Helper, Key, OLD_TAGS, Toolchain, dylib_name, write_atomically};
use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

/// Its description, which is written last: what has none is not finished.
const DESCRIPTION: &str = "library.json";

/// Another one whenever libraries are made otherwise.
const LAYOUT: &str = "2: tokio tells of its tasks, features are known";

/// With less room than this no crate can be built, in bytes.
const FULL: u64 = 64 << 20;

/// What a library is to have.
pub struct Request<'a> {
    pub dependencies: &'a Dependencies,
    /// The library that cells are linked with so far. What it has is not built again.
    pub base: Option<&'a CrateLibrary>,
    /// The helper crate, if it was there first.
    pub helper: Option<&'a Helper>,
    /// Whether the network must not be asked.
    pub offline: bool,
}

impl Request<'_> {
    /// The names, as crates, of the libraries that this one uses.
    pub fn libraries_before(&self) -> Vec<String> {
        let base = self.base.map(|base| base.description.name.clone());
        let helper = self.helper.map(|_| Helper::NAME.to_owned());
        base.into_iter().chain(helper).collect()
    }

    /// rustc's flags for linking with them.
    pub fn flags_before(&self) -> Vec<String> {
        let base = self.base.map(CrateLibrary::link_flags).unwrap_or_default();
        let helper = self.helper.map(Helper::rustc_flags).unwrap_or_default();
        [base, helper].concat()
    }

    /// Other requests, other keys: by compiler, crates, versions, features, the files of crates in folders, and the libraries before.
    fn key(&self, toolchain: &Toolchain) -> Result<String> {
        let mut key = Key::default();
        key.add(LAYOUT);
        key.add(toolchain.identity());
        key.add(super::manifest::manifest(self.dependencies));
        if let Some(base) = self.base {
            key.add(&base.description.name);
        }
        for flag in self.helper.map(Helper::rustc_flags).unwrap_or_default() {
            key.add(flag);
        }
        key.add(self.dependencies.state()?);
        Ok(key.end())
    }
}

/// A library of crates.
#[derive(Debug)]
pub struct CrateLibrary {
    folder: PathBuf,
    description: Description,
    /// rustc's flags for the libraries that it uses.
    before: Vec<String>,
    /// Locked as long as it is in use, so that nobody removes it.
    _in_use: File,
}

/// What must be known of a library to link with it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Description {
    /// Its name as a crate.
    pub name: String,
    /// The crates that were asked for, by the names that they have in Rust, each with its file.
    pub externs: Vec<(String, PathBuf)>,
    /// Where all crates' files are.
    pub folders: Vec<PathBuf>,
    /// All crates, as `name version`.
    pub crates: Vec<String>,
    pub named: Vec<Package>,
}

impl Description {
    /// That of a finished library.
    pub fn read(folder: &Path) -> Option<Description> {
        let description = fs::read(folder.join(DESCRIPTION)).ok()?;
        serde_json::from_slice(&description).ok()
    }
}

impl CrateLibrary {
    /// The library for a request, built if it is not there. `show` gets lines of progress.
    ///
    /// # Errors
    /// Why it cannot be built.
    pub fn get(
        request: &Request,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<CrateLibrary> {
        let folder = cache.entry("crates", &[&request.key(toolchain)?]);
        if let Some(found) = CrateLibrary::open(&folder, request) {
            return Ok(found);
        }
        let turn = wait_for_turn(&folder, show)?;
        if let Some(found) = CrateLibrary::open(&folder, request) {
            return Ok(found);
        }
        clear(&folder)?;
        let show = &mut super::room::publishing(&folder, show);
        let description = match build(request, &folder, &turn, toolchain, show) {
            Err(error) if free_space(&folder)? < FULL => {
                // Nothing else could be written either.
                clear(&folder)?;
                let why = format!("{error:#}");
                bail!(
                    "the disk is full on which crates are built, in {}; free some of it, or set XDG_CACHE_HOME to a folder on another: {}",
                    folder.display(),
                    why.lines().next().unwrap_or_default()
                );
            }
            built => built?,
        };
        write_atomically(
            &folder.join(DESCRIPTION),
            &serde_json::to_vec(&description)?,
        )?;
        CrateLibrary::open(&folder, request).context("what was built is not there")
    }

    /// The library for a request, if it is there.
    ///
    /// # Errors
    /// When a crate in a folder is gone.
    pub fn find(
        request: &Request,
        cache: &Cache,
        toolchain: &Toolchain,
    ) -> Result<Option<CrateLibrary>> {
        let folder = cache.entry("crates", &[&request.key(toolchain)?]);
        Ok(CrateLibrary::open(&folder, request))
    }

    /// A finished library. One whose files are damaged is none.
    fn open(folder: &Path, request: &Request) -> Option<CrateLibrary> {
        let description = Description::read(folder)?;
        let library = folder.join(dylib_name(&description.name));
        let files = description.externs.iter().map(|(_, file)| file);
        let is_whole = |file: &PathBuf| fs::metadata(file).is_ok_and(|about| about.len() > 0);
        if !files.chain([&library]).all(is_whole) {
            return None;
        }
        Some(CrateLibrary {
            _in_use: mark_used(folder).ok()?,
            folder: folder.to_owned(),
            description,
            before: request.flags_before(),
        })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn name(&self) -> &str {
        &self.description.name
    }

    /// All crates in it, as `name version`.
    pub fn crates(&self) -> &[String] {
        &self.description.crates
    }

    /// The crate that was asked for under a name.
    pub fn package(&self, name: &str) -> Option<&Package> {
        let mut named = self.description.named.iter();
        named.find(|package| package.name == name)
    }

    /// The crates that cells can name.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.description
            .externs
            .iter()
            .map(|(name, _)| name.as_str())
    }

    /// The crates that are others, or other versions, than in `old`: their types are other types now.
    pub fn changed_since(&self, old: &CrateLibrary) -> Vec<String> {
        let file = |library: &CrateLibrary, name: &str| {
            let mut externs = library.description.externs.iter();
            let (_, file) = externs.find(|(other, _)| other == name)?;
            Some(file.file_name()?.to_owned())
        };
        let names = old
            .names()
            .filter(|name| file(old, name) != file(self, name));
        names.map(str::to_owned).collect()
    }

    /// rustc's flags for cells that name the crates.
    pub fn rustc_flags(&self) -> Vec<String> {
        let externs = self.description.externs.iter();
        let externs = externs.map(|(name, file)| format!("--extern={name}={}", file.display()));
        externs.chain(self.link_flags()).collect()
    }

    /// rustc's flags for linking with the library.
    fn link_flags(&self) -> Vec<String> {
        let folder = self.folder.display();
        let name = &self.description.name;
        let mut flags = vec![
            "-Cprefer-dynamic".to_owned(),
            format!("--extern={name}={folder}/{}", dylib_name(name)),
            format!("-Clink-arg=-Wl,-rpath,{folder}{OLD_TAGS}"),
        ];
        let folders = self.description.folders.iter();
        flags.extend(folders.map(|folder| format!("-Ldependency={}", folder.display())));
        flags.push(format!("-Ldependency={folder}"));
        flags.extend(self.before.iter().cloned());
        flags
    }
}

impl Dependencies {
    /// What the crates in folders are like now: their files, by length and time.
    ///
    /// # Errors
    /// When a folder is gone.
    pub fn state(&self) -> Result<String> {
        let mut state = String::new();
        for dependency in self.iter() {
            if let Some(path) = dependency.path() {
                add_state(path, &mut state).with_context(|| {
                    format!(
                        "the crate `{}` is not at {} any more",
                        dependency.name,
                        path.display()
                    )
                })?;
            }
        }
        Ok(state)
    }
}

fn add_state(folder: &Path, state: &mut String) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name == "target" || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let about = entry.metadata()?;
        if about.is_dir() {
            add_state(&entry.path(), state)?;
        } else {
            let time = about
                .modified()?
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            state.push_str(&format!(
                "{} {} {}\n",
                entry.path().display(),
                about.len(),
                time.as_nanos()
            ));
        }
    }
    Ok(())
}

/// The room that is left on a folder's disk, in bytes.
fn free_space(folder: &Path) -> Result<u64> {
    let disk = rustix::fs::statvfs(folder)?;
    Ok(disk.f_bavail * disk.f_frsize)
}

/// Removes what a build has left that was ended.
fn clear(folder: &Path) -> Result<()> {
    for name in ["target", DESCRIPTION] {
        let path = folder.join(name);
        let removed = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else if path.exists() {
            fs::remove_file(&path)
        } else {
            Ok(())
        };
        removed.with_context(|| format!("cannot remove {}", path.display()))?;
    }
    Ok(())
}
