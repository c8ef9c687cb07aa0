//! Libraries are built once, and again when something differs.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use support::kernel::Kernel;
use support::tools::need;
use support::venv::Venv;

#[test]
fn crates_are_built_once() {
    let sandbox = Sandbox::with_fresh_cache();
    let lines = ":dep itoa = \"1\"\n:dep serde = { version = \"1\", features = [\"derive\"] }";
    let first = format!("{lines}\nitoa::Buffer::new().format(5).len()");
    let cells = execute(&sandbox, &[&first]);
    expect_results(&cells, &["1"]);
    let [library] = &libraries(sandbox.cache())[..] else {
        panic!("not one library")
    };
    let time = |path: &Path| {
        fs::metadata(path)
            .expect("a file")
            .modified()
            .expect("a time")
    };
    let built = time(&library.join("library.json"));
    // Cargo has no crates and no network.
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).expect("a directory");
    let cells = execute_by(
        sandbox
            .threadbook()
            .env("CARGO_HOME", &bin)
            .env("CARGO_NET_OFFLINE", "true"),
        &sandbox,
        &[
            &first,
            "#[derive(serde::Serialize, Debug)] struct Point { x: i32 }\nPoint { x: 1 }",
        ],
    );
    expect_results(&cells, &["1", "Point { x: 1 }"]);
    assert_eq!(cells[0].stream("stderr"), "");
    assert_eq!(time(&library.join("library.json")), built);
}

#[test]
fn crates_built_for_another_notebook_are_reused() {
    need!(python);
    let sandbox = Sandbox::with_fresh_cache();
    let serde = ":dep serde = { version = \"1\", features = [\"derive\"] }";
    execute(&sandbox, &[serde]);
    let path = write(
        &sandbox,
        "other",
        &[&format!("{serde}\n:dep itoa = \"1\"\n1")],
    );
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    let code = notebook::code_cells(&notebook::read(&path))[0].source();
    let built = kernel.execute(&code).ok();
    assert_eq!(built.result(), Some("1"));
    // A file that is compiled again has a new modification time.
    let [_, _] = &libraries(sandbox.cache())[..] else {
        panic!("not two libraries")
    };
    let artifact = |library: &Path| {
        let deps = fs::read_dir(library.join("target/release/deps")).expect("a directory");
        let mut files = deps.map(|entry| entry.expect("an entry").path());
        let file = files.find(|file| {
            let name = file.file_name().expect("a name").to_string_lossy();
            name.starts_with("libserde_derive-") && name.ends_with(".so")
        });
        fs::metadata(file.expect("a macro"))
            .expect("a file")
            .modified()
            .expect("a time")
    };
    let times: Vec<_> = libraries(sandbox.cache())
        .iter()
        .map(|library| artifact(library))
        .collect();
    assert_eq!(times[0], times[1]);
}

#[test]
fn two_kernels_build_the_same_crate_once() {
    let sandbox = Sandbox::with_fresh_cache();
    let source = ":dep fastrand = \"2\"\nfastrand::Rng::with_seed(1).u8(..1)";
    let paths = ["one", "two"].map(|name| write(&sandbox, name, &[source]));
    std::thread::scope(|scope| {
        for path in &paths {
            let sandbox = &sandbox;
            scope.spawn(move || {
                let mut run = sandbox.threadbook();
                run::to_end(run.arg("run").arg(path).arg("--in-place"), BOUND).expect_code(0);
            });
        }
    });
    for path in &paths {
        expect_results(&notebook::code_cells(&notebook::read(path)), &["0"]);
    }
    assert_eq!(libraries(sandbox.cache()).len(), 1);
}

#[test]
fn a_path_dependency_is_built_again_when_it_changes() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "growing", "pub fn version() -> u32 { 1 }\n");
    // The second cell changes the crate, as its author would in an editor.
    let change = "let kept = 7;\nstd::fs::write(\"growing/src/lib.rs\", \"pub fn version() -> u32 { 22 }\\n\").unwrap();";
    let cells = execute(
        &sandbox,
        &[
            ":dep growing = { path = \"growing\" }\ngrowing::version()",
            change,
            "growing::version()",
            "kept",
        ],
    );
    expect_results(&cells[..1], &["1"]);
    assert_eq!(
        cells[2].result().as_deref(),
        Some("22"),
        "{}",
        cells[2].shown()
    );
    assert!(
        cells[2].shown().contains("a local crate has changed"),
        "{}",
        cells[2].shown()
    );
    expect_error(&cells[3], &["`kept` of cell", "a local crate has changed"]);
}

