//! A Python environment with Jupyter's own programs, created once below the build directory.

use super::run::{self, Ended};
use super::sandbox::{Sandbox, root, tmp};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// pip downloads up to about 100 packages.
const INSTALL_BOUND: Duration = Duration::from_secs(600);

/// The environment, with the threadbook kernel installed in it.
pub struct Venv {
    folder: PathBuf,
}

impl Venv {
    /// Opens the environment. Creates it first if it does not exist or `tests/requirements.txt` has changed.
    pub fn open() -> Venv {
        fs::create_dir_all(tmp()).expect("a directory below the build directory");
        let venv = Venv {
            folder: tmp().join("venv"),
        };
        let lock = File::create(tmp().join("venv.lock")).expect("a lock file");
        // Test programs that are started by hand may run at the same time. The end of the function releases the lock.
        lock.lock().expect("the lock of the Python environment");
        let requirements = root().join("tests/requirements.txt");
        let wanted = fs::read_to_string(&requirements).expect("tests/requirements.txt");
        let stamp = venv.folder.join("stamp");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            venv.make(&requirements);
            fs::write(&stamp, wanted).expect("the stamp");
        }
        venv.install_kernel();
        venv
    }

    fn make(&self, requirements: &Path) {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder).expect("remove an old Python environment");
        }
        let mut python = Command::new("python3");
        let made = run::to_end(python.args(["-m", "venv"]).arg(&self.folder), INSTALL_BOUND);
        assert!(
            made.status.success(),
            "these tests need python3 with the module venv: {made}"
        );
        let mut pip = Command::new(self.program("python"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(requirements);
        let installed = run::to_end(&mut pip, INSTALL_BOUND);
        assert!(
            installed.status.success(),
            "pip cannot install tests/requirements.txt: {installed}"
        );
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
