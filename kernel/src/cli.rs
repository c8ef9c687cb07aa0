//! The command line.

mod check;
mod execute;
mod fetch;
mod lab;
mod prepare;

use crate::doctor;
use crate::jupyter::spec::{self, InstallTarget};
use crate::run;
use crate::{completion, engine, server};
use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;

/// Jupyter notebooks in Rust, for learning threads and processes.
#[derive(Parser)]
#[command(name = "threadbook", version, max_term_width = 100)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Open notebooks in JupyterLab; install JupyterLab first if there is none.
    Lab(lab::Arguments),
    /// Execute notebooks, or all notebooks in directories.
    Run(execute::Arguments),
    /// Execute notebooks again and compare the outputs with those stored in them.
    Check(check::Arguments),
    /// Make an HTML page of each notebook without executing it.
    Html {
        /// Notebooks, or directories with notebooks.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Write the pages into this directory.
        #[arg(long, value_name = "DIR")]
        output_dir: PathBuf,
        /// Let HTML and scripts of the notebooks run in the pages; only for notebooks whose authors you trust.
        #[arg(long)]
        trust: bool,
    },
    /// Build in advance the crates that notebooks ask for.
    Fetch(fetch::Arguments),
    /// Build once, for all users of a machine, what their kernels would build.
    Prepare(prepare::Arguments),
    /// List what is missing on this machine, with the command that fixes it.
    Doctor {
        /// Print the list as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Register the kernel with Jupyter.
    Install(Target),
    /// Remove the kernel from Jupyter.
    Uninstall(Target),
    /// Run the kernel; Jupyter starts this itself.
    Kernel {
        /// The connection file, in which Jupyter names the ports and the key.
        connection_file: PathBuf,
    },
    /// Compile cells; the kernel starts this itself.
    #[command(hide = true)]
    Engine,
    /// Complete and inspect code; the kernel starts this itself.
    #[command(hide = true)]
    Completion {
        /// The directory in which the engine compiles.
        workspace: PathBuf,
        /// Read only what `threadbook prepare` has made for completion.
        #[arg(long)]
        light: bool,
    },
}

impl Command {
    /// Returns whether the command only prints and starts no process that would outlive it.
    fn only_prints(&self) -> bool {
        matches!(
            self,
            Command::Html { .. }
                | Command::Doctor { .. }
                | Command::Install(_)
                | Command::Uninstall(_)
        )
    }
}

#[derive(Args)]
#[group(multiple = false)]
struct Target {
    /// For this user (the default).
    #[arg(long)]
    user: bool,
    /// Below this directory, such as that of a virtual environment.
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
    /// Where the `python3` on the PATH is installed.
    #[arg(long)]
    sys_prefix: bool,
}

/// Exit code: a cell failed, an output differs, or something is missing.
const FAILED: u8 = 1;
/// Exit code: wrong usage, or a file that cannot be read.
const UNUSABLE: u8 = 2;
/// Exit code: stopped by Ctrl-C; shells use the same code for SIGINT.
const STOPPED: u8 = 130;

/// Parses the arguments and runs the command.
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("THREADBOOK_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let command = Cli::parse().command;
    if command.only_prints() {
        restore_sigpipe();
    }
    match dispatch(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("threadbook: {}", in_one_line(&error));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Restores the default action of SIGPIPE, which Rust ignores: the program exits silently when its stdout is closed, as in
/// `threadbook doctor | head -1`.
fn restore_sigpipe() {
    // SAFETY: the default action of a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// Formats an error with its causes on one line. Skips causes that the text before them already contains.
fn in_one_line(error: &anyhow::Error) -> String {
    let mut text = String::new();
    for cause in error.chain().map(|cause| cause.to_string()) {
        if text.is_empty() {
            text = cause;
        } else if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    text
}

fn dispatch(command: Command) -> Result<ExitCode> {
    match command {
        Command::Lab(arguments) => arguments.run()?,
        Command::Run(arguments) => return arguments.run(),
        Command::Check(arguments) => return arguments.run(),
        Command::Fetch(arguments) => arguments.run()?,
        Command::Prepare(arguments) => arguments.run()?,
        Command::Doctor { json } => return examine(json),
        Command::Html {
            paths,
            output_dir,
            trust,
        } => {
            for page in run::export(&paths, &output_dir, trust)? {
                println!("{}", page.display());
            }
        }
        Command::Install(target) => println!("{}", spec::install(&target.into())?.display()),
        Command::Uninstall(target) => println!("{}", spec::uninstall(&target.into())?.display()),
        Command::Kernel { connection_file } => {
            event_loop()?.block_on(server::run(&connection_file))?
        }
        Command::Engine => engine::run()?,
        Command::Completion { workspace, light } => completion::run(&workspace, light)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn examine(json: bool) -> Result<ExitCode> {
    let findings = event_loop()?.block_on(doctor::examine());
    if json {
        println!("{}", findings.to_json());
    } else {
        print!("{findings}");
    }
    Ok(ExitCode::from(if findings.are_good() { 0 } else { FAILED }))
}

fn event_loop() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
}

impl From<Target> for InstallTarget {
    fn from(target: Target) -> InstallTarget {
        match target {
            Target {
                prefix: Some(prefix),
                ..
            } => InstallTarget::Prefix(prefix),
            Target {
                sys_prefix: true, ..
            } => InstallTarget::SysPrefix,
            Target { .. } => InstallTarget::User,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_valid() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_cause_is_printed_once() {
        let read = std::io::Error::other("no such file");
        let error = anyhow::Error::from(read)
            .context("cannot read a: no such file")
            .context("run");
        assert_eq!(in_one_line(&error), "run: cannot read a: no such file");
    }
}
