//! A request for a library of crates.

use super::dependencies::Dependencies;
use super::library::CrateLibrary;
use crate::prebuilt::{Helper, Key, Toolchain};
use anyhow::Result;

/// Part of the key; changes whenever libraries are built differently.
const LAYOUT: &str = "2: tokio tells of its tasks, features are known";

/// The contents of a library to build or find.
pub struct Request<'a> {
    pub dependencies: &'a Dependencies,
    /// The library with which cells link so far. Its crates are not built again.
    pub base: Option<&'a CrateLibrary>,
    /// The helper crate, if it was loaded first.
    pub helper: Option<&'a Helper>,
    /// Whether cargo must not use the network.
    pub offline: bool,
}

impl Request<'_> {
    /// Returns the crate names of the libraries that this one uses.
    pub fn libraries_before(&self) -> Vec<String> {
        let base = self.base.map(|base| base.name().to_owned());
        let helper = self.helper.map(|_| Helper::NAME.to_owned());
        base.into_iter().chain(helper).collect()
    }

    /// Returns rustc's flags for linking with those libraries.
    pub fn flags_before(&self) -> Vec<String> {
        let base = self.base.map(CrateLibrary::link_flags).unwrap_or_default();
        let helper = self.helper.map(Helper::rustc_flags).unwrap_or_default();
        [base, helper].concat()
    }

    /// Returns a key that depends on the compiler, the crates with their versions and features, the files of local
    /// crates, and the earlier libraries.
    pub fn key(&self, toolchain: &Toolchain) -> Result<String> {
        let mut key = Key::default();
        key.add(LAYOUT);
        key.add(toolchain.identity());
        key.add(super::manifest::manifest(self.dependencies));
        if let Some(base) = self.base {
            key.add(base.name());
        }
        for flag in self.helper.map(Helper::rustc_flags).unwrap_or_default() {
            key.add(flag);
        }
        key.add(self.dependencies.state()?);
        Ok(key.end())
    }
}
