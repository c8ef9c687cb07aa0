//! Runs the documented commands in a shell, in a copy of the project.
//!
//! `cargo run --release --` is replaced by the program that cargo has built for the test.

use super::{expect_none, pages, project};
use serde_json::json;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use support::run;
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::need;
use support::venv::Venv;
use support::{built, notebook, python};

/// A documented command that a test must not run.
struct NotRun {
    command: &'static str,
    #[expect(dead_code, reason = "documentation for readers")]
    why: &'static str,
    /// The project's files and directories that it needs.
    names: &'static [&'static str],
}

const NOT_RUN: &[NotRun] = &[
    NotRun {
        command: "curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y && . \"$HOME/.cargo/env\"",
        why: "it installs Rust",
        names: &[],
    },
    NotRun {
        command: "cargo test --release --no-fail-fast",
        why: "it runs this test",
        names: &["Cargo.toml"],
    },
    NotRun {
        command: "cargo build --release",
        why: "cargo has just done it; otherwise it would build for minutes",
        names: &["Cargo.toml"],
    },
    NotRun {
        command: "cargo install --path kernel",
        why: "it builds for minutes and changes the user's programs",
        names: &["kernel/Cargo.toml"],
    },
    NotRun {
        command: "cargo doc --package threadbook --no-deps --open",
        why: "it opens a browser",
        names: &["src/lib.rs"],
    },
    NotRun {
        command: "threadbook lab",
        why: "it serves until it is stopped and may install JupyterLab; other tests cover it",
        names: &["notebooks"],
    },
    NotRun {
        command: "jupyter lab notebooks",
        why: "it opens a browser, and the environment of the tests has no JupyterLab",
        names: &["notebooks"],
    },
    NotRun {
        command: "git pull",
        why: "it changes the sources",
        names: &[],
    },
    NotRun {
        command: "pip install threadbook-0.1.0-py3-none-manylinux_2_34_x86_64.whl",
        why: "tests/wheel.rs installs the wheel of this program",
        names: &[],
    },
    NotRun {
        command: "python3 packaging/make_wheel.py target/release/threadbook target/wheels",
        why: "tests/wheel.rs runs it with the program under test",
        names: &["packaging/make_wheel.py"],
    },
    NotRun {
        command: "threadbook prepare --system notebooks",
        why: "it changes the machine; tests/prepared.rs prepares another directory",
        names: &["notebooks"],
    },
    NotRun {
        command: "threadbook install --prefix /usr/local",
        why: "it changes the machine; other tests install below other directories",
        names: &[],
    },
];

#[test]
fn documented_commands_succeed() {
    need!(python);
    // Some commands run the notebooks, in which two threads must run in parallel.
    let sandbox = Sandbox::new();
    let folder = project(&sandbox);
    write_examples(&folder);
    // The last commands remove these.
    for removed in [".cache/threadbook", ".local/share/threadbook"] {
        fs::create_dir_all(sandbox.path("home").join(removed)).expect("a directory");
    }

    let mut problems = Vec::new();
    let mut done = BTreeSet::new();
    for command in commands() {
        if not_run(&command).is_some() || !done.insert(command.clone()) {
            continue;
        }
        let ended = run::to_end(shell(&sandbox, &folder).args(["-c", &command]), BOUND);
        if ended.code() != Some(0) {
            problems.push(format!("{command}: {ended}"));
        }
    }
    expect_none(&problems);

    let made = [
        "target/book/multithreading.html",
        "target/book/threads_and_processes.html",
        "target/pages/multithreading.html",
        "target/slides/multithreading.slides.html",
        "target/script/multithreading.rs",
        "target/grades.xml",
        "out/report.ipynb",
    ];
    for file in made {
        assert!(folder.join(file).is_file(), "{file} was not created");
    }
    for removed in [
        ".cache/threadbook",
        ".local/share/threadbook",
        ".local/share/jupyter/kernels/threadbook",
    ] {
        let path = sandbox.path("home").join(removed);
        assert!(!path.exists(), "{} still exists", path.display());
    }
}

/// Checks that the commands occur in a document, that their files exist, and that the program knows their options.
#[test]
fn commands_that_are_not_run_are_well_formed() {
    need!(python);
    let sandbox = Sandbox::new();
    let commands = commands();
    for NotRun { command, names, .. } in NOT_RUN {
        assert!(
            commands.iter().any(|found| found == command),
            "no document has `{command}`"
        );
        for name in *names {
            assert!(root().join(name).exists(), "`{command}` needs {name}");
        }
        let words: Vec<&str> = command.split(' ').collect();
        if ["cargo", "threadbook"].contains(&words[0]) {
            let help = format!("{} {} --help", words[0], words[1]);
            let help = run::to_end(shell(&sandbox, root().as_path()).args(["-c", &help]), BOUND);
            let help = help.expect_code(0).stdout;
            for option in words.iter().filter(|word| word.starts_with("--")) {
                assert!(help.contains(option), "`{command}`: no {option} in {help}");
            }
        }
    }
}

/// Returns all commands, in the order of the documents.
fn commands() -> Vec<String> {
    let pages = pages();
    let blocks = pages.iter().flat_map(|page| page.blocks_in("console"));
    let lines = blocks.flat_map(|block| block.text.lines());
    lines
        .map(|line| line.replace("cargo run --release --", "threadbook"))
        .collect()
}

fn not_run(command: &str) -> Option<&NotRun> {
    NOT_RUN.iter().find(|not_run| not_run.command == command)
}

/// Returns a command for a shell with `threadbook` and Jupyter's programs on its PATH.
fn shell(sandbox: &Sandbox, folder: &Path) -> Command {
    let programs = sandbox.path("programs");
    fs::create_dir_all(&programs).expect("a directory");
    let link = programs.join("threadbook");
    if !link.exists() {
        std::os::unix::fs::symlink(built::threadbook(), link).expect("a link");
    }
    let others = Venv::open().search_path();
    let folders = [programs].into_iter().chain(std::env::split_paths(&others));
    let mut shell = sandbox.command("/bin/sh");
    shell
        .current_dir(folder)
        .env("PATH", std::env::join_paths(folders).expect("a PATH"));
    shell
}

/// Writes the notebooks that the documents name but the project does not have.
fn write_examples(folder: &Path) {
    let mut original = python::of([("hello", "print('hello')")]);
    original["cells"][0]["outputs"] = json!([python::stream("stdout", "hello\n")]);
    original["cells"][0]["execution_count"] = json!(1);
    notebook::write(&folder.join("original.ipynb"), &original);

    let mut report = notebook::of([
        (
            "defaults",
            "let threads: usize = 2;\nlet name = \"nobody\";",
        ),
        ("use", "assert!(threads == 2 || name == \"Kim\");"),
    ]);
    report["cells"][0]["metadata"] = json!({ "tags": ["parameters"] });
    notebook::write(&folder.join("report.ipynb"), &report);

    let mut submission = notebook::of([
        ("work", "fn count() -> u32 { 500 }"),
        ("try", "println!(\"Final result: {}\", count());"),
    ]);
    let property = json!({ "lines": ["Final result: 500"] });
    submission["cells"][1]["metadata"] =
        json!({ "threadbook": { "class": "race", "property": property } });
    submission["cells"][1]["execution_count"] = json!(1);
    fs::create_dir(folder.join("submissions")).expect("a directory");
    notebook::write(&folder.join("submissions/kim.ipynb"), &submission);
}
