//! The command line.

mod check;
mod execute;
mod fetch;
mod lab;

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
    /// Open notebooks in JupyterLab. What is missing for that is installed first.
    Lab(lab::Arguments),
    /// Execute notebooks: files, or folders with notebooks.
    Run(execute::Arguments),
    /// Execute notebooks again and compare with the outputs that are stored in them.
    Check(check::Arguments),
    /// Make a page of each notebook without executing it.
    Html {
        /// Notebooks, or folders with notebooks.
        #[arg(required = true)]
        paths: Vec<PathBuf>,
        /// Where the pages go.
        #[arg(long, value_name = "DIR")]
        output_dir: PathBuf,
        /// Let HTML and scripts of the notebooks run in their pages; only for notebooks whose authors you trust.
        #[arg(long)]
        trust: bool,
    },
    /// Build ahead the crates that notebooks ask for.
    Fetch(fetch::Arguments),
    /// Find out what is missing on this machine, and how to mend it.
    Doctor {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Tell Jupyter of this kernel.
    Install(Target),
    /// Make Jupyter forget this kernel.
    Uninstall(Target),
    /// Serve Jupyter; Jupyter starts this itself.
    Kernel {
        /// Where Jupyter wrote which ports and which key to use.
        connection_file: PathBuf,
    },
    /// Compile cells; the kernel starts this itself.
    #[command(hide = true)]
    Engine,
    /// Tell what could be typed; the kernel starts this itself.
    #[command(hide = true)]
    Completion {
        /// The folder in which the engine compiles.
        workspace: PathBuf,
    },
}

impl Command {
    /// Whether it starts nothing that would go on without it.
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
    /// Below this folder, such as that of a virtual environment.
    #[arg(long, value_name = "DIR")]
    prefix: Option<PathBuf>,
    /// Where the python3 on the PATH is installed.
    #[arg(long)]
    sys_prefix: bool,
}

/// A cell failed, an output differs, or something is missing.
const FAILED: u8 = 1;
/// Wrong usage, or a file that cannot be read.
const UNUSABLE: u8 = 2;
/// The user stopped it: what shells give for SIGINT.
const STOPPED: u8 = 130;

/// Does what the arguments ask for.
pub fn run() -> ExitCode {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_env("THREADBOOK_LOG"))
        .with_writer(std::io::stderr)
        .init();
    let command = Cli::parse().command;
    if command.only_prints() {
        end_when_nobody_reads();
    }
    match dispatch(command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("threadbook: {}", in_one_line(&error));
            ExitCode::from(UNUSABLE)
        }
    }
}

/// Ends the program without a word when what it prints to is closed, as in `threadbook doctor | head -1`. Rust ignores the signal.
fn end_when_nobody_reads() {
    // SAFETY: the default action of a signal runs no code of ours.
    unsafe { libc::signal(libc::SIGPIPE, libc::SIG_DFL) };
}

/// An error with its causes, but for those that the text before them has told already.
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
        Command::Completion { workspace } => completion::run(&workspace)?,
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
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_cause_is_told_once() {
        let read = std::io::Error::other("no such file");
        let error = anyhow::Error::from(read)
            .context("cannot read a: no such file")
            .context("run");
        assert_eq!(in_one_line(&error), "run: cannot read a: no such file");
    }
}
