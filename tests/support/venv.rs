//! The Python environment with Jupyter's own programs, and the kernel in it.

use super::run::{self, Ended};
use super::sandbox::{Sandbox, root};
use super::tools;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The environment, with the threadbook kernel installed in it.
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// Opens the environment. A test that calls this begins with `need!(python);`.
    pub fn open() -> Venv {
        let folder = tools::python().unwrap_or_else(|reason| panic!("{reason}"));
        let venv = Venv { folder };
        let _lock = tools::lock("kernelspec");
        venv.install_kernel();
        venv
    }

    /// Installs the kernel as a user does in an activated environment.
    fn install_kernel(&self) {
        let sandbox = Sandbox::new();
        let mut command = sandbox.threadbook();
        command
            .env("PATH", self.search_path())
            .args(["install", "--sys-prefix"]);
        let installed = run::to_end(&mut command, Duration::from_secs(60)).expect_code(0);
        let folder = self.folder.join("share/jupyter/kernels/threadbook");
        assert_eq!(installed.stdout.trim_end(), folder.display().to_string());
    }

    /// Returns the path of a program of the environment.
    pub fn program(&self, name: &str) -> PathBuf {
        self.folder.join("bin").join(name)
    }

    /// Returns a PATH on which the environment's programs come first.
    pub fn search_path(&self) -> std::ffi::OsString {
        let others = std::env::var_os("PATH").unwrap_or_default();
        let folders = [self.folder.join("bin")]
            .into_iter()
            .chain(std::env::split_paths(&others));
        std::env::join_paths(folders).expect("a PATH")
    }

    /// Returns a command that runs a Python script in the sandbox, as if the environment were activated.
    pub fn python(&self, sandbox: &Sandbox, script: &str) -> Command {
        let mut command = sandbox.command(self.program("python"));
        command
            .env("PATH", self.search_path())
            // A script imports modules from the source tree, which must not change.
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .arg(root().join("tests/python").join(script));
        command
    }

    /// Runs one of the environment's programs in the sandbox until it exits.
    #[track_caller]
    pub fn run(
        &self,
        sandbox: &Sandbox,
        program: &str,
        arguments: &[&str],
        bound: Duration,
    ) -> Ended {
        let mut command = sandbox.command(self.program(program));
        run::to_end(
            command.env("PATH", self.search_path()).args(arguments),
            bound,
        )
    }
}
