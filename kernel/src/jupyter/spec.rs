//! Kernelspecs: how Jupyter finds and starts a kernel. Installs Threadbook's, and looks up others by name.

mod state;

pub use state::{State, state};

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use jupyter_protocol::JupyterKernelspec;
use serde_json::json;

use crate::notebook::atomic;

/// The name of Threadbook's kernelspec, as in `jupyter console --kernel threadbook`.
pub const NAME: &str = "threadbook";
/// The name in JupyterLab's launcher.
pub const DISPLAY_NAME: &str = "Threadbook (Rust)";

const LOGO: &str = include_str!("spec/logo-svg.svg");

/// A kernel that can be started.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The name of its kernelspec.
    pub name: String,
    /// The directory of its kernelspec; `None` for the built-in kernel, which need not be installed.
    pub folder: Option<PathBuf>,
    /// The content of its `kernel.json`.
    pub spec: JupyterKernelspec,
}

impl Kernel {
    /// Returns an argument of the command with Jupyter's `{resource_dir}` filled in: the kernelspec's directory.
    pub fn fill(&self, argument: &str) -> String {
        let folder = self.folder.as_deref().unwrap_or(Path::new(""));
        argument.replace("{resource_dir}", &folder.to_string_lossy())
    }

    /// Returns the program that the kernelspec starts.
    pub fn program(&self) -> PathBuf {
        let program = self.spec.argv.first().map_or("", String::as_str);
        PathBuf::from(self.fill(program))
    }
}

/// Where a kernelspec is installed.
#[derive(Clone, Debug, PartialEq)]
pub enum InstallTarget {
    /// For this user, in Jupyter's data directory.
    User,
    /// Below this prefix, in `share/jupyter`.
    Prefix(PathBuf),
    /// Below the prefix of the `python3` on the PATH: a conda environment, a venv, or the system.
    SysPrefix,
}

/// Why a kernelspec cannot be installed, removed or found.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The user's data directory is unknown.
    #[error("no home directory: set HOME or use --prefix")]
    NoHome,
    /// Python's prefix is unknown.
    #[error(
        "cannot get the prefix of `python3` on the PATH ({0}); install Python, or use --user or --prefix"
    )]
    NoPython(String),
    /// The path of this program is not UTF-8, so it cannot be written as JSON.
    #[error("the path of this program, {0}, is not valid UTF-8; move the program elsewhere")]
    NoText(PathBuf),
    /// An I/O error.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// The action that failed.
        action: &'static str,
        /// The file or directory.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// There is no kernelspec to remove.
    #[error("no kernelspec is installed in {0}")]
    NotInstalled(PathBuf),
    /// The file is not a kernelspec.
    #[error("{path} is not a kernelspec: {reason}")]
    Format {
        /// The `kernel.json`.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// No kernelspec has this name.
    #[error("no kernel named `{name}` is installed; installed kernels: {}", listed(.known))]
    Unknown {
        /// The name looked for.
        name: String,
        /// The names that exist, sorted.
        known: Vec<String>,
    },
}

/// Installs the kernelspec of this program and returns its directory.
///
/// Files are replaced atomically, so Jupyter reads either the old or the new version.
///
/// # Errors
/// Every [`SpecError`] except [`SpecError::NotInstalled`] and [`SpecError::Unknown`].
pub fn install(target: &InstallTarget) -> Result<PathBuf, SpecError> {
    let folder = folder_in(&data_folder(target)?, NAME);
    let spec =
        serde_json::to_vec_pretty(&json!(own_spec()?)).map_err(|error| SpecError::Format {
            path: folder.join("kernel.json"),
            reason: error.to_string(),
        })?;
    std::fs::create_dir_all(&folder).map_err(failed("create", &folder))?;
    for (name, content) in [("logo-svg.svg", LOGO.as_bytes()), ("kernel.json", &spec)] {
        let path = folder.join(name);
        atomic::write(&path, content).map_err(failed("write", &path))?;
    }
    Ok(folder)
}

/// Removes the kernelspec that [`install`] installed and returns its directory.
///
/// # Errors
/// [`SpecError::NotInstalled`] if there is none, [`SpecError::Io`] if it cannot be removed.
pub fn uninstall(target: &InstallTarget) -> Result<PathBuf, SpecError> {
    let folder = folder_in(&data_folder(target)?, NAME);
    if !folder.join("kernel.json").exists() {
        return Err(SpecError::NotInstalled(folder));
    }
    std::fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
    Ok(folder)
}

/// Returns the built-in kernel: this program, whether or not it is installed.
///
/// # Errors
/// [`SpecError::Io`] if the program's own path is unknown, [`SpecError::NoText`] if it is not UTF-8.
pub fn built_in() -> Result<Kernel, SpecError> {
    Ok(Kernel {
        name: NAME.to_owned(),
        folder: None,
        spec: own_spec()?,
    })
}

/// Returns the installed kernel of this name. Like Jupyter, ignores the case.
///
/// # Errors
/// [`SpecError::Unknown`], which lists the installed names; [`SpecError::Format`] if the `kernel.json` is invalid;
/// [`SpecError::Io`] if it cannot be read.
pub fn find(name: &str) -> Result<Kernel, SpecError> {
    find_in(&search_path(), name)
}