#[test]
fn another_compiler_has_its_own_libraries() {
    let sandbox = Sandbox::with_fresh_cache();
    let sources = [":dep itoa = \"1\"\nitoa::Buffer::new().format(5)"];
    expect_results(&execute(&sandbox, &sources), &["\"5\""]);
    let programs = [another_compiler(&sandbox)].into_iter();
    let path = std::env::var_os("PATH").expect("a PATH");
    let path = std::env::join_paths(programs.chain(std::env::split_paths(&path)));
    let path = path.expect("a PATH");
    for _ in 0..2 {
        let mut threadbook = sandbox.threadbook();
        let cells = execute_by(threadbook.env("PATH", &path), &sandbox, &sources);
        expect_results(&cells, &["\"5\""]);
        assert_eq!(libraries(sandbox.cache()).len(), 2);
    }
    expect_results(&execute(&sandbox, &sources), &["\"5\""]);
    assert_eq!(libraries(sandbox.cache()).len(), 2);
}

/// Creates a `rustc` that differs from ours only in its commit; returns its directory.
fn another_compiler(sandbox: &Sandbox) -> PathBuf {
    let printed = Command::new("rustc").args(["--print", "sysroot"]).output();
    let real = String::from_utf8(printed.expect("rustc").stdout).expect("a path");
    let real = PathBuf::from(real.trim_end());
    let sysroot = sandbox.path("sysroot");
    fs::create_dir_all(sysroot.join("bin")).expect("a directory");
    symlink(real.join("lib"), sysroot.join("lib")).expect("a link");
    let rustc = real.join("bin/rustc");
    write_program(
        &sysroot.join("bin/rustc"),
        &format!(
            "if [ \"$*\" = -vV ]; then {0} -vV | sed 's/commit-hash: ..../commit-hash: 0000/'; else exec {0} \"$@\"; fi",
            rustc.display()
        ),
    );
    let programs = sandbox.path("programs");
    fs::create_dir(&programs).expect("a directory");
    let found = format!(
        "if [ \"$*\" = '--print sysroot' ]; then echo {}; else exec {} \"$@\"; fi",
        sysroot.display(),
        sysroot.join("bin/rustc").display()
    );
    write_program(&programs.join("rustc"), &found);
    programs
}

fn write_program(path: &Path, script: &str) {
    fs::write(path, format!("#!/bin/sh\n{script}\n")).expect("a program");
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[test]
fn fetched_crates_need_no_network_and_no_build() {
    let sandbox = Sandbox::with_fresh_cache();
    let path = write(
        &sandbox,
        "cells",
        &[
            "1",
            ":dep itoa = \"1\"\nitoa::Buffer::new().format(5)",
            ":dep fastrand = \"2\"\nitoa::Buffer::new().format(6)",
        ],
    );
    let ended = sandbox
        .run(["fetch".as_ref(), path.as_os_str()])
        .expect_code(0);
    assert!(ended.stdout.contains("itoa 1."), "{}", ended.stdout);
    assert_eq!(libraries(sandbox.cache()).len(), 2);
    let bin = sandbox.path("bin");
    fs::create_dir(&bin).expect("a directory");
    let mut threadbook = sandbox.threadbook();
    threadbook
        .env("CARGO_HOME", &bin)
        .env("CARGO_NET_OFFLINE", "true");
    run::to_end(threadbook.arg("run").arg(&path).arg("--in-place"), BOUND).expect_code(0);
    let cells = notebook::code_cells(&notebook::read(&path));
    expect_results(&cells, &["1", "\"5\"", "\"6\""]);
    assert_eq!(cells[1].stream("stderr"), "");
}

#[test]
fn the_size_of_the_libraries_is_limited_and_shown() {
    let sandbox = Sandbox::with_fresh_cache();
    let cells = execute(&sandbox, &[":dep itoa = \"1\"", ":cache"]);
    assert!(
        cells[1].shown().contains("Libraries of crates: 1,"),
        "{}",
        cells[1].shown()
    );
    // For another kernel the library is too large, and no kernel uses it.
    let mut threadbook = sandbox.threadbook();
    let cells = execute_by(
        threadbook.env("THREADBOOK_CRATES_SIZE", "1kB"),
        &sandbox,
        &[
            "loop { std::thread::sleep(std::time::Duration::from_millis(10)); let left = std::fs::read_dir(std::env::var(\"XDG_CACHE_HOME\").unwrap() + \"/threadbook\").unwrap().flatten().filter(|entry| entry.path().join(\"library.json\").exists()).count(); if left == 0 { break; } }",
        ],
    );
    expect_results(&cells, &[""]);
    assert_eq!(libraries(sandbox.cache()), [] as [PathBuf; 0]);
    let mut threadbook = sandbox.threadbook();
    let cells = execute_by(
        threadbook.env("THREADBOOK_CRATES_SIZE", "many"),
        &sandbox,
        &[":cache"],
    );
    expect_error(
        &cells[0],
        &["THREADBOOK_CRATES_SIZE=many is not a size", "500MB"],
    );
}
