//! A Python environment with ipykernel and Jupyter's client library, created once below the build directory.

use crate::common::run;
use crate::common::sandbox::{root, tmp};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// Enough for pip to download about 30 packages.
const INSTALL_TIMEOUT: Duration = Duration::from_secs(600);

/// The environment.
pub struct Python {
    folder: PathBuf,
}

impl Python {
    /// Opens the environment; creates it first if it is missing or the required packages have changed.
    pub fn open() -> Python {
        fs::create_dir_all(tmp()).expect("a folder below the build folder");
        let python = Python {
            folder: tmp().join("bench-venv"),
        };
        let requirements = root().join("benches/python/requirements.txt");
        let wanted: String = [&requirements, &root().join("tests/requirements.txt")]
            .map(|path| fs::read_to_string(path).expect("the list of Python packages"))
            .concat();
        let stamp = python.folder.join("stamp");
        if fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
            python.make(&requirements);
            fs::write(&stamp, wanted).expect("the stamp");
        }
        python
    }

    fn make(&self, requirements: &Path) {
        eprintln!("creating a Python environment with ipykernel");
        let mut venv = Command::new("python3");
        let made = run::to_end(
            venv.args(["-m", "venv", "--clear"]).arg(&self.folder),
            INSTALL_TIMEOUT,
        );
        assert!(
            made.status.success(),
            "the benchmark needs python3 with the module venv: {made}"
        );
        let mut pip = Command::new(self.program());
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
        ])
        .arg(requirements);
        let installed = run::to_end(&mut pip, INSTALL_TIMEOUT);
        assert!(
            installed.status.success(),
            "pip cannot install {}: {installed}",
            requirements.display()
        );
    }

    /// Returns the path of the environment's interpreter.
    pub fn program(&self) -> PathBuf {
        self.folder.join("bin/python")
    }
}
