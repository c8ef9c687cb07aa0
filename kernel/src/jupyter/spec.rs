//! Kernelspecs: how Jupyter finds a kernel and starts it. Ours is installed here, others are looked up by name.

mod state;

pub use state::{State, state};

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use jupyter_protocol::JupyterKernelspec;
use serde_json::json;

use crate::notebook::atomic;

/// The name of our kernelspec, as in `jupyter console --kernel threadbook`.
pub const NAME: &str = "threadbook";
/// What people choose in JupyterLab's launcher.
pub const DISPLAY_NAME: &str = "Threadbook (Rust)";

const LOGO: &str = include_str!("spec/logo-svg.svg");

/// A kernel that can be started.
#[derive(Clone, Debug)]
pub struct Kernel {
    /// The name of its kernelspec.
    pub name: String,
    /// The folder of its kernelspec; none for the built-in kernel, which needs not be installed.
    pub folder: Option<PathBuf>,
    /// What its `kernel.json` says.
    pub spec: JupyterKernelspec,
}

/// Where a kernelspec is put.
#[derive(Clone, Debug, PartialEq)]
pub enum InstallTarget {
    /// For this user, in Jupyter's data folder.
    User,
    /// Below this prefix, in `share/jupyter`.
    Prefix(PathBuf),
    /// Below the prefix of the `python3` on the PATH: a conda environment, a venv, or the system.
    SysPrefix,
}

/// Why a kernelspec cannot be installed, removed or found.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// There is no folder for the user's data.
    #[error("no home folder is known; set HOME, or use --prefix")]
    NoHome,
    /// Python does not answer.
    #[error(
        "`python3` on the PATH does not tell its prefix ({0}); install Python, or use --user or --prefix"
    )]
    NoPython(String),
    /// The path of this program cannot go into JSON.
    #[error("the path of this program, {0}, is no UTF-8; move it elsewhere")]
    NoText(PathBuf),
    /// The system refuses.
    #[error("cannot {action} {path}: {source}")]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// There is nothing to remove.
    #[error("no kernelspec is installed in {0}")]
    NotInstalled(PathBuf),
    /// The file does not hold a kernelspec.
    #[error("{path} is no kernelspec: {reason}")]
    Format {
        /// The `kernel.json`.
        path: PathBuf,
        /// What does not fit.
        reason: String,
    },
    /// No kernelspec has this name.
    #[error("no kernel named `{name}` is installed; there is: {}", listed(.known))]
    Unknown {
        /// The name looked for.
        name: String,
        /// The names that exist, sorted.
        known: Vec<String>,
    },
}

/// Installs the kernelspec of this program; gives the folder it is in.
///
/// The file is replaced as a whole, so a Jupyter that reads it meanwhile sees the old one or the new one.
///
/// # Errors
/// Every [`SpecError`] but those about removing and finding.
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

/// Removes what [`install`] put there; gives the folder that is gone.
///
/// # Errors
/// [`SpecError::NotInstalled`] when there is none, [`SpecError::Io`] when it cannot be removed.
pub fn uninstall(target: &InstallTarget) -> Result<PathBuf, SpecError> {
    let folder = folder_in(&data_folder(target)?, NAME);
    if !folder.join("kernel.json").exists() {
        return Err(SpecError::NotInstalled(folder));
    }
    std::fs::remove_dir_all(&folder).map_err(failed("remove", &folder))?;
    Ok(folder)
}

/// The built-in kernel: this program, installed or not.
///
/// # Errors
/// [`SpecError::Io`] and [`SpecError::NoText`] when the program does not know its own path.
pub fn built_in() -> Result<Kernel, SpecError> {
    Ok(Kernel {
        name: NAME.to_owned(),
        folder: None,
        spec: own_spec()?,
    })
}

/// The installed kernel of this name, upper and lower case alike, as Jupyter finds it.
///
/// # Errors
/// [`SpecError::Unknown`] lists the names that exist; [`SpecError::Format`] when its `kernel.json` is broken.
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
    // A folder that is not there holds no kernels.
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

/// The folders that Jupyter searches, in its order: those of `JUPYTER_PATH`, the user's and Python's, the system's.
/// Python's come before the user's when it is that of a virtual environment.
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

/// What `jupyter_core.paths.prefer_environment_over_user` finds out.
fn prefers_environment() -> bool {
    let set = |name| std::env::var(name).ok();
    match set("JUPYTER_PREFER_ENV_PATH") {
        Some(wish) => !["0", "no", "n", "false", "off"].contains(&wish.to_lowercase().as_str()),
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

/// Jupyter's data folder of this user.
pub fn user_data_folder() -> Option<PathBuf> {
    // Jupyter takes an empty one for none.
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
    let asked = Command::new("python3")
        .args(["-c", "import sys; sys.stdout.write(sys.prefix)"])
        .output()
        .map_err(|error| SpecError::NoPython(error.to_string()))?;
    match String::from_utf8(asked.stdout) {
        Ok(prefix) if asked.status.success() && !prefix.is_empty() => Ok(prefix.into()),
        _ => Err(SpecError::NoPython(asked.status.to_string())),
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
