//! The tools that some tests need: finds them, or installs them where that needs no root.

use super::built::tmp;
use super::not_run;
use super::run::{self, Ended};
use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// pip downloads up to about 100 packages.
const PIP_TIMEOUT: Duration = Duration::from_secs(600);

const DOWNLOAD_TIMEOUT: Duration = Duration::from_secs(300);

const REQUIREMENTS: &str = include_str!("../requirements.txt");
const HUB_REQUIREMENTS: &str = include_str!("../hub-requirements.txt");
const NBGRADER_REQUIREMENTS: &str = include_str!("../nbgrader-requirements.txt");
/// The package of the proxy that JupyterHub needs, in the registry of npm.
const HUB_PROXY: &str = "configurable-http-proxy@5.3.0";

/// Returns from the test if a tool that it needs cannot be had, and records why. Where `CI` is set, fails the test.
///
/// The first statement of a test, such as `need!(python, chromium);`. The names are those of the functions below.
#[macro_export]
macro_rules! need {
    ($($tool:ident),+) => {
        $(
            if let Err(reason) = $crate::tools::$tool() {
                $crate::not_run::record(|| {}, &reason);
                return;
            }
        )+
    };
}
pub use crate::need;

/// Returns the Python environment with Jupyter's programs. Creates it if it does not exist or `tests/requirements.txt`
/// has changed.
pub fn python() -> Result<PathBuf, String> {
    installed("python", "venv", REQUIREMENTS, make_venv)
}

/// Returns the Python environment with JupyterHub, and with its proxy, which npm installs in `node_modules`.
pub fn hub() -> Result<PathBuf, String> {
    installed("hub", "hub", HUB_REQUIREMENTS, |folder| {
        make_venv(folder)?;
        let npm = on_path(&["npm"]).ok_or("there is no npm on the PATH")?;
        let mut install = Command::new(npm);
        install.args(["install", "--no-audit", "--no-fund", "--silent"]);
        install.arg("--prefix").arg(folder).arg(HUB_PROXY);
        succeed(
            &mut install,
            PIP_TIMEOUT,
            "npm cannot install the proxy of JupyterHub",
        )?;
        Ok(())
    })
}

/// Returns a directory with nbgrader's packages, for the `PYTHONPATH` of the Python in [`python`], whose JupyterLab does
/// not see them.
pub fn nbgrader() -> Result<PathBuf, String> {
    let environment = python()?;
    installed("nbgrader", "nbgrader", NBGRADER_REQUIREMENTS, |folder| {
        let mut pip = pip_install(&environment, folder);
        pip.arg("--target").arg(folder);
        succeed(&mut pip, PIP_TIMEOUT, "pip cannot install nbgrader")?;
        Ok(())
    })
}

/// Returns the directory of this name, in which `install` installs the `requirements`, a file of pip in it. Installs them
/// if the directory does not exist or they have changed.
fn installed(
    tool: &str,
    name: &str,
    requirements: &str,
    install: impl FnOnce(&Path) -> Result<(), String>,
) -> Result<PathBuf, String> {
    let folder = below_target(name);
    let stamp = folder.join("stamp");
    let find = || {
        let installed = fs::read_to_string(&stamp).ok()?;
        (installed == requirements).then(|| folder.clone())
    };
    find_or_install(tool, find, || {
        if folder.exists() {
            fs::remove_dir_all(&folder).expect("the directory can be removed");
        }
        fs::create_dir_all(&folder).expect("a directory below the build directory");
        fs::write(folder.join("requirements.txt"), requirements).expect("a file in it");
        install(&folder)?;
        fs::write(&stamp, requirements).map_err(|error| format!("{}: {error}", stamp.display()))
    })
}

/// Makes a virtual environment with the packages of the file in the directory.
fn make_venv(folder: &Path) -> Result<(), String> {
    let python = on_path(&["python3"]).ok_or("there is no python3 on the PATH")?;
    succeed(
        Command::new(&python).args(["-c", "import ensurepip, venv"]),
        DOWNLOAD_TIMEOUT,
        "python3 lacks a module, which Debian has in the package python3-venv",
    )?;
    succeed(
        Command::new(&python).args(["-m", "venv"]).arg(folder),
        PIP_TIMEOUT,
        "python3 cannot create a virtual environment",
    )?;
    succeed(
        &mut pip_install(folder, folder),
        PIP_TIMEOUT,
        "pip cannot install the packages that tests need",
    )?;
    Ok(())
}

/// Returns a command with which the environment's pip installs what the file in `folder` names, and nothing else. Among the
/// dependencies is one that nothing here needs: rfc3987-syntax, whose import takes longer than the rest of a server's start.
fn pip_install(environment: &Path, folder: &Path) -> Command {
    let mut command = Command::new(environment.join("bin/python"));
    command.args(["-m", "pip", "install", "--quiet"]);
    command.args(["--disable-pip-version-check", "--no-deps", "-r"]);
    command.arg(folder.join("requirements.txt"));
    command
}

