//! The unchanged notebooks in stock evcxr_jupyter: they are Rust notebooks, not notebooks for one kernel.
//!
//! Only the cell with a deadlock is left out, because stock evcxr would wait for it for ever.

use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use support::executed::judge_all;
use support::project::{self, NOTEBOOKS};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;
use support::{notebook, run};

/// The first cell builds the helper crate and its dependencies.
const BOUND: Duration = Duration::from_secs(1200);

/// Returns the path of the program from `tests/stock`, which cargo builds beside the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().expect("this program's path");
    let build = test
        .parent()
        .and_then(|deps| deps.parent())
        .expect("target/PROFILE/deps");
    let program = build.join("examples/stock_evcxr");
    assert!(
        program.exists(),
        "{} does not exist: build it with `cargo build --example stock_evcxr` or with `cargo test` without --test",
        program.display(),
    );
    program
}

fn install(sandbox: &Sandbox) {
    let folder = sandbox.path("jupyter/kernels/stock-evcxr");
    fs::create_dir_all(&folder).expect("a directory");
    let spec = json!({
        "argv": [program(), "--control_file", "{connection_file}"],
        "display_name": "Rust (evcxr)", "language": "rust", "interrupt_mode": "message",
    });
    fs::write(folder.join("kernel.json"), spec.to_string()).expect("a kernelspec");
}

#[test]
fn every_cell_prints_the_same_in_stock_evcxr() {
    need!(python, rust_src);
    let sandbox = Sandbox::new();
    install(&sandbox);
    let notebooks = project::mirror(&sandbox.path("project"));
    // The helper crate is built once.
    let setup = "setup.ipynb";
    let mut first = notebook::read(&project::notebook_path(NOTEBOOKS[0]));
    cells(&mut first).retain(|cell| cell["id"] == "setup");
    notebook::write(&notebooks.join(setup), &first);
    execute(&sandbox, &notebooks.join(setup));

    std::thread::scope(|scope| {
        for name in NOTEBOOKS {
            let mut lesson = notebook::read(&project::notebook_path(name));
            cells(&mut lesson).retain(|cell| cell["id"] != project::DEADLOCK);
            notebook::write(&notebooks.join(name), &lesson);
            // Each kernel has a build directory of its own: in one, evcxr's builds would wait for each other.
            let copied = Command::new("cp")
                .arg("-a")
                .arg(build_directory(&sandbox, setup))
                .arg(build_directory(&sandbox, name))
                .status();
            assert!(copied.expect("cp").success());
            let (sandbox, path) = (&sandbox, notebooks.join(name));
            scope.spawn(move || judge_all(&execute(sandbox, &path), str::to_owned));
        }
    });
}

fn cells(notebook: &mut Value) -> &mut Vec<Value> {
    notebook["cells"].as_array_mut().expect("cells")
}

/// Executes a notebook in stock evcxr, with its own build directory.
fn execute(sandbox: &Sandbox, path: &Path) -> Value {
    let name = path.file_name().expect("a name");
    let name = name.to_str().expect("UTF-8");
    let build = build_directory(sandbox, name);
    fs::create_dir_all(&build).expect("a directory for the cells");
    let result = sandbox.path(name);
    let mut command = Venv::open().python(sandbox, "execute_late.py");
    command
        .env("JUPYTER_PATH", sandbox.path("jupyter"))
        .env("EVCXR_CONFIG_DIR", sandbox.path("home"))
        .env("EVCXR_TMPDIR", build)
        .arg("stock-evcxr")
        .arg(path)
        .arg(&result);
    run::to_end(&mut command, BOUND).expect_code(0);
    notebook::read(&result)
}

/// Returns the directory in which stock evcxr compiles the cells of the notebook. It is not below the project's build directory:
/// cargo would take the cells for a part of this workspace.
fn build_directory(sandbox: &Sandbox, name: &str) -> PathBuf {
    sandbox.path(format!("build-{name}"))
}
