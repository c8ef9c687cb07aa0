//! The wheel: pip installs it, Jupyter finds the kernel, and nothing is left after pip removes it.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::run::{self, Ended};
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::{self, need};
use support::{built, notebook};

/// The largest wheel that is still quick to hand around, in bytes.
const MAX_BYTES: u64 = 25_000_000;

/// Runs a notebook as JupyterLab's own programs do, in the kernel that its metadata names.
const EXECUTE: &str = "import sys, nbclient, nbformat\n\
    notebook = nbformat.read(sys.argv[1], 4)\n\
    nbclient.NotebookClient(notebook, kernel_name='threadbook', timeout=300).execute()\n\
    nbformat.write(notebook, sys.argv[1])";

/// A new virtual environment, which imports Jupyter and pip from the one that all tests share.
struct Environment {
    sandbox: Sandbox,
    folder: PathBuf,
}

impl Environment {
    fn make() -> Environment {
        let shared = tools::python().unwrap_or_else(|reason| panic!("{reason}"));
        let sandbox = Sandbox::new();
        let folder = sandbox.path("venv");
        let mut make = sandbox.command(shared.join("bin/python"));
        make.args(["-m", "venv", "--without-pip"]).arg(&folder);
        run::to_end(&mut make, BOUND).expect_code(0);
        let [from, to] = [&shared, &folder].map(|folder| site_packages(folder));
        fs::write(to.join("shared.pth"), from.as_os_str().as_encoded_bytes()).expect("a file");
        Environment { sandbox, folder }
    }

    fn command(&self, program: &str) -> Command {
        let mut command = self.sandbox.command(self.folder.join("bin").join(program));
        // The environment is not activated: its programs are not on the PATH.
        command.env("PYTHONDONTWRITEBYTECODE", "1");
        command
    }

    #[track_caller]
    fn python(&self, arguments: &[&str]) -> Ended {
        run::to_end(self.command("python").args(arguments), BOUND).expect_code(0)
    }

    fn pip(&self, arguments: &[&str]) {
        self.python(
            &[
                &["-m", "pip", "--no-input", "--disable-pip-version-check"],
                arguments,
            ]
            .concat(),
        );
    }

    /// Returns the names of the kernels that Jupyter lists.
    fn kernels(&self) -> BTreeSet<String> {
        let listed = self.python(&["-m", "jupyter_client.kernelspecapp", "list", "--json"]);
        let listed: Value = serde_json::from_str(&listed.stdout).expect("a list of kernels");
        let kernels = listed["kernelspecs"].as_object().expect("kernelspecs");
        kernels.keys().cloned().collect()
    }

    fn files(&self) -> BTreeSet<PathBuf> {
        files(&self.folder)
    }
}

/// Returns the directory of an environment's packages.
fn site_packages(environment: &Path) -> PathBuf {
    let versions = fs::read_dir(environment.join("lib"))
        .expect("a directory")
        .flatten();
    let mut folders = versions.map(|version| version.path().join("site-packages"));
    folders
        .find(|folder| folder.is_dir())
        .expect("an environment")
}

fn files(folder: &Path) -> BTreeSet<PathBuf> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(folder).expect("a directory").flatten() {
        match entry.file_type().expect("a type").is_dir() {
            true => found.extend(files(&entry.path())),
            false => found.extend([entry.path()]),
        }
    }
    found
}

/// Makes a wheel of the program under test; returns its path.
fn make_wheel(sandbox: &Sandbox, folder: &str) -> PathBuf {
    let mut make = sandbox.command("python3");
    make.arg(root().join("packaging/make_wheel.py"))
        .arg(built::threadbook())
        .arg(sandbox.path(folder));
    let made = run::to_end(&mut make, BOUND).expect_code(0);
    PathBuf::from(made.stdout.trim_end())
}

#[test]
fn pip_installs_and_removes_the_kernel() {
    need!(python);
    let environment = Environment::make();
    let wheel = make_wheel(&environment.sandbox, "dist");
    let size = wheel.metadata().expect("the wheel").len();
    assert!(size < MAX_BYTES, "{size} bytes");
    let again = make_wheel(&environment.sandbox, "again");
    assert_eq!(wheel.file_name(), again.file_name());
    assert!(
        fs::read(&wheel).expect("bytes") == fs::read(again).expect("bytes"),
        "not reproducible"
    );

    let (kernels, before) = (environment.kernels(), environment.files());
    assert!(!kernels.contains("threadbook"));
    let path = wheel.to_str().expect("a path");
    environment.pip(&["install", "--no-index", "--no-deps", path]);
    assert!(environment.kernels().contains("threadbook"));

    // In an empty directory, without the project.
    let path = environment.sandbox.work().join("notebook.ipynb");
    let cells = [
        ("one", "use threadbook::prelude::*;"),
        ("two", "repr(&(1..4).collect::<Vec<_>>())"),
    ];
    notebook::write(&path, &notebook::of(cells));
    environment.python(&["-c", EXECUTE, path.to_str().expect("a path")]);
    let executed = notebook::read(&path);
    assert_eq!(
        notebook::cell(&executed, "two").result().as_deref(),
        Some("'[1, 2, 3]'")
    );

    // The program itself finds the kernel, and what the kernelspec starts is this program.
    let bin = environment.folder.join("bin");
    let found = std::env::var_os("PATH").unwrap_or_default();
    let search = std::env::join_paths([bin].into_iter().chain(std::env::split_paths(&found)));
    let mut doctor = environment.command("threadbook");
    doctor
        .env("PATH", search.expect("a PATH"))
        .env("VIRTUAL_ENV", &environment.folder);
    let report = run::to_end(doctor.arg("doctor"), BOUND);
    assert!(report.stdout.contains("ok        kernelspec"), "{report}");
    let mut by_name = environment.command("threadbook");
    by_name
        .env("JUPYTER_PATH", environment.folder.join("share/jupyter"))
        .args(["run", "--kernel", "threadbook"])
        .arg(&path);
    run::to_end(&mut by_name, BOUND).expect_code(0);

    environment.pip(&["uninstall", "--yes", "threadbook"]);
    assert_eq!(environment.kernels(), kernels);
    let left: Vec<_> = environment.files().difference(&before).cloned().collect();
    assert!(left.is_empty(), "{left:#?}");
}

#[test]
fn a_wheel_needs_a_program() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut make = sandbox.command("python3");
    make.arg(root().join("packaging/make_wheel.py"))
        .args(["no-such-program", "dist"]);
    let ended = run::to_end(&mut make, BOUND).expect_code(1);
    assert!(
        ended.stderr.contains("no-such-program does not exist"),
        "{ended}"
    );
    assert!(!sandbox.work().join("dist").exists());
}

#[test]
fn the_conda_recipe_has_the_version_of_the_program() {
    let recipe = fs::read_to_string(root().join("packaging/conda/meta.yaml")).expect("the recipe");
    let version = format!("version: {}\n", env!("CARGO_PKG_VERSION"));
    assert!(recipe.contains(&version), "{recipe}");
}
