//! `threadbook lab` on machines with something missing, and `postBuild`.

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use support::built::{self, tmp};
use support::machine::{Machine, NEEDED};
use support::run::{self, Ended};
use support::sandbox::{Sandbox, root};
use support::tools::need;
use support::venv::Venv;
use support::{process, project};

/// Long enough for pip, which downloads about 90 packages.
const WITHIN: Duration = Duration::from_secs(600);

/// The directory of the environment, relative to the sandbox.
const FOLDER: &str = "home/.local/share/threadbook/lab";

/// Returns a machine with Python and what cells need. All tests share pip's packages and the helper crate.
fn machine() -> Machine {
    let machine = Machine::of(Sandbox::new(), NEEDED);
    // The `python3` on the PATH may be a script that finds the real one.
    let mut python = Command::new("python3");
    let ended = run::to_end(
        python.args(["-c", "import sys; print(sys.executable)"]),
        WITHIN,
    );
    machine.link("python3", Path::new(ended.stdout.trim_end()));
    machine
}

fn lab(machine: &Machine) -> Command {
    let mut command = machine.threadbook("lab");
    command.env("PIP_CACHE_DIR", tmp().join("pip"));
    command
}

fn prepare(machine: &Machine) -> Ended {
    run::to_end(lab(machine).arg("--only-prepare"), WITHIN)
}

/// A JupyterLab server that `threadbook lab` has started.
struct Server {
    child: Child,
    stderr: std::io::Lines<BufReader<std::process::ChildStderr>>,
}

impl Server {
    fn start(command: &mut Command) -> Server {
        let mut child = command
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("threadbook lab");
        let stderr = BufReader::new(child.stderr.take().expect("stderr")).lines();
        Server { child, stderr }
    }

    /// Waits until the server prints its address; returns it with the token.
    fn address(&mut self) -> String {
        let mut log = String::new();
        for line in self.stderr.by_ref().map_while(Result::ok) {
            if let Some((_, address)) = line.split_once("http://127.0.0.1") {
                return format!("http://127.0.0.1{}", address.trim());
            }
            log += &line;
            log.push('\n');
        }
        panic!("no address: {log}");
    }

    /// Stops the server as a service manager or a second Ctrl-C does.
    fn end(mut self) {
        process::signal(self.child.id(), libc::SIGTERM);
        // Drains the pipe, so that a full one does not block the server.
        self.stderr.by_ref().for_each(drop);
        self.child.wait().expect("threadbook lab exits");
    }
}

#[test]
fn jupyterlab_is_installed_and_serves_the_notebooks() {
    need!(python);
    let machine = machine();
    let notebooks = root().join("notebooks");
    let ended =
        run::to_end(lab(&machine).arg("--only-prepare").arg(&notebooks), WITHIN).expect_code(0);
    let programs = machine.sandbox.path(FOLDER).join("venv/bin");
    assert!(ended.stderr.contains("Installing JupyterLab"), "{ended}");
    assert!(
        ended.stderr.contains(&format!(
            "Ready: {}",
            programs.join("jupyter-lab").display()
        )),
        "{ended}"
    );

    // The doctor finds it.
    let report = run::to_end(machine.threadbook("doctor").arg("--json"), WITHIN);
    assert!(report.stdout.contains("Threadbook's own"), "{report}");

    // The second run installs nothing. It serves the notebooks, and its launcher has the kernel with its icon.
    let mut command = lab(&machine);
    let mut server = Server::start(command.arg(&notebooks).args(["--no-browser", "--port=0"]));
    let address = server.address();
    assert!(address.contains("/lab?token="), "{address}");
    let (before, token) = address.split_once("/lab?").expect("a token");
    let fetch = |path: &str| {
        let script = "import sys, urllib.request as r; sys.stdout.write(r.urlopen(sys.argv[1]).read().decode())";
        let url = format!("{before}{path}?{token}");
        run::to_end(
            machine
                .sandbox
                .command(programs.join("python"))
                .args(["-c", script, &url]),
            WITHIN,
        )
        .expect_code(0)
        .stdout
    };
    let kernels: Value = serde_json::from_str(&fetch("/api/kernelspecs")).expect("kernelspecs");
    let kernel = &kernels["kernelspecs"]["threadbook"];
    assert_eq!(
        kernel["spec"]["argv"][0],
        built::threadbook().display().to_string()
    );
    let logo = kernel["resources"]["logo-svg"].as_str().expect("a logo");
    assert!(fetch(logo).contains("<svg"));
    let contents: Value = serde_json::from_str(&fetch("/api/contents")).expect("contents");
    let entries = contents["content"].as_array().expect("files");
    for name in project::NOTEBOOKS {
        assert!(
            entries.iter().any(|entry| entry["name"] == name),
            "{contents}"
        );
    }
    // It does not check for news or updates.
    let settings = fetch("/lab/api/settings/@jupyterlab/apputils-extension:notification");
    let settings: Value = serde_json::from_str(&settings).expect("settings");
    let defaults = &settings["schema"]["properties"];
    assert_eq!(defaults["fetchNews"]["default"], "false");
    assert_eq!(defaults["checkForUpdates"]["default"], false);
    server.end();
    machine.sandbox.expect_nothing_left();
}

