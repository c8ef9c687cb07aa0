//! The crates of a notebook: built once into one library that all cells, threads and processes use.

mod common;

use common::kernel::Kernel;
use common::notebook::{self, Cell};
use common::run;
use common::sandbox::{BOUND, Sandbox};
use common::tools::need;
use common::venv::Venv;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// Executes cells in a new kernel; returns them with their outputs.
fn execute(sandbox: &Sandbox, sources: &[&str]) -> Vec<Cell> {
    execute_by(&mut sandbox.threadbook(), sandbox, sources)
}

fn execute_by(threadbook: &mut Command, sandbox: &Sandbox, sources: &[&str]) -> Vec<Cell> {
    let path = write(sandbox, "cells", sources);
    let ended = run::to_end(
        threadbook
            .arg("run")
            .arg(&path)
            .args(["--in-place", "--allow-errors"]),
        BOUND,
    );
    assert!(matches!(ended.code(), Some(0 | 1)), "{ended:?}");
    notebook::code_cells(&notebook::read(&path))
}

fn write(sandbox: &Sandbox, name: &str, sources: &[&str]) -> PathBuf {
    let path = sandbox.work().join(format!("{name}.ipynb"));
    notebook::write(&path, &notebook::of_sources(sources));
    path
}

#[track_caller]
fn expect_results(cells: &[Cell], results: &[&str]) {
    for (cell, result) in cells.iter().zip(results) {
        assert!(
            cell.error().is_none(),
            "{}: {:?}",
            cell.source(),
            cell.error()
        );
        assert_eq!(
            cell.result().unwrap_or_default(),
            *result,
            "{}",
            cell.source()
        );
    }
    assert_eq!(cells.len(), results.len());
}

#[track_caller]
fn expect_error(cell: &Cell, parts: &[&str]) {
    let error = cell
        .error()
        .unwrap_or_else(|| panic!("no error: {}", cell.source()));
    let text = notebook::without_colours(&format!("{}\n{}", error.evalue, error.traceback));
    for part in parts {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    assert!(!text.contains("evcxr"), "{text}");
}

/// Writes a crate with this source into the work directory.
fn write_crate(sandbox: &Sandbox, name: &str, source: &str) {
    let folder = sandbox.work().join(name);
    fs::create_dir_all(folder.join("src")).expect("a directory");
    let manifest =
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n");
    fs::write(folder.join("Cargo.toml"), manifest).expect("a manifest");
    fs::write(folder.join("src/lib.rs"), source).expect("a source");
}

/// Returns the directories of the finished libraries of crates in the cache.
fn libraries(cache: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(cache.join("threadbook"))
        .into_iter()
        .flatten()
        .flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|entry| entry.path())
        .filter(|path| path.join("library.json").exists())
        .collect();
    found.sort();
    found
}

const COUNTER: &str = "use std::sync::atomic::{AtomicU32, Ordering::SeqCst};
static HITS: AtomicU32 = AtomicU32::new(0);
pub fn hit() -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
#[inline] pub fn hit_inline() -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
pub fn hit_generic<T>(_: T) -> u32 { HITS.fetch_add(1, SeqCst) + 1 }
";

#[test]
fn cells_and_threads_share_the_statics_of_a_crate() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "my-counter", COUNTER);
    let cells = execute(
        &sandbox,
        &[
            ":dep my-counter = { path = \"my-counter\" }\nmy_counter::hit()",
            "my_counter::hit_inline()",
            "let threads = [std::thread::spawn(my_counter::hit), std::thread::spawn(my_counter::hit_inline)];\n\
             threads.map(|thread| thread.join().unwrap()).iter().sum::<u32>()",
            "my_counter::hit_generic(\"a\") + my_counter::hit_generic(1)",
            ":dep itoa = \"1\"\nmy_counter::hit()",
        ],
    );
    expect_results(&cells, &["1", "2", "7", "11", "7"]);
}

