//! `threadbook lab`.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::lab::{self, LabOptions};

#[derive(Args)]
pub struct Arguments {
    /// A notebook, or a folder with notebooks; without it `notebooks`, if that is here, else this folder.
    path: Option<PathBuf>,
    /// Use a JupyterLab of Threadbook's own even if another one is installed.
    #[arg(long)]
    own: bool,
    /// JupyterLab's port; if it is in use, the next free one is taken.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Open no browser; the address is printed.
    #[arg(long)]
    no_browser: bool,
    /// Make everything ready, and start nothing.
    #[arg(long)]
    only_prepare: bool,
    /// More arguments for `jupyter lab`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Arguments {
    /// Becomes JupyterLab; returns only if it was not to be started.
    pub fn run(self) -> Result<()> {
        lab::run(&LabOptions {
            path: self.path,
            own: self.own,
            port: self.port,
            no_browser: self.no_browser,
            only_prepare: self.only_prepare,
            arguments: self.arguments,
        })
    }
}