/// `threadbook lab` uses the installed JupyterLab and installs the kernelspec for it.
#[test]
fn an_installed_jupyterlab_is_used() {
    need!(python);
    let machine = machine();
    machine.add_script(
        "jupyter-lab",
        "[ \"$1\" = --version ] && echo 4.2.0 || echo \"$@\"\n",
    );
    let mut command = lab(&machine);
    let ended = run::to_end(
        command.arg(machine.sandbox.work()).args([
            "--port",
            "8123",
            "--no-browser",
            "--",
            "--debug",
        ]),
        WITHIN,
    )
    .expect_code(0);
    let folder = machine.sandbox.work().canonicalize().expect("a directory");
    let expected = format!("{} --port=8123 --no-browser", folder.display());
    assert!(ended.stdout.starts_with(&expected), "{ended}");
    assert!(ended.stdout.ends_with(" --debug\n"), "{ended}");
    let spec = machine
        .sandbox
        .path("home/.local/share/jupyter/kernels/threadbook/kernel.json");
    assert!(spec.is_file(), "{ended}");
    assert!(!machine.sandbox.path(FOLDER).exists(), "{ended}");
    machine.sandbox.expect_nothing_left();
}

#[test]
fn an_old_jupyterlab_without_python_is_reported() {
    let machine = Machine::of(Sandbox::new(), NEEDED);
    machine.add("jupyter-lab", "3.6.7");
    let ended = prepare(&machine).expect_code(2);
    assert!(
        ended.stderr.contains("JupyterLab 3.6.7 is too old"),
        "{ended}"
    );
    assert!(
        ended
            .stderr
            .contains("threadbook: JupyterLab needs Python 3.11 or later")
            && ended.stderr.contains("apt install python3-venv"),
        "{ended}"
    );
    machine.sandbox.expect_nothing_left();
}

/// A failed installation leaves nothing behind, so that the next run starts from scratch.
#[test]
fn without_a_network_the_installation_leaves_nothing_behind() {
    need!(python);
    let machine = machine();
    let mut command = lab(&machine);
    // Nothing listens on this port, and the cache is empty.
    command
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/")
        .env("PIP_RETRIES", "0")
        .env("PIP_CACHE_DIR", machine.sandbox.path("pip"));
    let ended = run::to_end(command.arg("--only-prepare"), WITHIN).expect_code(2);
    assert!(
        ended
            .stderr
            .contains("pip cannot install JupyterLab; the first run needs the network: "),
        "{ended}"
    );
    let left: Vec<_> = fs::read_dir(machine.sandbox.path(FOLDER))
        .expect("a directory")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    assert_eq!(left, ["lock"]);
    machine.sandbox.expect_nothing_left();
}