#[test]
fn a_process_inherits_the_statics_of_its_parent() {
    let sandbox = Sandbox::new();
    write_crate(&sandbox, "my-counter", COUNTER);
    let setup = common::kernel::setup();
    let cells = execute(
        &sandbox,
        &[
            &setup,
            ":dep my-counter = { path = \"my-counter\" }\nmy_counter::hit()",
            "let mut process = Process::new(|| println!(\"{}\", my_counter::hit()));\nprocess.start();\nprocess.join();\nmy_counter::hit_inline()",
        ],
    );
    expect_results(&cells[1..], &["1", "2"]);
    assert_eq!(cells[2].stream("stdout"), "2\n");
}

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
fn a_build_shows_its_progress() {
    need!(python);
    let sandbox = Sandbox::with_fresh_cache();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    let built = kernel
        .execute(":dep itoa = \"1\"\nitoa::Buffer::new().format(5).len()")
        .ok();
    assert_eq!(built.result(), Some("1"));
    let shown = built.stream("stderr");
    assert!(
        shown.contains("Building crates, once: [") && shown.contains("] 1/"),
        "{shown}"
    );
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
fn variables_survive_the_addition_of_a_crate() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"\nlet mut buffer = itoa::Buffer::new();\nlet list = vec![1, 2];",
            ":dep fastrand = \"2\"\nfastrand::Rng::with_seed(1).u8(..1)",
            "buffer.format(list.len())",
        ],
    );
    expect_results(&cells, &["", "0", "\"2\""]);
}

#[test]
fn two_versions_of_a_crate_can_be_used() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"0.4\"\nlet mut text = Vec::new();\nitoa::write(&mut text, 12).unwrap();\ntext.len()",
            ":dep itoa = \"1\"\nitoa::Buffer::new().format(text.len())",
        ],
    );
    assert_eq!(cells[0].result().as_deref(), Some("2"));
    let second = cells[1].shown();
    assert!(
        second.contains("`itoa` is now requested as 1, before as 0.4"),
        "{second}"
    );
    assert!(cells[1].error().is_none(), "{}", cells[1].shown());
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"\n:dep old-itoa = { package = \"itoa\", version = \"0.4\" }\n\
           let mut text = Vec::new();\nold_itoa::write(&mut text, 12).unwrap();\nitoa::Buffer::new().format(text.len())",
        ],
    );
    expect_results(&cells, &["\"2\""]);
}

#[test]
fn lines_of_older_notebooks_are_accepted() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":sccache 1\n:dep itoa\n// A comment.\n:dep itoa = \"1\"",
            "itoa::Buffer::new().format(3)",
            "extern crate fastrand;\nfastrand::Rng::with_seed(1).u8(..1)",
            "let after = 1;\n:dep serde = { version = \"1\", default_features = false }",
            "after",
        ],
    );
    assert!(
        cells[0].shown().contains("`:sccache` is not needed here"),
        "{}",
        cells[0].shown()
    );
    expect_results(&cells[1..], &["\"3\"", "0", "", "1"]);
}

#[test]
fn errors_about_crates_are_short_and_do_not_affect_other_cells() {
    let sandbox = Sandbox::new();
    write_crate(
        &sandbox,
        "broken",
        "fn unused() {}\npub fn text() -> String { 5 }\n",
    );
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"",
            ":dep no-such-crate-as-this = \"1\"",
            ":dep itoa = \"99\"",
            ":dep itoa = { version = \"1\", features = [\"none\"] }",
            ":dep broken = { path = \"broken\" }",
            ":dep gone = { path = \"../gone\" }",
            ":dep = \"1\"",
            "itoa::Buffer::new().format(1 + 1)",
        ],
    );
    expect_error(
        &cells[1],
        &["no matching package named `no-such-crate-as-this`"],
    );
    expect_error(&cells[2], &["itoa", "^99", "1."]);
    expect_error(
        &cells[3],
        &["the notebook depends on `itoa` with feature `none`"],
    );
    expect_error(&cells[4], &["E0308", "src/lib.rs:2", "build.log"]);
    expect_error(&cells[5], &["cannot find the crate `gone`", "Cargo.toml"]);
    expect_error(&cells[6], &["is not a crate name"]);
    expect_results(&cells[7..], &["\"2\""]);
    for cell in &cells[1..7] {
        let lines = cell.error().expect("an error").evalue.lines().count();
        assert!(lines <= 20, "{lines} lines: {}", cell.source());
    }
}

