//! What rustc must be given for the crates of a cell.

use super::cell::names;
use super::source::{Source, Tokio};
use crate::crates::NotebookCrates;
use crate::prebuilt::Helper;
use ra_ap_parser::Edition;
use std::collections::BTreeSet;

/// Flags, and what the source of a cell needs to know.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CrateFlags {
    pub rustc: Vec<String>,
    /// The library of crates, as a crate.
    library: Option<String>,
    /// The crates in it that cells can name.
    names: BTreeSet<String>,
    pub tokio: Option<Tokio>,
}

impl CrateFlags {
    /// The flags for the helper crate and for all crates of the notebook.
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
        let has = |feature: &str| {
            library
                .tokio_features()
                .iter()
                .any(|other| other == feature)
        };
        let tokio = match names.contains("tokio") {
            true if has("rt-multi-thread") => Some(Tokio::ManyThreads),
            true if has("rt") => Some(Tokio::OneThread),
            _ => None,
        };
        CrateFlags {
            rustc: [rustc, others].concat(),
            library: Some(library.name().to_owned()),
            names,
            tokio,
        }
    }

    /// Whether any of the names is that of a crate.
    pub fn are_in(&self, names: &BTreeSet<String>) -> bool {
        !self.names.is_disjoint(names)
    }

    /// Links a source with the library if it names a crate: otherwise rustc would link the crate itself into the cell.
    pub fn link(&self, source: &mut Source) {
        if let Some(library) = &self.library
            && self.are_in(&names(source.text(), Edition::CURRENT))
        {
            source.generate(&format!("extern crate {library} as _;\n"));
        }
    }
}
