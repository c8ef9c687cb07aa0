//! Builds that are killed, find a full disk or damaged files, or run with unusual settings.

use super::*;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant};

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