#[test]
fn a_crate_with_c_code_has_its_state_once() {
    let sandbox = Sandbox::new();
    write_crate(
        &sandbox,
        "with-c",
        "unsafe extern \"C\" { fn counted(n: i32) -> i32; }\n\
         pub fn count(n: i32) -> i32 { unsafe { counted(n) } }\n\
         #[inline] pub fn count_inline(n: i32) -> i32 { unsafe { counted(n) } }\n",
    );
    let folder = sandbox.work().join("with-c");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).expect("a manifest");
    fs::write(
        folder.join("Cargo.toml"),
        manifest + "[build-dependencies]\ncc = \"1\"\n",
    )
    .expect("a manifest");
    fs::write(
        folder.join("build.rs"),
        "fn main() { cc::Build::new().file(\"count.c\").compile(\"count\"); }",
    )
    .expect("a script");
    fs::write(
        folder.join("count.c"),
        "static int sum; int counted(int n) { return sum += n; }",
    )
    .expect("C");
    let cells = execute(
        &sandbox,
        &[
            ":dep with-c = { path = \"with-c\" }\nwith_c::count(2)",
            "with_c::count_inline(3)",
        ],
    );
    expect_results(&cells, &["2", "5"]);
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
fn a_damaged_library_is_built_again() {
    let sandbox = Sandbox::with_fresh_cache();
    let source = ":dep itoa = \"1\"\nitoa::Buffer::new().format(5)";
    expect_results(&execute(&sandbox, &[source]), &["\"5\""]);
    let [library] = &libraries(sandbox.cache())[..] else {
        panic!("not one library")
    };
    for damage in ["library.json", "Cargo.lock"] {
        fs::write(library.join(damage), "").expect("damage");
        expect_results(&execute(&sandbox, &[source]), &["\"5\""]);
    }
    fs::remove_dir_all(library.join("target")).expect("damage");
    expect_results(&execute(&sandbox, &[source]), &["\"5\""]);
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

#[test]
fn a_killed_build_is_repeated() {
    let sandbox = Sandbox::with_fresh_cache();
    let source = ":dep serde = { version = \"1\", features = [\"derive\"] }\n1";
    let path = write(&sandbox, "killed", &[source]);
    let mut run = sandbox.threadbook();
    let mut run = run
        .arg("run")
        .arg(&path)
        .spawn()
        .expect("threadbook starts");
    let is_building = || {
        let entries = fs::read_dir(sandbox.cache().join("threadbook"));
        let mut entries = entries.into_iter().flatten().flatten();
        entries.any(|entry| {
            let progress = fs::read_to_string(entry.path().join("progress"));
            progress.is_ok_and(|line| line.contains("Building crates"))
        })
    };
    let begin = Instant::now();
    while !is_building() {
        assert!(begin.elapsed() < BOUND, "the build does not start");
        std::thread::sleep(Duration::from_millis(10));
    }
    // Cargo, which has its own temporary directory, continues for a while.
    for process in sandbox.processes() {
        // SAFETY: kill has no memory effects, and the process has just been seen to be of this sandbox.
        unsafe { libc::kill(process.id.cast_signed(), libc::SIGKILL) };
    }
    run.wait().expect("threadbook exits");
    assert_eq!(libraries(sandbox.cache()), [] as [PathBuf; 0]);
    expect_results(&execute(&sandbox, &[source]), &["1"]);
}

#[test]
fn directories_may_have_spaces_and_quotes_in_their_names() {
    let sandbox = Sandbox::new();
    let [home, cache] = ["my home", "my own 'cache' \"é\""].map(|name| sandbox.path(name));
    fs::create_dir(&home).expect("a directory");
    let mut threadbook = sandbox.threadbook();
    threadbook.env("HOME", &home).env("XDG_CACHE_HOME", &cache);
    let sources = [
        ":dep itoa = \"1\"\nlet n = 5;",
        "itoa::Buffer::new().format(n)",
        "let thread = std::thread::spawn(move || n + 1);\nthread.join().unwrap()",
    ];
    let cells = execute_by(&mut threadbook, &sandbox, &sources);
    expect_results(&cells, &["", "\"5\"", "6"]);
}

/// Limits the size of files: any real build sees a full disk.
const LIMIT_FILE_SIZE: &str = "trap '' XFSZ; ulimit -f 1000; exec \"$0\" \"$@\"";

#[test]
fn a_full_disk_is_reported_and_leaves_nothing_broken() {
    let sandbox = Sandbox::with_fresh_cache();
    // Builds what all cells need.
    expect_results(&execute(&sandbox, &["1 + 1"]), &["2"]);
    let sources = [
        ":dep serde = { version = \"1\", features = [\"derive\"] }\n1",
        "2 + 2",
    ];
    let mut limited = sandbox.command("sh");
    limited
        .args(["-c", LIMIT_FILE_SIZE])
        .arg(sandbox.threadbook().get_program());
    let cells = execute_by(&mut limited, &sandbox, &sources);
    expect_error(
        &cells[0],
        &["cannot build the crates", "error", "build.log"],
    );
    let error = format!("{:?}", cells[0].error());
    assert!(error.len() < 10_000, "{} bytes: {error}", error.len());
    assert_eq!(cells[1].result(), Some("4".to_owned()));
    assert_eq!(libraries(sandbox.cache()), [] as [PathBuf; 0]);
    expect_results(&execute(&sandbox, &sources), &["1", "4"]);
}

#[test]
fn files_of_another_user_are_not_used() {
    use std::os::unix::fs::{MetadataExt, chown};
    let sandbox = Sandbox::with_fresh_cache();
    let cache = sandbox.cache().join("threadbook");
    let path = write(&sandbox, "foreign", &["1 + 1"]);
    fs::create_dir_all(sandbox.cache()).expect("a directory");
    let is_root = fs::metadata(sandbox.cache()).expect("the directory").uid() == 0;
    // Only root can change a directory's owner. For other users, a directory of root's belongs to another user.
    if is_root {
        fs::create_dir(&cache).expect("a directory");
        chown(&cache, Some(54321), None).expect("another owner");
    } else {
        symlink("/usr", &cache).expect("a link");
    }
    let ended = run::to_end(sandbox.threadbook().arg("run").arg(&path), BOUND);
    assert_ne!(ended.code(), Some(0));
    assert!(ended.stderr.contains("belongs to another user"), "{ended}");
    assert!(ended.stderr.contains("set XDG_CACHE_HOME"), "{ended}");
    if is_root {
        chown(&cache, Some(0), None).expect("its owner");
        fs::set_permissions(&cache, fs::Permissions::from_mode(0o777)).expect("for all");
        let planted = cache.join("crates-0123456789abcdef");
        fs::create_dir(&planted).expect("a directory");
        chown(&planted, Some(54321), None).expect("another owner");
        expect_results(&execute(&sandbox, &["1 + 1"]), &["2"]);
        assert!(!planted.exists());
        let mode = fs::metadata(&cache).expect("the directory").mode();
        assert_eq!(mode & 0o777, 0o700);
    }
}

#[test]
fn the_users_cargo_settings_do_no_harm() {
    let sandbox = Sandbox::with_fresh_cache();
    let config = sandbox.path(".cargo");
    fs::create_dir(&config).expect("a directory");
    fs::write(
        config.join("config.toml"),
        "[build]\nrustflags = [\"-Cpanic=abort\"]\nrustc-wrapper = \"/no/such/wrapper\"\n[profile.release]\npanic = \"abort\"\nlto = true\n",
    )
    .expect("a configuration");
    let source = ":dep itoa = \"1\"\nitoa::Buffer::new().format(5)";
    let mut threadbook = sandbox.threadbook();
    threadbook
        .env("CARGO_BUILD_TARGET", "wasm32-unknown-unknown")
        .env("RUSTFLAGS", "-Cpanic=abort")
        .env("CARGO_PROFILE_RELEASE_LTO", "true");
    expect_results(
        &execute_by(&mut threadbook, &sandbox, &[source]),
        &["\"5\""],
    );
    expect_results(&execute(&sandbox, &[source]), &["\"5\""]);
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

#[test]
fn all_cells_share_one_tokio_runtime() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep tokio = { version = \"1\", features = [\"full\"] }\nuse std::time::Duration;\n\
             let (sender, mut receiver) = tokio::sync::mpsc::channel::<u32>(10);\n\
             let task = tokio::spawn(async move { for n in 0..3 { tokio::time::sleep(Duration::from_millis(5)).await; sender.send(n).await.unwrap(); } \"done\" });",
            "receiver.recv().await",
            "println!(\"{:?} {:?}\", receiver.recv().await, receiver.recv().await);\ntask.await.unwrap()",
            "let (a, b) = tokio::join!(async { 1 }, async { 2 });\na + b",
            "fn spawn() -> tokio::task::JoinHandle<u8> { tokio::spawn(async { 9 }) }\nlet other = spawn();",
            "other.await.unwrap()",
        ],
    );
    expect_results(&cells, &["", "Some(0)", "\"done\"", "3", "", "9"]);
    assert_eq!(cells[2].stream("stdout"), "Some(1) Some(2)\n");
}

