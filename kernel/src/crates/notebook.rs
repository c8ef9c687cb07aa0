//! The crates of one notebook, which its cells request one after the other.

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
    /// Each uses the earlier ones.
    libraries: Vec<CrateLibrary>,
    /// The state of the local crates when they were built.
    state: String,
    /// Whether cargo must not use the network.
    pub offline: bool,
}

/// The result of loading crates.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Crates that have changed, so that their types are now different types.
    pub changed: Vec<String>,
    /// Lines for the user.
    pub notes: Vec<String>,
    /// Why the runtime must restart, if the new library cannot coexist with the loaded ones.
    pub restart: Option<String>,
}

impl NotebookCrates {
    /// Builds and loads the requested crates in addition to the loaded ones. Changes nothing if that fails. `show` gets
    /// progress lines.
    ///
    /// # Errors
    /// When they cannot be built.
    pub fn load(
        &mut self,
        requested: Vec<Dependency>,
        helper: Option<&Helper>,
        cache: &Cache,
        toolchain: &Toolchain,
        show: &mut dyn FnMut(&str),
    ) -> Result<Loaded> {
        let loaded = self.load_by(requested, helper, |request| {
            library_for(request, cache, toolchain, &mut *show).map(Some)
        })?;
        Ok(loaded.unwrap_or_default())
    }

    /// Loads the requested crates if they are built; returns whether they are.
    ///
    /// # Errors
    /// When a local crate is gone.
    pub fn find(
        &mut self,
        requested: Vec<Dependency>,
        helper: Option<&Helper>,
        cache: &Cache,
        toolchain: &Toolchain,
    ) -> Result<bool> {
        let loaded = self.load_by(requested, helper, |request| {
            find_library(request, cache, toolchain)
        })?;
        Ok(loaded.is_some())
    }

    /// Loads the requested crates from the library that `library` finds. Without one, changes nothing and returns
    /// `None`.
    fn load_by(
        &mut self,
        requested: Vec<Dependency>,
        helper: Option<&Helper>,
        library: impl FnOnce(&Request) -> Result<Option<CrateLibrary>>,
    ) -> Result<Option<Loaded>> {
        let mut dependencies = self.dependencies.clone();
        let mut loaded = Loaded::default();
        for dependency in requested {
            let (name, shown) = (dependency.name.clone(), dependency.shown().to_owned());
            let old = dependencies.add(dependency);
            if let Some(old) = old.filter(|old| old.shown() != shown) {
                let old = old.shown();
                loaded.notes.push(format!(
                    "`{name}` is now requested as {shown}, before as {old}"
                ));
            }
        }
        let state = dependencies.state()?;
        if dependencies == self.dependencies && state == self.state {
            return Ok(Some(loaded));
        }
        // rustc distinguishes local crates only by name, so a changed one cannot coexist with the old one.
        let has_changed = self.has_changed();
        if has_changed {
            loaded.restart = Some("a local crate has changed".to_owned());
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

    /// Reloads all crates after the helper crate was loaded, so that both share their common dependencies.
    ///
    /// # Errors
    /// When they cannot be built.
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

    /// Returns whether a local crate has changed since it was built.
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

    /// Returns the library with which cells link.
    pub fn library(&self) -> Option<&CrateLibrary> {
        self.libraries.last()
    }
}
