//! The `threadbook lab` command.

use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::Result;
use clap::Args;

use crate::lab::{self, LabOptions};

#[derive(Args)]
pub struct Arguments {
    /// A notebook, or a directory with notebooks; by default `notebooks` if it exists here, else the current directory.
    path: Option<PathBuf>,
    /// Use Threadbook's own JupyterLab even if another one is installed.
    #[arg(long)]
    own: bool,
    /// Serve on this port, or on the next free one.
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Only print the address; do not open a browser.
    #[arg(long)]
    no_browser: bool,
    /// Make everything ready, but start nothing.
    #[arg(long)]
    only_prepare: bool,
    /// Further arguments for `jupyter lab`.
    #[arg(last = true)]
    arguments: Vec<OsString>,
}

impl Arguments {
    /// Replaces this process with JupyterLab. Returns only with `--only-prepare`.
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
