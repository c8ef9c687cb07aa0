//! The `threadbook run` command, and the options it shares with `threadbook check`.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::Args;

use super::{FAILED, STOPPED, event_loop};
use crate::run::{self, CellFilter, Limits, Parameter, RunOptions};

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    common: CommonArguments,
    /// Write the outputs into the notebooks themselves.
    #[arg(long, conflicts_with = "output_dir")]
    in_place: bool,
    /// Write executed copies of the notebooks into this directory.
    #[arg(long, value_name = "DIR")]
    output_dir: Option<PathBuf>,
    /// Write an HTML page of each notebook into this directory.
    #[arg(long, value_name = "DIR")]
    html: Option<PathBuf>,
    /// Draw what the threads and processes of each cell do, where some wait, below its output.
    #[arg(long)]
    watch: bool,
    /// Write what the threads and processes of each cell do into this file, as trace events for Perfetto.
    #[arg(long, value_name = "FILE")]
    trace: Option<PathBuf>,
    /// Report how long each cell's analysis, compilation, linking and run took, in seconds.
    #[arg(long)]
    timings: bool,
    /// Let HTML and scripts of the notebooks run in the pages; only for notebooks whose authors you trust.
    #[arg(long, requires = "html")]
    trust: bool,
    /// Continue after a cell that fails.
    #[arg(long)]
    allow_errors: bool,
    /// Set a variable after the cell with the tag `parameters`; can be given more than once.
    ///
    /// The value is true or false, a number, or a string. "4" in double quotes is a string too.
    #[arg(short, long = "parameter", value_name = "NAME=VALUE")]
    parameters: Vec<Parameter>,
}

/// The arguments that `run` and `check` share.
#[derive(Args)]
pub struct CommonArguments {
    /// Notebooks, or directories with notebooks.
    #[arg(required = true)]
    pub paths: Vec<PathBuf>,
    /// Run only these code cells, after those with the id or the tag `setup`: ids, numbers from 1, or ranges that
    /// include both ends, such as A2,5..7.
    #[arg(long, value_name = "CELLS", value_delimiter = ',')]
    pub only: Vec<CellFilter>,
    /// Stop a cell that takes longer than this many seconds.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub timeout: Option<Duration>,
    /// Stop a notebook that takes longer than this many seconds.
    #[arg(long, value_name = "SECS", value_parser = seconds)]
    pub notebook_timeout: Option<Duration>,
    /// Run this many notebooks at once.
    #[arg(short, long, value_name = "N", default_value_t = 1, value_parser = count)]
    pub jobs: usize,
    /// Use an installed Jupyter kernel instead of the built-in one.
    #[arg(long, value_name = "NAME")]
    pub kernel: Option<String>,
}

impl Arguments {
    /// Runs the notebooks.
    pub fn run(self) -> Result<ExitCode> {
        let CommonArguments {
            paths,
            only,
            timeout,
            notebook_timeout,
            jobs,
            kernel,
        } = self.common;
        let options = RunOptions {
            paths,
            in_place: self.in_place,
            output_dir: self.output_dir,
            html: self.html,
            trust: self.trust,
            only,
            parameters: self.parameters,
            limits: Limits {
                cell: timeout,
                notebook: notebook_timeout,
                allow_errors: self.allow_errors,
            },
            jobs,
            kernel,
            timings: self.timings,
            watch: self.watch,
            trace: self.trace,
        };
        let outcome = event_loop()?.block_on(run::run(&options))?;
        Ok(match outcome {
            outcome if outcome.is_stopped() => ExitCode::from(STOPPED),
            outcome if outcome.is_ok() => ExitCode::SUCCESS,
            _ => ExitCode::from(FAILED),
        })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    text.parse()
        .ok()
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .filter(|timeout| !timeout.is_zero())
        .ok_or_else(|| "expected a number of seconds above 0".to_owned())
}

fn count(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| *count > 0)
        .ok_or_else(|| "expected a whole number above 0".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_timeout_is_a_positive_number() {
        assert_eq!(seconds("2.5"), Ok(Duration::from_millis(2500)));
        for wrong in ["0", "-1", "soon", "inf"] {
            assert!(seconds(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn at_least_one_notebook_is_run_at_a_time() {
        assert_eq!(count("4"), Ok(4));
        for wrong in ["0", "-1", "many"] {
            assert!(count(wrong).is_err(), "{wrong}");
        }
    }
}
