//! The unchanged notebooks in stock evcxr_jupyter: they are Rust notebooks, not notebooks for one kernel.
//!
//! Only the cell with a deadlock is left out, because stock evcxr would wait for it for ever.

mod common;

use common::executed::judge_all;
use common::project::{self, NOTEBOOKS};
use common::sandbox::Sandbox;
use common::tools::need;
use common::venv::Venv;
use common::{notebook, run, turn};
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

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
fn every_cell_about_threads_prints_the_same_in_stock_evcxr() {
    check(NOTEBOOKS[0]);
}

#[test]
fn every_cell_about_processes_prints_the_same_in_stock_evcxr() {
    check(NOTEBOOKS[1]);
}

/// Both notebooks run at the same time, each with a build directory of its own: in one, evcxr's builds would wait for each other.
fn check(name: &str) {
    need!(python, rust_src);
    let _turn = turn::shared();
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    install(&sandbox);
    let notebooks = project::mirror(&sandbox.path("project"));
    let mut lesson = notebook::read(&project::notebook_path(name));
    let cells = lesson["cells"].as_array_mut().expect("cells");
    cells.retain(|cell| cell["id"] != project::DEADLOCK);
    notebook::write(&notebooks.join(name), &lesson);
    // Not below the project's build directory: cargo would take the cells for a part of this workspace.
    let build = sandbox.path("build");
    fs::create_dir_all(&build).expect("a directory for the cells");
    let result = sandbox.path(name);
    let mut command = venv.python(&sandbox, "execute_late.py");
    command
        .env("JUPYTER_PATH", sandbox.path("jupyter"))
        .env("EVCXR_CONFIG_DIR", sandbox.path("home"))
        .env("EVCXR_TMPDIR", build)
        .arg("stock-evcxr")
        .arg(notebooks.join(name))
        .arg(&result);
    run::to_end(&mut command, BOUND).expect_code(0);
    judge_all(&notebook::read(&result), str::to_owned);
}
