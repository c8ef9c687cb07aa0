//! JupyterLab's server, which replaces this process.

use std::convert::Infallible;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result};

use super::LabOptions;
use super::environment::Environment;
use super::notebook_folder::NotebookFolder;

/// The oldest major version in which notebooks open without questions and bars are live.
const MIN_MAJOR: u32 = 4;

/// An installed JupyterLab.
pub struct JupyterLab {
    program: PathBuf,
    /// A directory to prepend to the PATH, so that the kernel also finds the environment's programs.
    programs: Option<PathBuf>,
}

impl JupyterLab {
    /// Returns the `jupyter-lab` on the PATH.
    ///
    /// # Errors
    /// A message: why none can be used.
    pub fn on_the_path() -> Result<JupyterLab, String> {
        let program = PathBuf::from("jupyter-lab");
        let asked = Command::new(&program)
            .arg("--version")
            .stdin(Stdio::null())
            .output();
        let version = match asked {
            Ok(output) if output.status.success() => {
                String::from_utf8_lossy(&output.stdout).trim().to_owned()
            }
            Ok(_) => return Err("The JupyterLab on the PATH does not run".to_owned()),
            Err(_) => return Err("No JupyterLab is on the PATH".to_owned()),
        };
        match major(&version) {
            Some(major) if major >= MIN_MAJOR => Ok(JupyterLab {
                program,
                programs: None,
            }),
            _ => Err(format!("JupyterLab {version} is too old")),
        }
    }

    /// Returns the JupyterLab of this environment.
    pub fn of(environment: &Environment) -> JupyterLab {
        let programs = environment.programs();
        JupyterLab {
            program: programs.join("jupyter-lab"),
            programs: Some(programs),
        }
    }

    /// Returns the program to start.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// Replaces this process by the server (execve(2)), so the server gets Ctrl-C and signals, and sets the exit code.
    ///
    /// # Errors
    /// Returns only when the program cannot be started.
    pub fn become_it(
        &self,
        notebooks: &NotebookFolder,
        options: &LabOptions,
    ) -> Result<Infallible> {
        let mut command = Command::new(&self.program);
        command.arg(notebooks.path());
        if let Some(port) = options.port {
            command.arg(format!("--port={port}"));
        }
        if options.no_browser {
            command.arg("--no-browser");
        }
        if rustix::process::geteuid().is_root() {
            // Containers often have no other user, and JupyterLab refuses to run as root without this.
            command.arg("--allow-root");
        }
        command.args(&options.arguments);
        if let Some(programs) = &self.programs {
            command.env("PATH", search_path(programs)?);
        }
        Err(command.exec()).with_context(|| format!("cannot start {}", self.program.display()))
    }
}

fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// Returns the PATH with this directory first.
fn search_path(programs: &Path) -> Result<std::ffi::OsString> {
    let others = std::env::var_os("PATH").unwrap_or_default();
    let folders = [programs.to_owned()]
        .into_iter()
        .chain(std::env::split_paths(&others));
    std::env::join_paths(folders).context("the path of the data directory contains a colon")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_begins_with_a_number() {
        assert_eq!(major("4.6.6"), Some(4));
        assert_eq!(major("command not found"), None);
    }
}
