//! The prebuilt helper crate, and the directories that the program writes to.

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use support::notebook;
use support::project;
use support::run::{self, Ended};
use support::sandbox::{BOUND, Sandbox, root};

/// Creates a project with a copy of the helper crate. Returns the path of its notebook, which evaluates `expression`.
fn project_with_copy(sandbox: &Sandbox, expression: &str) -> PathBuf {
    let folder = sandbox.path("project");
    let notebooks = project::mirror(&folder);
    fs::remove_file(folder.join("src")).expect("a link");
    copy(&root().join("src"), &folder.join("src"));
    let path = notebooks.join("copy.ipynb");
    let setup = ":dep threadbook = { path = \"..\" }\nuse threadbook::prelude::*;";
    notebook::write(
        &path,
        &notebook::of([("setup", setup), ("asked", expression)]),
    );
    path
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).expect("a directory");
    for entry in fs::read_dir(from).expect("a directory") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

fn run_in_place(sandbox: &Sandbox, path: &Path) -> Ended {
    run::to_end(
        sandbox.threadbook().arg("run").arg(path).arg("--in-place"),
        BOUND,
    )
}

/// Returns the helper libraries in the cache with their modification times.
fn libraries(sandbox: &Sandbox) -> BTreeMap<PathBuf, SystemTime> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(sandbox.cache().join("threadbook"))
        .into_iter()
        .flatten()
        .flatten()
    {
        let library = release(&entry.path()).join("libthreadbook.so");
        if let Ok(metadata) = library.metadata() {
            found.insert(library, metadata.modified().expect("a time"));
        }
    }
    found
}

/// Returns the directory with the libraries that cargo built for this machine.
fn release(folder: &Path) -> PathBuf {
    let target = folder.join("target");
    let mut hosts = fs::read_dir(&target).into_iter().flatten().flatten();
    let has_library = |host: &fs::DirEntry| host.path().join("release/libthreadbook.so").exists();
    let host = hosts.find(has_library).map(|host| host.path());
    host.unwrap_or(target).join("release")
}

#[test]
fn a_changed_helper_crate_is_rebuilt() {
    let sandbox = Sandbox::with_another_helper();
    let path = project_with_copy(
        &sandbox,
        "println!(\"{}\", threadbook::added_by_the_test());",
    );
    // The function does not exist yet.
    run_in_place(&sandbox, &path).expect_code(1);
    let error = notebook::cell(&notebook::read(&path), "asked")
        .error()
        .expect("an error");
    assert!(error.evalue.contains("added_by_the_test"), "{error:?}");
    let first = libraries(&sandbox);
    assert_eq!(first.len(), 2);

    let library = sandbox.path("project/src/lib.rs");
    let source = fs::read_to_string(&library).expect("a source");
    let added = "\n/// Only here.\npub fn added_by_the_test() -> u32 {\n    42\n}\n";
    fs::write(&library, source + added).expect("a source");
    for _ in 0..2 {
        run_in_place(&sandbox, &path).expect_code(0);
        assert_eq!(
            notebook::cell(&notebook::read(&path), "asked").stream("stdout"),
            "42\n"
        );
    }
    // The change added one library, built once; the earlier ones are untouched.
    let second = libraries(&sandbox);
    assert_eq!(second.len(), 3);
    assert!(
        first
            .iter()
            .all(|(library, time)| second.get(library) == Some(time))
    );
    sandbox.expect_nothing_left();
}

#[test]
fn a_helper_crate_that_does_not_compile_reports_the_error() {
    let sandbox = Sandbox::with_another_helper();
    let path = project_with_copy(&sandbox, "1 + 1");
    let library = sandbox.path("project/src/lib.rs");
    let source = fs::read_to_string(&library).expect("a source");
    fs::write(
        &library,
        format!("{source}\nfn broken() -> u32 {{ \"no number\" }}\n"),
    )
    .expect("a source");
    run_in_place(&sandbox, &path).expect_code(1);
    let error = notebook::cell(&notebook::read(&path), "setup")
        .error()
        .expect("an error");
    assert!(
        error.evalue.contains("cannot build the helper crate"),
        "{error:?}"
    );
    assert!(error.traceback.contains("mismatched types"), "{error:?}");

    // Once fixed, it builds.
    fs::write(&library, source).expect("a source");
    run_in_place(&sandbox, &path).expect_code(0);
    assert_eq!(
        notebook::cell(&notebook::read(&path), "asked")
            .result()
            .as_deref(),
        Some("2")
    );
}

