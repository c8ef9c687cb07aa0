//! The `threadbook check` command.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::execute::CommonArguments;
use super::{FAILED, STOPPED, event_loop};
use crate::check::{self, CheckOptions, Class, Defaults, Kind, Outcome};
use crate::run::Limits;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    common: CommonArguments,
    /// How to compare cells whose metadata does not say so: exact, lines (in any order), race (all but numbers) or any.
    #[arg(long, value_name = "CLASS", default_value = "exact")]
    class: Class,
    /// What may differ in cells whose metadata does not say so, besides ids, addresses and images: times, rates, bytes,
    /// paths, numbers or stderr.
    #[arg(long, value_name = "MASKS", value_delimiter = ',')]
    mask: Vec<Kind>,
    /// Write a JSON report to this file.
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write a JUnit XML report to this file.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a table with a row for each notebook and a column for each cell to this file, whose name ends with .csv or
    /// .html; can be given more than once.
    #[arg(long = "table", value_name = "FILE")]
    tables: Vec<PathBuf>,
}

impl Arguments {
    /// Checks the notebooks.
    pub fn run(self) -> Result<ExitCode> {
        let CommonArguments {
            paths,
            only,
            timeout,
            notebook_timeout,
            jobs,
            kernel,
        } = self.common;
        let options = CheckOptions {
            paths,
            only,
            limits: Limits {
                cell: timeout,
                notebook: notebook_timeout,
                allow_errors: true,
            },
            jobs,
            kernel,
            defaults: Defaults {
                class: self.class,
                masks: self.mask,
            },
            json: self.json,
            junit: self.junit,
            tables: self.tables,
        };
        Ok(match event_loop()?.block_on(check::check(&options))? {
            Outcome::Same => ExitCode::SUCCESS,
            Outcome::Different => ExitCode::from(FAILED),
            Outcome::Stopped => ExitCode::from(STOPPED),
        })
    }
}
