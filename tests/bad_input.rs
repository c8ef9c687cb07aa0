//! Invalid notebooks, targets and arguments are rejected.

use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use support::notebook;
use support::run::{self, without_root};
use support::sandbox::{BOUND, Sandbox};

/// Checks that the arguments are rejected before anything runs: exit code 2, one line on stderr that contains `parts`,
/// and no changed file.
#[track_caller]
fn assert_rejected(sandbox: &Sandbox, arguments: &[&str], parts: &[&str]) {
    assert_command_rejected(sandbox, sandbox.threadbook().args(arguments), parts);
}

#[track_caller]
fn assert_command_rejected(sandbox: &Sandbox, command: &mut Command, parts: &[&str]) {
    let before = contents(&sandbox.work());
    let ended = run::to_end(command, BOUND).expect_code(2);
    assert!(
        ended.stderr.starts_with("threadbook: ") && ended.stderr.ends_with('\n'),
        "{ended}"
    );
    assert_eq!(ended.stderr.lines().count(), 1, "{ended}");
    assert_eq!(ended.stdout, "");
    for part in parts {
        assert!(ended.stderr.contains(part), "{part} is missing: {ended}");
    }
    assert_eq!(contents(&sandbox.work()), before);
    sandbox.expect_nothing_left();
}

/// Returns all files below a directory with their contents, and all directories.
fn contents(folder: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(contents(&path));
            found.insert(path, None);
        } else {
            found.insert(path.clone(), Some(fs::read(&path).expect("a file")));
        }
    }
    found
}

fn good_notebook() -> Value {
    notebook::of([("hello", "println!(\"hello\");")])
}

fn with(name: &str, content: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    fs::write(sandbox.work().join(name), content).expect("a file");
    sandbox
}

#[test]
fn invalid_json_is_rejected() {
    for content in [
        "",
        "not json",
        "{\"cells\": [",
        "<<<<<<< HEAD\n{}\n",
        "\u{feff}\0",
    ] {
        let sandbox = with("bad.ipynb", content);
        assert_rejected(
            &sandbox,
            &["run", "bad.ipynb", "--in-place"],
            &["bad.ipynb", "not valid JSON"],
        );
        assert_rejected(
            &sandbox,
            &["html", "bad.ipynb", "--output-dir", "."],
            &["bad.ipynb", "not valid JSON"],
        );
    }
}

#[test]
fn json_that_is_not_a_notebook_is_rejected() {
    for content in [
        "{}",
        "[]",
        "3",
        r#"{"nbformat": 4}"#,
        r#"{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": 3}"#,
    ] {
        let sandbox = with("bad.ipynb", content);
        assert_rejected(
            &sandbox,
            &["run", "bad.ipynb", "--in-place"],
            &["bad.ipynb", "not a notebook"],
        );
    }
}

#[test]
fn unsupported_nbformat_versions_are_rejected() {
    let with_format = |major: u32| {
        let mut notebook = good_notebook();
        notebook["nbformat"] = json!(major);
        with("other.ipynb", &notebook.to_string())
    };
    assert_rejected(
        &with_format(2),
        &["run", "other.ipynb", "--in-place"],
        &["other.ipynb", "format 2", "save it"],
    );
    assert_rejected(
        &with_format(5),
        &["run", "other.ipynb", "--in-place"],
        &["other.ipynb", "format 5", "update"],
    );
}

/// IPython 2 wrote this format: worksheets, `input`, and outputs with other names.
#[test]
fn nbformat_3_is_read() {
    let old = json!({
        "metadata": { "name": "" }, "nbformat": 3, "nbformat_minor": 0,
        "worksheets": [{ "metadata": {}, "cells": [
            { "cell_type": "heading", "level": 2, "metadata": {}, "source": ["A heading"] },
            {
                "cell_type": "code", "collapsed": false, "language": "rust", "metadata": {}, "prompt_number": 1,
                "input": ["println!(\"old\");"], "outputs": [],
            },
        ] }],
    });
    let sandbox = with("old.ipynb", &old.to_string());
    sandbox
        .run(["run", "old.ipynb", "--output-dir", "out"])
        .expect_code(0);
    assert_eq!(
        fs::read_to_string(sandbox.work().join("old.ipynb")).expect("a file"),
        old.to_string()
    );
    let executed = notebook::read(&sandbox.work().join("out/old.ipynb"));
    assert_eq!(executed["nbformat"], 4);
    assert_eq!(notebook::code_cells(&executed)[0].stream("stdout"), "old\n");
}

#[test]
fn an_unknown_kernel_is_rejected() {
    let sandbox = with("good.ipynb", &good_notebook().to_string());
    let arguments = [
        "run",
        "good.ipynb",
        "--in-place",
        "--kernel",
        "no-such-kernel",
    ];
    assert_rejected(
        &sandbox,
        &arguments,
        &["no-such-kernel", "installed kernels: none"],
    );
}

