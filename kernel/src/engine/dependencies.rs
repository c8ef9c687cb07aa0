//! Loads the helper crate and the notebook's crates.

use super::cell::{Cell, Item};
use super::crates::CrateFlags;
use super::evaluator::Evaluator;
use super::rustc::cell_library;
use crate::cell::Space;
use crate::crates::{Dependency, HelperRequest, names_helper};
use crate::prebuilt::Helper;
use anyhow::{Context, Result};

impl Evaluator {
    /// Loads the helper crate if a cell without a `:dep` line for it names it. `show` receives progress lines.
    pub(super) fn load_implied_helper(
        &mut self,
        rust: &str,
        show: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let is_known = self.helper.is_some() || self.crates.has(Helper::NAME);
        let mut items = self.session.items.iter();
        if is_known
            || !names_helper(rust)
            || items.any(|item| item.defines(Space::Types, Helper::NAME))
        {
            return Ok(());
        }
        self.load_helper(&HelperRequest::default(), show)
    }

    /// Makes the helper crate available to all later cells. `show` receives progress lines.
    pub(super) fn load_helper(
        &mut self,
        request: &HelperRequest,
        show: &mut dyn FnMut(&str),
    ) -> Result<()> {
        let toolchain = self.rustc.toolchain();
        let source = request.source(&std::env::current_dir()?, &self.cache)?;
        let helper = Helper::get(&source, &self.cache, toolchain, show)?;
        if self.helper.as_ref() != Some(&helper) {
            match helper.begin_network(toolchain) {
                Ok(Some(build)) => self.activity.keep_in_background(build),
                Ok(None) => {}
                // The first cell that uses the network reports why.
                Err(error) => tracing::warn!("cannot build the network library: {error:#}"),
            }
            self.crates
                .share_with(&helper, &self.cache, toolchain, show)?;
            self.helper = Some(helper);
        }
        Ok(())
    }

    pub(super) fn crate_flags(&self) -> Result<CrateFlags> {
        let mut flags = CrateFlags::of(&self.crates, self.helper.as_ref());
        let (toolchain, store) = (self.rustc.toolchain(), self.rustc.store());
        flags
            .rustc
            .extend(cell_library(toolchain, store, &self.settings.rustc)?);
        Ok(flags)
    }

    /// Makes crates available to all later cells and returns notes for the user. `show` receives progress lines.
    ///
    /// # Errors
    /// When the crates cannot be built. Then nothing has changed.
    pub(super) fn load_crates(
        &mut self,
        dependencies: Vec<Dependency>,
        show: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        let toolchain = self.rustc.toolchain();
        let loaded = self.crates.load(
            dependencies,
            self.helper.as_ref(),
            &self.cache,
            toolchain,
            show,
        )?;
        let mut notes = loaded.notes;
        if let Some(why) = loaded.restart {
            notes.push(format!(
                "{why}: the process that runs cells was restarted, without variables"
            ));
            self.restart(&why)?;
        }
        notes.extend(self.session.forget_crates(&loaded.changed));
        self.session.try_all_again();
        if let Some(library) = self.crates.library() {
            // Completion works with the crates of this directory.
            std::fs::create_dir_all(&self.workspace)?;
            for name in ["Cargo.toml", "Cargo.lock", "lib.rs"] {
                std::fs::copy(library.folder().join(name), self.workspace.join(name))
                    .with_context(|| format!("cannot write {}", self.workspace.display()))?;
            }
        }
        Ok(notes)
    }

    /// Loads the crates of the cell's `extern crate` items, and reloads path dependencies that have changed.
    pub(super) fn follow_crates(
        &mut self,
        cell: &Cell,
        show: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        const BUILT_IN: [&str; 8] = [
            "std",
            "core",
            "alloc",
            "proc_macro",
            "test",
            "self",
            "threadbook",
            "threadbook_cell",
        ];
        let wanted = cell.items.iter().filter_map(Item::extern_crate);
        let wanted: Vec<Dependency> = wanted
            .filter(|name| !BUILT_IN.contains(name) && !self.crates.has(name))
            .map(Dependency::any)
            .collect();
        if wanted.is_empty() && !self.crates.has_changed() {
            return Ok(Vec::new());
        }
        self.load_crates(wanted, show)
    }
}
