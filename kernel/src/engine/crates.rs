//! rustc's flags for the crates of a cell.

use super::cell::names;
use super::rich;
use super::source::{Source, Tokio};
use crate::crates::NotebookCrates;
use crate::prebuilt::Helper;
use ra_ap_parser::Edition;
use std::collections::BTreeSet;

/// The first version of tokio with task hooks.
const TASK_HOOKS_SINCE: (u64, u64) = (1, 45);

/// rustc's flags, and what the source of a cell needs to know about the crates.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrateFlags {
    pub rustc: Vec<String>,
    /// The crate name of the library that holds the crates.
    library: Option<String>,
    /// The crates in it that cells can name.
    names: BTreeSet<String>,
    pub tokio: Option<Tokio>,
    /// Implementations that let the helper's `display` show types of crates.
    pub rich: String,
}

impl CrateFlags {
    /// Returns the flags for the helper crate and all crates of the notebook.
    pub fn of(crates: &NotebookCrates, helper: Option<&Helper>) -> CrateFlags {
        let mut rustc = helper.map(Helper::rustc_flags).unwrap_or_default();
        let Some(library) = crates.library() else {
            return CrateFlags {
                rustc,
                ..CrateFlags::default()
            };
        };
        let others = library.rustc_flags();
        rustc.retain(|flag| !others.contains(flag));
        let names: BTreeSet<String> = library.names().map(str::to_owned).collect();
        let tokio = library.package("tokio").filter(|tokio| tokio.has("rt"));
        let tokio = tokio.map(|tokio| Tokio {
            has_many_threads: tokio.has("rt-multi-thread"),
            has_task_hooks: tokio.version >= TASK_HOOKS_SINCE,
        });
        CrateFlags {
            rustc: [rustc, others].concat(),
            library: Some(library.name().to_owned()),
            names,
            tokio,
            rich: helper.map_or(String::new(), |_| rich::implementations(library)),
        }
    }

    /// Whether any of `names` is the name of a crate.
    pub fn are_in(&self, names: &BTreeSet<String>) -> bool {
        !self.names.is_disjoint(names)
    }

    /// Links `source` with the library if it names a crate: otherwise rustc would link the crate itself into the cell.
    pub fn link(&self, source: &mut Source) {
        if let Some(library) = &self.library
            && self.are_in(&names(source.text(), Edition::CURRENT))
        {
            source.generate(&format!("extern crate {library} as _;\n"));
        }
    }
}