#[test]
fn a_missing_path_is_rejected() {
    let sandbox = with("good.ipynb", &good_notebook().to_string());
    assert_rejected(
        &sandbox,
        &["run", "missing.ipynb"],
        &["missing.ipynb", "No such file"],
    );
    // The valid notebook is not run either.
    assert_rejected(
        &sandbox,
        &["run", "good.ipynb", "missing.ipynb", "--in-place"],
        &["missing.ipynb"],
    );
    assert_rejected(
        &sandbox,
        &["html", "missing.ipynb", "--output-dir", "out"],
        &["missing.ipynb"],
    );
    assert_rejected(&sandbox, &["kernel", "missing.json"], &["missing.json"]);
}

#[test]
fn a_directory_without_notebooks_is_rejected() {
    let sandbox = Sandbox::new();
    fs::create_dir(sandbox.work().join("empty")).expect("a directory");
    assert_rejected(
        &sandbox,
        &["run", "empty"],
        &["empty", "no notebooks", ".ipynb"],
    );
}

#[test]
fn two_notebooks_with_the_same_output_file_are_rejected() {
    let sandbox = Sandbox::new();
    for folder in ["a", "b"] {
        fs::create_dir(sandbox.work().join(folder)).expect("a directory");
        notebook::write(
            &sandbox.work().join(folder).join("same.ipynb"),
            &good_notebook(),
        );
    }
    assert_rejected(
        &sandbox,
        &["run", "a", "b", "--output-dir", "out"],
        &["a/same.ipynb", "b/same.ipynb"],
    );
}

#[test]
fn an_unwritable_target_is_rejected() {
    let sandbox = with("good.ipynb", &good_notebook().to_string());
    let work = sandbox.work();
    fs::create_dir(work.join("locked")).expect("a directory");
    notebook::write(&work.join("locked/good.ipynb"), &good_notebook());
    fs::write(work.join("file"), "").expect("a file");
    set_mode(&work.join("locked"), 0o555);
    set_mode(&work.join("good.ipynb"), 0o444);
    let as_others = |arguments: &[&str]| without_root(sandbox.threadbook().args(arguments));
    for (arguments, part) in [
        (
            ["run", "locked/good.ipynb", "--in-place"].as_slice(),
            "locked/good.ipynb",
        ),
        (&["run", "good.ipynb", "--in-place"], "good.ipynb"),
        (&["run", "good.ipynb", "--output-dir", "locked"], "locked"),
        (
            &["run", "good.ipynb", "--output-dir", "locked/new"],
            "locked/new",
        ),
        (&["run", "good.ipynb", "--html", "locked"], "locked"),
        (&["run", "good.ipynb", "--output-dir", "file"], "file"),
        (&["html", "good.ipynb", "--output-dir", "locked"], "locked"),
    ] {
        assert_command_rejected(&sandbox, &mut as_others(arguments), &["cannot write", part]);
    }
    set_mode(&work.join("locked"), 0o755);
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("permissions");
}

#[test]
fn invalid_arguments_are_rejected() {
    let sandbox = with("good.ipynb", &good_notebook().to_string());
    for arguments in [
        ["run"].as_slice(),
        &["no-such-command"],
        &["run", "good.ipynb", "--no-such-option"],
        &["run", "good.ipynb", "--timeout", "soon"],
        &["run", "good.ipynb", "--in-place", "--output-dir", "out"],
    ] {
        let before = contents(&sandbox.work());
        let ended = sandbox.run(arguments.iter().copied()).expect_code(2);
        assert!(
            ended.stderr.contains("Usage") || ended.stderr.contains("--help"),
            "{ended}"
        );
        assert_eq!(contents(&sandbox.work()), before);
    }
    assert_rejected(
        &sandbox,
        &["uninstall", "--prefix", "nowhere"],
        &["nowhere", "no kernelspec is installed"],
    );
}

#[test]
fn directories_that_cannot_be_written_to_are_named() {
    let sandbox = with(
        "a.ipynb",
        &serde_json::to_string(&good_notebook()).expect("JSON"),
    );
    // Nothing can be created below a file, not even by root.
    let file = sandbox.path("file");
    fs::write(&file, "").expect("a file");
    for (variable, advice) in [
        ("JUPYTER_RUNTIME_DIR", "set JUPYTER_RUNTIME_DIR"),
        ("XDG_CACHE_HOME", "set XDG_CACHE_HOME"),
    ] {
        let mut command = sandbox.threadbook();
        command
            .env(variable, &file)
            .args(["run", "a.ipynb", "--in-place"]);
        let ended = run::to_end(&mut command, BOUND).expect_code(1);
        let said = &ended.stderr;
        assert!(said.contains(&file.display().to_string()), "{ended}");
        assert!(said.contains(advice), "{ended}");
    }
}
