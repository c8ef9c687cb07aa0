//! Threadbook's own Python environment with JupyterLab.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::pip;
use super::status::Line;
use crate::prebuilt::{Lock, write_atomically};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The oldest Python that all requirements support.
const MIN_PYTHON: (u32, u32) = (3, 11);

/// Disables JupyterLab's requests for news and updates.
const SETTINGS: &str = r#"{
  "@jupyterlab/apputils-extension:notification": {
    "checkForUpdates": false,
    "doNotDisturbMode": false,
    "fetchNews": "false"
  }
}
"#;

/// The environment `threadbook/lab` in the user's data directory (`XDG_DATA_HOME`, else `~/.local/share`; on macOS
/// `~/Library/Application Support`).
pub struct Environment {
    root: PathBuf,
}

impl Environment {
    /// Returns the environment if it is complete and its Python still runs.
    pub fn open() -> Option<Environment> {
        let environment = Environment {
            root: dirs::data_dir()?.join("threadbook").join("lab"),
        };
        environment.is_whole().then_some(environment)
    }

    /// Returns the environment. Creates it first if it is missing, incomplete, or has other versions.
    ///
    /// # Errors
    /// When there is no suitable Python, or pip cannot install the packages.
    pub fn make(line: &Line) -> Result<Environment> {
        let data = dirs::data_dir().context("no data directory: set XDG_DATA_HOME or HOME")?;
        let environment = Environment {
            root: data.join("threadbook").join("lab"),
        };
        if !environment.is_whole() {
            let _lock = Lock::take(&environment.root, || {
                line.show("Another `threadbook lab` is installing JupyterLab");
            })?;
            if !environment.is_whole() {
                environment.fill(line)?;
            }
        }
        line.clear();
        Ok(environment)
    }

    /// Returns the prefix of its Python.
    pub fn folder(&self) -> PathBuf {
        self.root.join("venv")
    }

    /// Returns the directory of its programs.
    pub fn programs(&self) -> PathBuf {
        self.folder().join("bin")
    }

    fn is_whole(&self) -> bool {
        // An environment no longer runs after its Python was updated or removed.
        std::fs::read_to_string(self.stamp()).is_ok_and(|stamp| stamp == REQUIREMENTS)
            && succeeds(
                Command::new(self.programs().join("python")).args(["-c", "import jupyterlab"]),
            )
    }

    /// Returns the path of a copy of the installed requirements, which is written last.
    fn stamp(&self) -> PathBuf {
        self.root.join("requirements.txt")
    }

    fn fill(&self, line: &Line) -> Result<()> {
        let python = python()?;
        let folder = self.folder();
        line.show(&format!(
            "Installing JupyterLab into {}, once",
            folder.display()
        ));
        if folder.exists() {
            std::fs::remove_dir_all(&folder)
                .with_context(|| format!("cannot remove {}", folder.display()))?;
        }
        let filled = self.fill_with(&python, line);
        if filled.is_err() {
            // The first error is the one to report.
            let _ = std::fs::remove_dir_all(&folder);
        }
        filled
    }

    fn fill_with(&self, python: &Path, line: &Line) -> Result<()> {
        let folder = self.folder();
        let made = Command::new(python)
            .args(["-m", "venv"])
            .arg(&folder)
            .stdin(Stdio::null())
            .output()
            .with_context(|| format!("cannot start {}", python.display()))?;
        if !made.status.success() {
            let stdout = String::from_utf8_lossy(&made.stdout);
            let reason = stdout
                .lines()
                .find(|line| !line.is_empty())
                .unwrap_or("no reason given");
            bail!(
                "`{} -m venv` failed ({reason}); on Debian and Ubuntu, run `apt install python3-venv`",
                python.display()
            );
        }
        let requirements = tempfile::NamedTempFile::with_suffix(".txt")?;
        std::fs::write(requirements.path(), REQUIREMENTS)?;
        pip::install(
            &self.programs().join("python"),
            requirements.path(),
            &mut |text| {
                line.show(text);
            },
        )
        .context("pip cannot install JupyterLab; the first run needs the network")?;
        let settings = folder.join("share/jupyter/lab/settings");
        std::fs::create_dir_all(&settings)?;
        write_atomically(&settings.join("overrides.json"), SETTINGS.as_bytes())?;
        write_atomically(&self.stamp(), REQUIREMENTS.as_bytes())
    }
}

/// Returns a Python on the PATH that is new enough.
fn python() -> Result<PathBuf> {
    let (major, minor) = MIN_PYTHON;
    let test =
        format!("import sys, venv, ensurepip; sys.exit(sys.version_info < ({major}, {minor}))");
    let names = [
        "python3",
        "python3.14",
        "python3.13",
        "python3.12",
        "python3.11",
        "python",
    ];
    let found = names
        .into_iter()
        .find(|name| succeeds(Command::new(name).args(["-c", &test])));
    match found {
        Some(name) => Ok(name.into()),
        None => bail!(
            "JupyterLab needs Python {major}.{minor} or later with the module venv, but the PATH has none; on Debian and \
             Ubuntu, run `apt install python3-venv`"
        ),
    }
}

fn succeeds(command: &mut Command) -> bool {
    let quiet = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    quiet.status().is_ok_and(|status| status.success())
}
