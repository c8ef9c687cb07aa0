//! A Python environment with ipykernel and Jupyter's client library, made once below the build folder.

use crate::common::run;
use crate::common::sandbox::{root, tmp};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// pip downloads some 30 packages at most.
const INSTALL_BOUND: Duration = Duration::from_secs(600);

/// The environment.
pub struct Python {
    folder: PathBuf,
}

impl Python {
    /// Opens the environment; makes it first if it is not there or the wanted packages have changed.
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
        eprintln!("making a Python environment with ipykernel");
        let mut venv = Command::new("python3");
        let made = run::to_end(
            venv.args(["-m", "venv", "--clear"]).arg(&self.folder),
            INSTALL_BOUND,
        );
        assert!(
            made.status.success(),
            "the benchmark needs python3 with its module venv: {made}"
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
        let installed = run::to_end(&mut pip, INSTALL_BOUND);
        assert!(
            installed.status.success(),
            "pip cannot install {}: {installed}",
            requirements.display()
        );
    }

    /// The environment's interpreter.
    pub fn program(&self) -> PathBuf {
        self.folder.join("bin/python")
    }
}