/// Returns the path of Chromium: the one on the PATH, else one that Playwright installs below the build directory.
pub fn chromium() -> Result<PathBuf, String> {
    let browsers = below_target("browsers");
    let find = || {
        on_path(&["chromium", "chromium-browser", "google-chrome"]).or_else(|| {
            let installed = PathBuf::from(fs::read_to_string(browsers.join("program")).ok()?);
            installed.is_file().then_some(installed)
        })
    };
    find_or_install("chromium", find, || install_chromium(&browsers))
}

fn install_chromium(browsers: &Path) -> Result<(), String> {
    let venv = python().map_err(|reason| {
        format!("there is no chromium on the PATH, and installing one needs Python: {reason}")
    })?;
    let with_browsers = |program: &str| {
        let mut command = Command::new(venv.join("bin").join(program));
        command.env("PLAYWRIGHT_BROWSERS_PATH", browsers);
        command
    };
    succeed(
        with_browsers("playwright").args(["install", "--no-shell", "chromium"]),
        DOWNLOAD_TIMEOUT,
        "there is no chromium on the PATH, and Playwright cannot install one",
    )?;
    let script = "from playwright.sync_api import sync_playwright\n\
        with sync_playwright() as playwright: print(playwright.chromium.executable_path)";
    let printed = succeed(
        with_browsers("python").args(["-c", script]),
        DOWNLOAD_TIMEOUT,
        "Playwright does not tell where its Chromium is",
    )?;
    let program = printed.stdout.trim_end();
    // It cannot start without some of the system's libraries, which only root can install.
    succeed(
        Command::new(program).arg("--version"),
        DOWNLOAD_TIMEOUT,
        "Playwright's Chromium does not start",
    )?;
    fs::write(browsers.join("program"), program).map_err(|error| error.to_string())
}

/// Returns the directory of the standard library's source. rustup installs it if it is missing.
pub fn rust_src() -> Result<PathBuf, String> {
    let library = match env::var_os("RUST_SRC_PATH") {
        Some(path) => PathBuf::from(path),
        None => {
            let mut rustc = Command::new("rustc");
            let sysroot = succeed(
                rustc.args(["--print", "sysroot"]),
                DOWNLOAD_TIMEOUT,
                "rustc does not tell its sysroot",
            )?;
            Path::new(sysroot.stdout.trim_end()).join("lib/rustlib/src/rust/library")
        }
    };
    let find = || {
        let is_there = library.join("core/src/lib.rs").is_file();
        is_there.then(|| library.clone())
    };
    find_or_install("rust-src", find, || {
        let mut rustup = Command::new("rustup");
        succeed(
            rustup.args(["component", "add", "rust-src"]),
            DOWNLOAD_TIMEOUT,
            "rustup cannot install the standard library's source",
        )?;
        Ok(())
    })
}

/// Finds the tool or installs it. After a failure, no test of this run of cargo tries again.
fn find_or_install(
    tool: &str,
    find: impl Fn() -> Option<PathBuf>,
    install: impl FnOnce() -> Result<(), String>,
) -> Result<PathBuf, String> {
    let _lock = lock(tool);
    if let Some(found) = find() {
        return Ok(found);
    }
    if let Some(reason) = not_run::recall(tool) {
        return Err(reason);
    }
    install()
        .and_then(|()| find().ok_or_else(|| format!("{tool} is missing even after installation")))
        .inspect_err(|reason| not_run::remember(tool, reason))
}

/// Waits for the lock of this name, which all tests share. Dropping the file releases it.
pub fn lock(name: &str) -> File {
    fs::create_dir_all(below_target("")).expect("a directory below the build directory");
    let file = File::create(below_target(&format!("{name}.lock"))).expect("a lock file");
    // Tests run on several threads, and test programs that are started by hand may run at the same time.
    file.lock().expect("a lock");
    file
}

/// Runs the command; if it fails, returns `what` and the line of its output that says why.
fn succeed(command: &mut Command, timeout: Duration, what: &str) -> Result<Ended, String> {
    let because = |line: &str| format!("{what}: {line}");
    // After the first line there may be the output.
    let ended = run::try_to_end(command, timeout)
        .map_err(|problem| because(problem.lines().next().unwrap_or_default()))?;
    match ended.status.success() {
        true => Ok(ended),
        false => Err(because(cause(&ended.stderr))),
    }
}

/// Returns the first line that begins with `error`, else the last one.
pub fn cause(text: &str) -> &str {
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let is_error = |line: &&str| {
        line.get(..5)
            .is_some_and(|begin| begin.eq_ignore_ascii_case("error"))
    };
    let error = lines.clone().find(is_error);
    error.or_else(|| lines.next_back()).unwrap_or("no message")
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    env::split_paths(&path)
        .flat_map(|folder| names.iter().map(move |name| folder.join(name)))
        .find(|program| program.is_file())
}

fn below_target(name: &str) -> PathBuf {
    tmp().join(name)
}