#[test]
fn a_tasks_output_belongs_to_the_cell_that_spawned_it() {
    need!(python);
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    kernel
        .execute(":dep tokio = { version = \"1\", features = [\"full\"] }\nuse std::sync::Arc;\nuse tokio::sync::Notify;")
        .ok();
    let spawn = |name: &str| {
        format!(
            "let go_{name} = Arc::new(Notify::new());\nlet task_{name} = tokio::spawn({{\n    let go = go_{name}.clone();\n    async move {{\n        \
             for step in 0..3 {{\n            go.notified().await;\n            println!(\"{name} {{step}}\");\n        }}\n    }}\n}});"
        )
    };
    let tasks = ["a", "b"].map(|name| {
        let request = kernel.begin(&spawn(name));
        kernel.finish(&request, BOUND).ok();
        request
    });
    for step in 0..3 {
        let cell = kernel.execute("go_a.notify_one();\ngo_b.notify_one();\nprintln!(\"go\");");
        assert_eq!(cell.ok().stream("stdout"), "go\n");
        for (name, request) in ["a", "b"].iter().zip(&tasks) {
            kernel.until_shown(request, &format!("{name} {step}\n"));
        }
    }
    // What the last cell itself spawns belongs to it.
    let last = kernel.execute("task_a.await.unwrap();\ntask_b.await.unwrap();\ntokio::spawn(async { println!(\"mine\") }).await.unwrap();");
    assert_eq!(last.ok().stream("stdout"), "mine\n");
    for (name, request) in ["a", "b"].iter().zip(&tasks) {
        let all = kernel.finish(request, BOUND).stream("stdout");
        assert_eq!(all, format!("{name} 0\n{name} 1\n{name} 2\n"));
    }
}

