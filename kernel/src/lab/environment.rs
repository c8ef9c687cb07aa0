//! A Python environment of Threadbook's own, with JupyterLab.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::pip;
use super::status::Line;
use crate::prebuilt::{Lock, write_atomically};

const REQUIREMENTS: &str = include_str!("requirements.txt");

/// The oldest Python that all of the requirements take.
const PYTHON: (u32, u32) = (3, 11);

/// JupyterLab asks its makers for news and for newer versions unless it is told not to.
const SETTINGS: &str = r#"{
  "@jupyterlab/apputils-extension:notification": {
    "checkForUpdates": false,
    "doNotDisturbMode": false,
    "fetchNews": "false"
  }
}
"#;

/// `threadbook/lab` in the user's data folder (`XDG_DATA_HOME`, else `~/.local/share`; on macOS
/// `~/Library/Application Support`).
pub struct Environment {
    root: PathBuf,
}

impl Environment {
    /// The environment, if it is there as a whole and its Python still runs.
    pub fn open() -> Option<Environment> {
        let environment = Environment {
            root: dirs::data_dir()?.join("threadbook").join("lab"),
        };
        environment.is_whole().then_some(environment)
    }

    /// The environment. Makes it if it is not there, was made only in part, or with other versions.
    ///
    /// # Errors
    /// When there is no Python that fits, or pip cannot get the packages.
    pub fn make(line: &Line) -> Result<Environment> {
        let data = dirs::data_dir().context("no folder for data is known; set HOME")?;
        let environment = Environment {
            root: data.join("threadbook").join("lab"),
        };
        if !environment.is_whole() {
            let _lock = Lock::take(&environment.root, || {
                line.show("Another `threadbook lab` installs JupyterLab");
            })?;
            if !environment.is_whole() {
                environment.fill(line)?;
            }
        }
        line.clear();
        Ok(environment)
    }

    /// The prefix of its Python.
    pub fn folder(&self) -> PathBuf {
        self.root.join("venv")
    }

    /// The folder with its programs.
    pub fn programs(&self) -> PathBuf {
        self.folder().join("bin")
    }

    fn is_whole(&self) -> bool {
        // A Python that was updated or removed leaves an environment behind that does not run.
        std::fs::read_to_string(self.stamp()).is_ok_and(|stamp| stamp == REQUIREMENTS)
            && succeeds(
                Command::new(self.programs().join("python")).args(["-c", "import jupyterlab"]),
            )
    }

    /// Says which requirements are installed; written last.
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
            // The error that is told is why it was not filled.
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
            let told = String::from_utf8_lossy(&made.stdout);
            let why = told
                .lines()
                .find(|line| !line.is_empty())
                .unwrap_or("no reason given");
            bail!(
                "`{} -m venv` fails ({why}); on Debian and Ubuntu `apt install python3-venv` mends it",
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
        .context("pip cannot install JupyterLab; the network is needed for this once")?;
        let settings = folder.join("share/jupyter/lab/settings");
        std::fs::create_dir_all(&settings)?;
        write_atomically(&settings.join("overrides.json"), SETTINGS.as_bytes())?;
        write_atomically(&self.stamp(), REQUIREMENTS.as_bytes())
    }
}

/// A Python on the PATH that is new enough.
fn python() -> Result<PathBuf> {
    let (major, minor) = PYTHON;
    let asks =
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
        .find(|name| succeeds(Command::new(name).args(["-c", &asks])));
    match found {
        Some(name) => Ok(name.into()),
        None => bail!(
            "JupyterLab needs Python {major}.{minor} or later with its module venv, and none is on the PATH; on Debian and \
             Ubuntu `apt install python3-venv` installs it"
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
