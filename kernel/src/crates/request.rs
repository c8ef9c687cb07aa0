//! What a library of crates is to have.

use super::dependencies::Dependencies;
use super::library::CrateLibrary;
use crate::prebuilt::{Helper, Key, Toolchain};
use anyhow::Result;

/// Another one whenever libraries are made otherwise.
const LAYOUT: &str = "2: tokio tells of its tasks, features are known";

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
        let base = self.base.map(|base| base.name().to_owned());
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