#[test]
fn charts_and_pictures_are_shown() {
    let sandbox = Sandbox::new();
    let chart = "evcxr_figure((320, 240), |root| {\n    let mut chart = ChartBuilder::on(&root).build_cartesian_2d(0f32..1f32, 0f32..1f32)?;\n    \
                 chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], &RED))?;\n    Ok(())\n})";
    let cells = execute(
        &sandbox,
        &[
            &format!(
                ":dep plotters = {{ version = \"0.3\", default_features = false, features = [\"evcxr\", \"svg_backend\", \"line_series\"] }}\n\
                 :dep image = {{ version = \"0.25\", default-features = false, features = [\"png\"] }}\n{}\nuse plotters::prelude::*;",
                common::kernel::setup()
            ),
            chart,
            &format!("let shown = display({chart});"),
            "let mut picture = image::RgbImage::new(8, 4);\npicture.put_pixel(1, 2, image::Rgb([255, 0, 0]));\nlet first = display(&picture);",
            "let gray: image::DynamicImage = image::DynamicImage::ImageRgb8(picture).grayscale();\nlet second = display(&gray);\ndisplay(gray.to_rgb32f());",
            "first.update(&gray);\ndisplay(\"plain\");",
        ],
    );
    for cell in &cells {
        assert!(cell.error().is_none(), "{:?}", cell.error());
    }
    for cell in &cells[1..3] {
        let shown = format!("{:?}", cell.outputs());
        assert!(
            shown.contains("<svg") && shown.contains("polyline"),
            "{shown}"
        );
    }
    for (cell, pictures) in [(&cells[3], 1), (&cells[4], 2)] {
        let shown = format!("{:?}", cell.outputs());
        // The first bytes of a PNG in base64.
        assert_eq!(shown.matches("iVBORw0KGgo").count(), pictures, "{shown}");
        assert!(shown.contains("<image, 8 × 4>"), "{shown}");
    }
}

#[test]
fn cells_share_crates_with_the_helper() {
    let sandbox = Sandbox::new();
    let first = format!(":dep rayon = \"1\"\n{}", common::kernel::setup());
    let cells = execute(
        &sandbox,
        &[
            &first,
            "rayon::ThreadPoolBuilder::new().num_threads(3).build_global().unwrap();\nthreadbook::rayon::current_num_threads()",
            "let pool: threadbook::rayon::ThreadPool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();\npool.current_num_threads()",
        ],
    );
    expect_results(&cells, &["", "3", "2"]);
}

#[test]
fn a_run_names_the_crates_that_it_builds() {
    let sandbox = Sandbox::with_fresh_cache();
    let path = write(
        &sandbox,
        "cells",
        &["1", ":dep itoa = \"1\"\nitoa::Buffer::new().format(5)"],
    );
    let run = || {
        sandbox
            .run(["run".as_ref(), path.as_os_str()])
            .expect_code(0)
    };
    let first = run();
    assert!(
        first
            .stderr
            .contains("building crates first: itoa (`threadbook fetch "),
        "{}",
        first.stderr
    );
    assert!(
        first.stderr.contains("threadbook fetch"),
        "{}",
        first.stderr
    );
    let second = run();
    assert!(
        !second.stderr.contains("building crates"),
        "{}",
        second.stderr
    );
}
