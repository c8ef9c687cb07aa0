//! A class on a JupyterHub: the configuration in `deploy` serves thirty users of a prepared machine.

use serde_json::{Value, json};
use std::fs;
use std::time::Duration;
use support::built::tmp;
use support::run;
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::{self, need};
use support::{project, turn};

const USERS: usize = 30;

/// How long a new user may wait for the first cell if all others start at once, in seconds.
const MAX_FIRST_CELL_SECONDS: f64 = 60.0;

/// The disk space that a user may take besides what Jupyter writes, in bytes.
const MAX_DISK_BYTES: u64 = 13_000_000;

/// Enough for thirty servers, each of which takes seconds of processor time.
const WITHIN: Duration = Duration::from_secs(900);

#[test]
fn a_class_starts_works_and_stops() {
    need!(hub);
    let _turn = turn::alone();
    let environment = tools::hub().unwrap_or_else(|reason| panic!("{reason}"));
    // A socket's path in a home directory must be short.
    let sandbox = Sandbox::new();
    // Handed out alone, the notebook needs the helper crate of the program, which all runs of this test share.
    let folder = sandbox.path("lesson");
    fs::create_dir(&folder).expect("a directory");
    let notebook = folder.join(project::NOTEBOOKS[0]);
    fs::copy(project::notebook_path(project::NOTEBOOKS[0]), &notebook).expect("a copy");

    let shared = tmp().join("prepared");
    let mut prepare = sandbox.threadbook();
    prepare
        .arg("prepare")
        .arg("--dir")
        .arg(&shared)
        .arg(&notebook);
    run::to_end(&mut prepare, 2 * BOUND).expect_code(0);
    let mut install = sandbox.threadbook();
    install.arg("install").arg("--prefix").arg(&environment);
    run::to_end(&mut install, BOUND).expect_code(0);

    let mut class = sandbox.command(environment.join("bin/python"));
    class
        .arg(root().join("tests/python/hub.py"))
        .arg(root().join("deploy/jupyterhub_config.py"))
        .arg(&notebook)
        .arg(USERS.to_string())
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env(
            "HUB_PROXY",
            environment.join("node_modules/.bin/configurable-http-proxy"),
        )
        .env("THREADBOOK_SHARED_CACHE", &shared)
        // Each user has a cache in the home directory.
        .env_remove("XDG_CACHE_HOME");
    let ended = run::to_end(&mut class, WITHIN).expect_code(0);
    println!("{USERS} users: {}", ended.stdout);
    let measured: Value = serde_json::from_str(&ended.stdout).expect("measurements");
    assert_eq!(measured["failed"], json!([]), "cells failed");
    assert_eq!(
        measured["interrupted"],
        json!(["Interrupted", "Interrupted", "Interrupted"])
    );
    assert_eq!(measured["after_interrupt"], json!(["ok", "ok", "ok"]));
    assert_eq!(measured["busy_status"], "ok");
    assert_eq!(measured["left"], json!([]), "processes are left");
    let number = |name: &str| measured[name].as_f64().expect("a number");
    assert!(
        number("together_seconds") < MAX_FIRST_CELL_SECONDS,
        "{measured}"
    );
    assert!(
        number("disk_bytes") < (USERS as u64 * MAX_DISK_BYTES) as f64,
        "{measured}"
    );
    assert!(number("kernels_bytes") > 0.0, "{measured}");
}
