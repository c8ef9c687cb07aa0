//! The crates of one notebook, as its cells ask for them one after the other.

use super::dependencies::Dependencies;
use super::dependency::Dependency;
use super::library::CrateLibrary;
use super::lookup::{find_library, library_for};
use super::request::Request;
use crate::prebuilt::{Cache, Helper, Toolchain};
use anyhow::Result;

/// All crates so far.
#[derive(Default)]
pub struct NotebookCrates {
    dependencies: Dependencies,
    /// Each uses those before it.
    libraries: Vec<CrateLibrary>,
    /// What the crates in folders were like when they were built.
    state: String,
    /// Whether the network must not be asked.
    pub offline: bool,
}

/// What has come of loading crates.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Crates that are others now, so that their types are others too.
    pub changed: Vec<String>,
    /// Lines for the user.
    pub notes: Vec<String>,
    /// Why what is loaded cannot stay beside it, if it cannot.
    pub restart: Option<String>,
}

impl NotebookCrates {
    /// Builds and loads the crates that are asked for, besides those that are there. If that fails, nothing has changed. `show` gets
    /// lines of progress.
    ///
    /// # Errors
    /// Why they cannot be built.
    pub fn load(
        &mut self,
        asked: Vec<Dependency>,
        helper: Option<&Helper>,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<Loaded> {
        let loaded = self.load_by(asked, helper, |request| {
            library_for(request, cache, toolchain, &mut *show).map(Some)
        })?;
        Ok(loaded.unwrap_or_default())
    }

    /// Loads the crates that are asked for if they are built; whether they are.
    ///
    /// # Errors
    /// When a crate in a folder is gone.
    pub fn find(
        &mut self,
        asked: Vec<Dependency>,
        helper: Option<&Helper>,
        cache: &Cache,
        toolchain: &Toolchain,
    ) -> Result<bool> {
        let loaded = self.load_by(asked, helper, |request| {
            find_library(request, cache, toolchain)
        })?;
        Ok(loaded.is_some())
    }

    /// `None`, and nothing has changed, if there is no library.
    fn load_by(
        &mut self,
        asked: Vec<Dependency>,
        helper: Option<&Helper>,
        library: impl FnOnce(&Request) -> Result<Option<CrateLibrary>>,
    ) -> Result<Option<Loaded>> {
        let mut dependencies = self.dependencies.clone();
        let mut loaded = Loaded::default();
        for dependency in asked {
            let (name, shown) = (dependency.name.clone(), dependency.shown().to_owned());
            let old = dependencies.add(dependency);
            if let Some(old) = old.filter(|old| old.shown() != shown) {
                let old = old.shown();
                loaded.notes.push(format!(
                    "`{name}` is asked for as {shown} now, before as {old}"
                ));
            }
        }
        let state = dependencies.state()?;
        if dependencies == self.dependencies && state == self.state {
            return Ok(Some(loaded));
        }
        // rustc tells the crates in a folder apart by their names alone: a changed one cannot be beside the old one.
        let has_changed = self.has_changed();
        if has_changed {
            loaded.restart = Some("a crate in a folder has changed".to_owned());
        }
        let base = self.libraries.last().filter(|_| !has_changed);
        let request = Request {
            dependencies: &dependencies,
            base,
            helper: helper.filter(|_| base.is_none()),
            offline: self.offline,
        };
        let Some(library) = library(&request)? else {
            return Ok(None);
        };
        if let Some(base) = base {
            loaded.changed = library.changed_since(base);
        }
        if has_changed {
            self.libraries.clear();
        }
        self.libraries.push(library);
        (self.dependencies, self.state) = (dependencies, state);
        Ok(Some(loaded))
    }

    /// Loads all crates anew, now that the helper crate is there and shares some with them.
    ///
    /// # Errors
    /// Why they cannot be built.
    pub fn share_with(
        &mut self,
        helper: &Helper,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<()> {
        if self.libraries.is_empty() {
            return Ok(());
        }
        let request = Request {
            dependencies: &self.dependencies,
            base: None,
            helper: Some(helper),
            offline: self.offline,
        };
        self.libraries = vec![library_for(&request, cache, toolchain, show)?];
        Ok(())
    }

    /// Whether a crate in a folder is not what it was.
    pub fn has_changed(&self) -> bool {
        !self.state.is_empty()
            && self
                .dependencies
                .state()
                .is_ok_and(|state| state != self.state)
    }

    pub fn has(&self, name: &str) -> bool {
        self.dependencies.has(name)
    }

    pub fn dependencies(&self) -> &Dependencies {
        &self.dependencies
    }

    /// The library that cells are linked with.
    pub fn library(&self) -> Option<&CrateLibrary> {
        self.libraries.last()
    }
}