#[test]
fn concurrent_runs_build_the_helper_crate_once() {
    let sandbox = Sandbox::with_another_helper();
    let results = std::thread::scope(|scope| {
        let runs = ["first", "second"].map(|name| {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let out = sandbox.path(name);
                let mut command = sandbox.threadbook();
                // Other cells write files, and both runs would write them at the same time.
                command
                    .arg("run")
                    .arg(project::notebook_path(project::NOTEBOOKS[1]))
                    .args(["--only", "setup,B21"]);
                run::to_end(command.arg("--output-dir").arg(&out), BOUND).expect_code(0);
                out
            })
        });
        runs.map(|run| run.join().expect("a run"))
    });
    assert_eq!(libraries(&sandbox).len(), 2);
    for out in results {
        let executed = notebook::read(&out.join(project::NOTEBOOKS[1]));
        // The messages about the build have been cleared.
        assert_eq!(
            notebook::cell(&executed, "setup").outputs(),
            [] as [Value; 0]
        );
        assert_eq!(
            notebook::cell(&executed, "B21").stream("stdout"),
            "[1, 4, 9, 16, 25]\n"
        );
    }
    sandbox.expect_nothing_left();
}

#[test]
fn two_kernels_share_no_state() {
    let sandbox = Sandbox::new();
    let numbers = [1, 2].map(|number| {
        let path = sandbox.work().join(format!("{number}.ipynb"));
        // Each waits for the other between its cells, so both run at once.
        let meet = "std::fs::write(format!(\"met-{number}\"), \"\").unwrap();\n\
                    while !std::path::Path::new(&format!(\"met-{}\", 3 - number)).exists() { std::thread::yield_now(); }";
        let cells = [
            ("number", format!("let number = {number};")),
            ("meet", meet.to_owned()),
            ("again", "println!(\"{number}\");".to_owned()),
        ];
        notebook::write(&path, &notebook::of(cells.iter().map(|(id, code)| (*id, code.as_str()))));
        (number, path)
    });
    std::thread::scope(|scope| {
        for (number, path) in &numbers {
            let sandbox = &sandbox;
            scope.spawn(move || {
                run_in_place(sandbox, path).expect_code(0);
                let shown = notebook::cell(&notebook::read(path), "again").stream("stdout");
                assert_eq!(shown, format!("{number}\n"));
            });
        }
    });
    sandbox.expect_nothing_left();
}

/// Returns the paths below a directory, except those in `except`, with their lengths and modification times.
fn files(folder: &Path, except: &[PathBuf]) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let metadata = path.symlink_metadata().expect("an entry");
        if except.contains(&path) {
            continue;
        }
        if metadata.is_dir() {
            found.extend(files(&path, except));
        }
        found.insert(path, (metadata.len(), metadata.modified().expect("a time")));
    }
    found
}

#[test]
fn nothing_is_written_outside_the_cache_and_the_output_directory() {
    let sandbox = Sandbox::with_another_helper();
    // The lessons write files next to their notebooks, as they did in the course, so copies are run here.
    let notebooks = project::mirror_with_notebooks(&sandbox.path("project"));
    let own = [root().join("target"), root().join(".git")];
    let project_before = files(&root(), &own);
    let out = sandbox.path("out");
    let mut command = sandbox.threadbook();
    command.arg("run").arg(&notebooks);
    run::to_end(command.arg("--output-dir").arg(&out), BOUND).expect_code(0);
    let project_after = files(&root(), &own);
    let changed = |path: &&PathBuf| project_before.get(*path) != project_after.get(*path);
    let paths: Vec<_> = project_before
        .keys()
        .chain(project_after.keys())
        .filter(changed)
        .collect();
    assert!(paths.is_empty(), "{paths:#?}");
    for folder in ["tmp", "work"] {
        let found = files(&sandbox.path(folder), &[]);
        assert!(found.is_empty(), "{:#?}", found.keys());
    }
    // Jupyter's directory for connection files, which are removed with their kernels.
    expect_only(
        &sandbox.path("home"),
        &sandbox.path("home/.local/share/jupyter/runtime"),
    );
    assert_eq!(
        files(&sandbox.path("home/.local/share/jupyter/runtime"), &[]).len(),
        0
    );
    let written: Vec<_> = files(&out, &[]).into_keys().collect();
    assert_eq!(written, project::NOTEBOOKS.map(|name| out.join(name)));
    let cached: Vec<_> = fs::read_dir(sandbox.cache())
        .expect("the cache")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(cached, ["threadbook"]);

    // Installing writes to Jupyter's directory.
    sandbox.run(["install", "--user"]).expect_code(0);
    let jupyter = sandbox.path("home/.local/share/jupyter");
    expect_only(&sandbox.path("home"), &jupyter);
    assert!(jupyter.join("kernels/threadbook/kernel.json").exists());
}

/// Panics if a directory contains anything but `wanted`, its contents and its parent directories.
#[track_caller]
fn expect_only(folder: &Path, wanted: &Path) {
    let found = files(folder, &[]);
    let elsewhere = found
        .keys()
        .filter(|path| !path.starts_with(wanted) && !wanted.starts_with(path));
    assert_eq!(elsewhere.collect::<Vec<_>>(), [] as [&PathBuf; 0]);
}
