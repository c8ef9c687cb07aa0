//! Jupyter's own programs run the kernel.

use serde_json::json;
use std::path::Path;
use support::executed::{check_sound, judge_all};
use support::notebook;
use support::project::{self, NOTEBOOKS};
use support::run;
use support::sandbox::{BOUND, Sandbox};
use support::tools::need;
use support::venv::Venv;

#[track_caller]
fn judge_file(path: &Path) {
    let executed = notebook::read(path);
    judge_all(&executed, str::to_owned);
    check_sound(&executed);
}

#[test]
fn nbconvert_executes_the_notebooks() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let notebooks = project::mirror_with_notebooks(&sandbox.path("project"));
    let out = sandbox.path("out");
    let mut arguments = vec!["nbconvert", "--execute", "--to", "notebook", "--output-dir"];
    arguments.push(out.to_str().expect("UTF-8"));
    let paths = NOTEBOOKS.map(|name| notebooks.join(name));
    arguments.extend(paths.iter().filter_map(|path| path.to_str()));
    venv.run(&sandbox, "jupyter", &arguments, BOUND)
        .expect_code(0);
    for name in NOTEBOOKS {
        judge_file(&out.join(name));
    }
    sandbox.expect_nothing_left();
}

#[test]
fn nbclient_executes_the_notebooks() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let notebooks = project::mirror_with_notebooks(&sandbox.path("project"));
    std::thread::scope(|scope| {
        for name in NOTEBOOKS {
            let (path, result) = (notebooks.join(name), sandbox.path(name));
            let mut command = venv.python(&sandbox, "execute.py");
            command.arg("threadbook").arg(path).arg(&result);
            scope.spawn(move || {
                run::to_end(&mut command, BOUND).expect_code(0);
                judge_file(&result);
            });
        }
    });
    sandbox.expect_nothing_left();
}

/// papermill continues after a cell that may fail, but still exits with 1.
#[test]
fn papermill_executes_the_notebooks() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let notebooks = project::mirror_with_notebooks(&sandbox.path("project"));
    std::thread::scope(|scope| {
        for name in NOTEBOOKS {
            let (path, result) = (notebooks.join(name), sandbox.path(name));
            let may_fail =
                |cell: &notebook::Cell| cell.0["metadata"]["tags"] == json!(["raises-exception"]);
            let fails = notebook::code_cells(&notebook::read(&path))
                .iter()
                .any(may_fail);
            let mut command = sandbox.command(venv.program("papermill"));
            command.env("PATH", venv.search_path());
            command.args(["--no-progress-bar", "--cwd"]).arg(&notebooks);
            command.arg(path).arg(&result);
            scope.spawn(move || {
                run::to_end(&mut command, BOUND).expect_code(i32::from(fails));
                judge_file(&result);
            });
        }
    });
    sandbox.expect_nothing_left();
}

/// The runner searches the same directories as Jupyter for kernels.
#[test]
fn the_runner_uses_the_installed_kernel() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let path = sandbox.work().join("plain.ipynb");
    notebook::write(&path, &notebook::of([("answer", "6 * 7")]));
    let mut command = sandbox.threadbook();
    command.env("PATH", venv.search_path());
    command.args(["run", "plain.ipynb", "--in-place", "--kernel", "threadbook"]);
    run::to_end(&mut command, BOUND).expect_code(0);
    assert_eq!(
        notebook::cell(&notebook::read(&path), "answer")
            .result()
            .as_deref(),
        Some("42")
    );
}

#[test]
fn jupyter_lists_the_kernel_until_it_is_uninstalled() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let listed = || {
        let mut command = sandbox.command(venv.program("jupyter"));
        // By default Jupyter prefers the environment's kernels.
        command
            .env("PATH", venv.search_path())
            .env("JUPYTER_PREFER_ENV_PATH", "0");
        let listed =
            run::to_end(command.args(["kernelspec", "list", "--json"]), BOUND).expect_code(0);
        let listed: serde_json::Value = serde_json::from_str(&listed.stdout).expect("JSON");
        listed["kernelspecs"]["threadbook"].clone()
    };
    // The user's kernelspec hides the environment's.
    sandbox.run(["install", "--user"]).expect_code(0);
    let spec = listed();
    assert!(
        Path::new(spec["resource_dir"].as_str().expect("a directory"))
            .starts_with(sandbox.path("home"))
    );
    assert_eq!(spec["spec"]["interrupt_mode"], "message");
    assert_eq!(spec["spec"]["language"], "rust");
    sandbox.run(["uninstall", "--user"]).expect_code(0);
    assert!(
        !Path::new(listed()["resource_dir"].as_str().expect("a directory"))
            .starts_with(sandbox.path("home"))
    );
}

#[test]
fn jupyters_kernel_tests_pass() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let ended = run::to_end(&mut venv.python(&sandbox, "conformance.py"), BOUND).expect_code(0);
    for test in [
        "clear_output",
        "completion",
        "display_data",
        "error",
        "execute_result",
        "execute_stderr",
        "execute_stdout",
        "history",
        "inspect",
        "is_complete",
        "kernel_info",
        "pager",
        "recv_iopub_welcome_msg",
    ] {
        let passed = ended
            .stderr
            .lines()
            .any(|line| line.contains(&format!("test_{test} ")) && line.ends_with("ok"));
        assert!(passed, "test_{test}: {ended}");
    }
    assert!(!ended.stderr.contains("skipped"), "{ended}");
}