#[test]
fn a_path_that_is_not_a_notebook_is_rejected() {
    need!(python);
    let machine = machine();
    for (path, reason) in [
        ("nowhere", "cannot open nowhere"),
        ("/etc/passwd", "neither a directory nor a notebook"),
    ] {
        let ended = run::to_end(lab(&machine).arg(path), WITHIN).expect_code(2);
        assert!(ended.stderr.contains(reason), "{ended}");
    }
}

/// conda, the tests and `threadbook lab` use the same versions of their common packages.
#[test]
fn versions_are_the_same_everywhere() {
    let lab = pinned("kernel/src/lab/requirements.txt");
    let tests = pinned("tests/requirements.txt");
    // The tests install without one dependency, and without what only that one depends on (see `tools::pip_install`).
    let untested = ["lark", "rfc3987-syntax"];
    for (name, version) in lab
        .iter()
        .filter(|(name, _)| !untested.contains(&&name[..]))
    {
        let other = tests.iter().find(|(other, _)| other == name);
        assert_eq!(other, Some(&(name.clone(), version.clone())));
    }
    let environment = fs::read_to_string(root().join("environment.yml")).expect("environment.yml");
    let mut common = 0;
    for line in environment
        .lines()
        .filter_map(|line| line.trim().strip_prefix("- "))
    {
        let (name, version) = line.split_once('=').unwrap_or((line, ""));
        let name = normal(name.trim_end_matches('>'));
        if let Some((_, pinned)) = lab.iter().find(|(other, _)| *other == name) {
            assert_eq!(version, pinned, "{name}");
            common += 1;
        }
    }
    assert_eq!(common, 5, "{environment}");
}

fn pinned(path: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join(path)).expect("requirements");
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let (name, version) = line
                .split_once("==")
                .unwrap_or_else(|| panic!("{line}: no version"));
            (normal(name), version.to_owned())
        })
        .collect()
}

/// Returns the normalized name of a package (PEP 503).
fn normal(name: &str) -> String {
    name.to_lowercase().replace('_', "-")
}

/// Binder and JupyterHub run `postBuild` in the environment of `environment.yml`.
#[test]
fn post_build_prepares_everything() {
    need!(python);
    // Other tests need a cache in which nothing is prepared.
    let (sandbox, venv) = (Sandbox::with_another_helper(), Venv::open());
    let project = sandbox.work();
    project::mirror_with_notebooks(&project);
    // Every user runs the build itself; this test only checks how `postBuild` calls cargo.
    let programs = sandbox.path("bin");
    fs::create_dir(&programs).expect("a directory");
    write_program(programs.join("cargo"), "#!/bin/sh\necho cargo \"$@\"\n");
    let built = project.join("target/release");
    fs::create_dir_all(&built).expect("a directory");
    std::os::unix::fs::symlink(built::threadbook(), built.join("threadbook")).expect("a link");
    let path = [programs, venv.program("")];
    let others = std::env::var_os("PATH").expect("a PATH");
    let path = std::env::join_paths(path.into_iter().chain(std::env::split_paths(&others)));
    let mut command = sandbox.command(project.join("postBuild"));
    let ended = run::to_end(command.env("PATH", path.expect("a PATH")), WITHIN).expect_code(0);
    assert!(ended.stdout.starts_with("cargo build --release"), "{ended}");
    assert!(
        ended.stdout.contains("share/jupyter/kernels/threadbook"),
        "{ended}"
    );
    assert!(
        ended.stdout.contains("the helper crate, 0 notebooks"),
        "{ended}"
    );
    assert!(!ended.stdout.contains("THREADBOOK_SHARED_CACHE"), "{ended}");
    sandbox.expect_nothing_left();
}

fn write_program(path: PathBuf, text: &str) {
    fs::write(&path, text).expect("a program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("permissions");
}