fn find_in(data_folders: &[PathBuf], name: &str) -> Result<Kernel, SpecError> {
    let mut known = BTreeSet::new();
    for data_folder in data_folders {
        for installed in names_in(data_folder) {
            if installed.eq_ignore_ascii_case(name) {
                return read(&folder_in(data_folder, &installed), installed);
            }
            known.insert(installed);
        }
    }
    Err(SpecError::Unknown {
        name: name.to_owned(),
        known: known.into_iter().collect(),
    })
}

fn read(folder: &Path, name: String) -> Result<Kernel, SpecError> {
    let path = folder.join("kernel.json");
    let bytes = std::fs::read(&path).map_err(failed("read", &path))?;
    let wrong = |reason: String| SpecError::Format {
        path: path.clone(),
        reason,
    };
    let spec: JupyterKernelspec =
        serde_json::from_slice(&bytes).map_err(|error| wrong(error.to_string()))?;
    if spec.argv.is_empty() {
        return Err(wrong("its `argv` is empty".to_owned()));
    }
    Ok(Kernel {
        name,
        folder: Some(folder.to_owned()),
        spec,
    })
}

fn names_in(data_folder: &Path) -> Vec<String> {
    // A missing directory has no kernels.
    let entries = data_folder
        .join("kernels")
        .read_dir()
        .into_iter()
        .flatten()
        .flatten();
    entries
        .filter(|entry| entry.path().join("kernel.json").is_file())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

fn own_spec() -> Result<JupyterKernelspec, SpecError> {
    let program = std::env::current_exe().map_err(failed("find", Path::new("this program")))?;
    let program = program
        .into_os_string()
        .into_string()
        .map_err(|path| SpecError::NoText(path.into()))?;
    Ok(JupyterKernelspec {
        argv: vec![program, "kernel".to_owned(), "{connection_file}".to_owned()],
        display_name: DISPLAY_NAME.to_owned(),
        language: "rust".to_owned(),
        metadata: Some([("debugger".to_owned(), json!(false))].into()),
        interrupt_mode: Some("message".to_owned()),
        env: Some(Default::default()),
    })
}

/// Returns the directories that Jupyter searches, in its order: those of `JUPYTER_PATH`, the user's, Python's, the
/// system's. Python's comes before the user's in a virtual environment.
fn search_path() -> Vec<PathBuf> {
    let mut folders: Vec<_> = std::env::var_os("JUPYTER_PATH")
        .iter()
        .flat_map(std::env::split_paths)
        .collect();
    let mut own = [user_data_folder(), sys_prefix().map(below).ok()];
    if prefers_environment() {
        own.reverse();
    }
    folders.extend(own.into_iter().flatten());
    folders.extend(["/usr/local", "/usr"].map(|prefix| below(prefix.into())));
    folders
}

/// Returns the same as `jupyter_core.paths.prefer_environment_over_user`.
fn prefers_environment() -> bool {
    let set = |name| std::env::var(name).ok();
    match set("JUPYTER_PREFER_ENV_PATH") {
        Some(value) => !["0", "no", "n", "false", "off"].contains(&value.to_lowercase().as_str()),
        None => {
            set("VIRTUAL_ENV").is_some()
                || set("CONDA_DEFAULT_ENV").is_some_and(|name| name != "base")
        }
    }
}

fn data_folder(target: &InstallTarget) -> Result<PathBuf, SpecError> {
    match target {
        InstallTarget::User => user_data_folder().ok_or(SpecError::NoHome),
        InstallTarget::Prefix(prefix) => Ok(below(prefix.clone())),
        InstallTarget::SysPrefix => sys_prefix().map(below),
    }
}

/// Returns this user's Jupyter data directory.
pub fn user_data_folder() -> Option<PathBuf> {
    // Jupyter ignores an empty value.
    let folder = std::env::var_os("JUPYTER_DATA_DIR").filter(|folder| !folder.is_empty());
    if let Some(folder) = folder {
        return Some(folder.into());
    }
    if cfg!(target_os = "macos") {
        return Some(dirs::home_dir()?.join("Library/Jupyter"));
    }
    Some(dirs::data_dir()?.join("jupyter"))
}

fn sys_prefix() -> Result<PathBuf, SpecError> {
    let output = Command::new("python3")
        .args(["-c", "import sys; sys.stdout.write(sys.prefix)"])
        .output()
        .map_err(|error| SpecError::NoPython(error.to_string()))?;
    match String::from_utf8(output.stdout) {
        Ok(prefix) if output.status.success() && !prefix.is_empty() => Ok(prefix.into()),
        _ => Err(SpecError::NoPython(output.status.to_string())),
    }
}

fn below(prefix: PathBuf) -> PathBuf {
    prefix.join("share/jupyter")
}

fn folder_in(data_folder: &Path, name: &str) -> PathBuf {
    data_folder.join("kernels").join(name)
}

fn failed(action: &'static str, path: &Path) -> impl Fn(io::Error) -> SpecError + use<> {
    let path = path.to_owned();
    move |source| SpecError::Io {
        action,
        path: path.clone(),
        source,
    }
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

#[cfg(test)]
mod tests;
