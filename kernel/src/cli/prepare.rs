//! The `threadbook prepare` command.

use super::fetch::show_progress;
use crate::prebuilt::{SHARED_VAR, SYSTEM_FOLDER, user_root};
use crate::prepare::{Prepared, prepare};
use anyhow::Result;
use clap::Args;
use std::path::{Path, PathBuf};

#[derive(Args)]
pub struct Arguments {
    /// Notebooks, or directories with notebooks, whose crates and cells are compiled too; executes the notebooks.
    paths: Vec<PathBuf>,
    /// Fill the directory of the system, /var/cache/threadbook (the default).
    #[arg(long, conflicts_with = "dir")]
    system: bool,
    /// Fill this directory.
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
}

impl Arguments {
    /// Fills the shared cache, and says what kernels need to find it.
    pub fn run(self) -> Result<()> {
        let named = std::env::var_os(SHARED_VAR).filter(|named| !named.is_empty());
        let named = named.map(PathBuf::from).filter(|_| !self.system);
        let root = self.dir.or(named);
        let root = root.unwrap_or_else(|| PathBuf::from(SYSTEM_FOLDER));
        let mut shown = 0;
        let prepared = prepare(&root, &self.paths, &mut |line| {
            show_progress(line, &mut shown);
        });
        if shown > 0 {
            eprintln!();
        }
        let Prepared {
            root,
            notebooks,
            cells,
            warnings,
        } = prepared?;
        let shown = root.display();
        println!(
            "{shown}: the helper crate, {notebooks} notebooks, {cells} compiled cells and checks"
        );
        // The user's own kernels look there anyway.
        let own = user_root().and_then(|own| own.canonicalize().ok());
        if root != Path::new(SYSTEM_FOLDER) && Some(&root) != own.as_ref() {
            println!("set {SHARED_VAR}={shown} where kernels start");
        }
        for warning in warnings {
            eprintln!("warning: {warning}");
        }
        Ok(())
    }
}
