//! The helper crate and the crates of the notebook, for all cells from now on.

use super::cell::{Cell, Item};
use super::crates::CrateFlags;
use super::evaluator::Evaluator;
use super::rustc::cell_library;
use crate::crates::Dependency;
use crate::prebuilt::Helper;
use anyhow::{Context, Result};
use std::path::Path;

impl Evaluator {
    /// Hands the helper crate in folder `source` to all cells from now on. `show` gets lines of progress.
    pub(super) fn load_helper(&mut self, source: &Path, show: &mut dyn FnMut(&str)) -> Result<()> {
        let toolchain = self.rustc.toolchain();
        let helper = Helper::get(source, &self.cache, toolchain, show)?;
        if self.helper.as_ref() != Some(&helper) {
            match helper.begin_network(toolchain) {
                Ok(Some(build)) => self.activity.keep_in_background(build),
                Ok(None) => {}
                // The first cell that speaks of the network says why.
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
        flags
            .rustc
            .extend(cell_library(&self.rustc, &self.settings.rustc)?);
        Ok(flags)
    }

    /// Has crates for all cells from now on. `show` gets lines of progress; what comes back is to be told.
    ///
    /// # Errors
    /// Why they cannot be built. Then everything is as it was.
    pub(super) fn load_crates(
        &mut self,
        asked: Vec<Dependency>,
        show: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        let toolchain = self.rustc.toolchain();
        let loaded = self
            .crates
            .load(asked, self.helper.as_ref(), &self.cache, toolchain, show)?;
        let mut notes = loaded.notes;
        if let Some(why) = loaded.restart {
            notes.push(format!(
                "{why}: the process that runs cells was started anew, without variables"
            ));
            self.restart(&why)?;
        }
        notes.extend(self.session.forget_crates(&loaded.changed));
        if let Some(library) = self.crates.library() {
            // Completions are for the crates of this folder.
            std::fs::create_dir_all(&self.workspace)?;
            for name in ["Cargo.toml", "Cargo.lock", "lib.rs"] {
                std::fs::copy(library.folder().join(name), self.workspace.join(name))
                    .with_context(|| format!("cannot write {}", self.workspace.display()))?;
            }
        }
        Ok(notes)
    }

    /// Loads what the cell asks for by `extern crate`, and what has changed of crates in folders.
    pub(super) fn follow_crates(
        &mut self,
        cell: &Cell,
        show: &mut dyn FnMut(&str),
    ) -> Result<Vec<String>> {
        const OURS: [&str; 8] = [
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
            .filter(|name| !OURS.contains(name) && !self.crates.has(name))
            .map(Dependency::any)
            .collect();
        if wanted.is_empty() && !self.crates.has_changed() {
            return Ok(Vec::new());
        }
        self.load_crates(wanted, show)
    }
}
