//! What an administrator prepares for all users of a machine.

use super::*;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::time::{Duration, Instant, SystemTime};
use support::completion::{complete, inspect, matches, process_with, warm_up};
use support::kernel::Kernel;
use support::process::{cpu_time, memory};
use support::tools::need;
use support::venv::Venv;

/// How long the completion process computes until it has answered the first Tab. On an idle machine that takes as long.
const FIRST_TAB: Duration = Duration::from_secs(2);

/// In megabytes.
const COMPLETION_MEMORY: u64 = 150;

#[test]
fn what_is_prepared_is_built_by_nobody_else() {
    need!(python, rust_src);
    let sandbox = Sandbox::with_another_helper();
    // Most of the helper's dependencies are compiled there.
    let shared = sandbox
        .cache()
        .join("threadbook")
        .canonicalize()
        .expect("a directory");
    let sources = [
        ":dep itoa = \"1\"\nuse threadbook::prelude::*;",
        "let text = itoa::Buffer::new().format(7).to_owned();\nrepr(&text)",
        "requests::get(\"https://example.com\").unwrap().status_code()",
    ];
    let lesson = write(&sandbox, "lesson", &sources);
    let mut prepare = sandbox.threadbook();
    prepare
        .arg("prepare")
        .arg("--dir")
        .arg(&shared)
        .arg(&lesson)
        // Else that directory is this user's own.
        .env("XDG_CACHE_HOME", sandbox.path("own-cache"));
    let ended = run::to_end(&mut prepare, 2 * BOUND).expect_code(0);
    let hint = format!("set THREADBOOK_SHARED_CACHE={}", shared.display());
    assert!(ended.stdout.contains(&hint), "{ended}");
    assert_eq!(doctor(&sandbox, &shared)["ok"], true);
    for (path, _) in files(&shared)
        .iter()
        .filter(|(path, _)| !path.to_string_lossy().contains("helper-of"))
    {
        let mode = path.symlink_metadata().expect("a file").mode();
        assert_eq!(mode & 0o022, 0, "{} is writable by others", path.display());
        assert_eq!(mode & 0o444, 0o444, "{} is not readable", path.display());
    }

    // A user whose home directory cannot be written to, and who has no network.
    let home = sandbox.path("no-home");
    fs::write(&home, "").expect("a file");
    let before = files(&shared);
    let copy = write(&sandbox, "homework/kim", &sources);
    let mut threadbook = sandbox.threadbook();
    threadbook
        .env("THREADBOOK_SHARED_CACHE", &shared)
        .env("HOME", &home)
        .env("JUPYTER_RUNTIME_DIR", sandbox.path("runtime"))
        .env("CARGO_NET_OFFLINE", "true")
        .env_remove("XDG_CACHE_HOME");
    let ended = run_in_place(&mut threadbook, &copy).expect_code(0);
    let executed = notebook::read(&copy);
    expect_result(&notebook::cell(&executed, "cell2"), "\"'7'\"");
    expect_result(&notebook::cell(&executed, "cell3"), "200");
    for line in ended
        .stdout
        .lines()
        .filter(|line| line.trim_start().starts_with("cell") && !line.contains("rustc"))
    {
        let calls = line.split_whitespace().nth_back(1);
        assert_eq!(calls, Some("0"), "calls of rustc: {ended}");
    }
    let after = files(&shared);
    let has_changed = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let changed: Vec<_> = before
        .keys()
        .chain(after.keys())
        .filter(has_changed)
        .collect();
    assert!(changed.is_empty(), "{changed:#?}");
    let left = sandbox.left_in_tmp();
    assert!(
        left.iter()
            .all(|name| name.starts_with("threadbook-cache-")),
        "{left:?}"
    );
    let own: Vec<_> = left
        .iter()
        .flat_map(|name| files(&sandbox.path("tmp").join(name)))
        .collect();
    let size: u64 = own.iter().map(|(_, (length, _))| length).sum();
    assert!(size < 1_000_000, "{own:?}");

    expect_light_completion(&sandbox, &shared);
    expect_full_completion(&sandbox, &shared);

    // Moved, it is not used, and the doctor says so.
    let moved = sandbox.path("moved");
    fs::rename(&shared, &moved).expect("the directory moves");
    let finding = doctor(&sandbox, &moved);
    assert!(
        finding["detail"].to_string().contains("was prepared as"),
        "{finding}"
    );
    fs::rename(&moved, &shared).expect("it moves back");

    // Nor is it used if somebody else owns it, which only root can arrange.
    if chown(&shared, Some(4711), None).is_ok() {
        let finding = doctor(&sandbox, &shared);
        assert!(
            finding["detail"]
                .to_string()
                .contains("belongs to another user"),
            "{finding}"
        );
    }
}

/// Returns the files below a directory with their lengths and times.
fn files(folder: &Path) -> BTreeMap<PathBuf, (u64, SystemTime)> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir(folder).expect("a directory").flatten() {
        let about = entry.metadata().expect("an entry");
        if about.is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.insert(
                entry.path(),
                (about.len(), about.modified().expect("a time")),
            );
        }
    }
    found
}

/// Returns what the doctor says about the shared cache.
fn doctor(sandbox: &Sandbox, shared: &Path) -> Value {
    let mut command = sandbox.threadbook();
    command
        .args(["doctor", "--json"])
        .env("THREADBOOK_SHARED_CACHE", shared);
    let ended = run::to_end(&mut command, BOUND);
    let report: Value = serde_json::from_str(&ended.stdout).expect("a report");
    let mut findings = report["findings"].as_array().expect("findings").iter();
    let finding = findings.find(|finding| finding["name"] == "shared cache");
    finding.expect("a finding").clone()
}

/// Starts a kernel that uses the shared cache.
fn prepared_kernel(sandbox: &Sandbox, shared: &Path, completion: &str) -> Kernel {
    let own = sandbox.path("own-cache");
    let [shared, own] = [shared, &own].map(|path| path.to_str().expect("a path in UTF-8"));
    let environment = [
        ("THREADBOOK_SHARED_CACHE", shared),
        ("THREADBOOK_COMPLETION", completion),
        ("XDG_CACHE_HOME", own),
    ];
    let mut kernel = Kernel::start_with(&Venv::open(), sandbox, &environment);
    kernel.execute("use threadbook::prelude::*;").ok();
    let variables = "let numbers = vec![1, 2, 3]; let word = \"word\"; let found = Some(1u8);";
    kernel.execute(variables).ok();
    kernel
}

/// Completes until the answers are full, and checks how long that takes. Returns how long the user has waited.
#[track_caller]
fn first_tab(sandbox: &Sandbox, kernel: &mut Kernel) -> Duration {
    let waited = warm_up(kernel);
    let computed = cpu_time(process_with(sandbox, "completion").id);
    assert!(computed < FIRST_TAB, "{computed:?} in {waited:?}");
    waited
}

/// Checks how long the first Tab takes on a prepared machine, with which answers, and how much memory.
#[track_caller]
fn expect_light_completion(sandbox: &Sandbox, shared: &Path) {
    let mut kernel = prepared_kernel(sandbox, shared, "light");
    let first = first_tab(sandbox, &mut kernel);
    for (code, wanted) in [
        ("numbers.pu^", "push"),
        ("numbers.iter().map(|n| n + 1).filt^", "filter"),
        ("word.to_upp^", "to_uppercase"),
        ("found.unwrap_or^", "unwrap_or_default"),
        ("let text = format!(\"{}\", 1); text.char^", "chars"),
        ("std::sync::mp^", "mpsc"),
        ("use std::coll^", "collections"),
        ("use std::sync::Mutex; Mutex::n^", "new"),
        ("thread_local! { static X: u8 = 1 } X.wi^", "with"),
        ("Process::n^", "new"),
        ("let q: Queue<u8> = Queue::new(); q.pu^", "put"),
        ("let s = Semaphore::new(1); s.get_val^", "value"),
        (
            "use threadbook::rayon::prelude::*; numbers.par_it^",
            "par_iter",
        ),
    ] {
        let reply = complete(&mut kernel, code);
        assert!(matches(&reply).contains(&wanted), "{code}: {reply}");
    }
    for (code, wanted) in [
        ("numbers.push^", "Appends an element"),
        ("Process::new^", "Creates a process named"),
        ("wh^ile", "loop"),
    ] {
        let text = inspect(&mut kernel, code, 1)["data"]["text/plain"].to_string();
        assert!(text.contains(wanted), "{code}: {text}");
        assert!(!text.contains("{}"), "a function without its body: {text}");
    }
    let memory = memory(process_with(sandbox, "completion").id);
    eprintln!("light completion after {first:?} with {memory} MB");
    assert!(memory < COMPLETION_MEMORY, "{memory} MB");
}

/// Checks that the whole source follows what is prepared.
#[track_caller]
fn expect_full_completion(sandbox: &Sandbox, shared: &Path) {
    let mut kernel = prepared_kernel(sandbox, shared, "full");
    let first = first_tab(sandbox, &mut kernel);
    let begin = Instant::now();
    let body = ".expect(\\\"failed to spawn";
    while !inspect(&mut kernel, "std::thread::spawn^", 1)["data"]["text/plain"]
        .to_string()
        .contains(body)
    {
        assert!(begin.elapsed() < BOUND, "the source is not known");
        std::thread::yield_now();
    }
    let whole = first + begin.elapsed();
    let memory = memory(process_with(sandbox, "completion").id);
    eprintln!(
        "full completion: first answers after {first:?}, all after {whole:?} with {memory} MB"
    );
    assert!(matches(&complete(&mut kernel, "Process::n^")).contains(&"new"));
}

/// Users of a hub have home directories of their own, in which rustup finds no compiler.
#[test]
fn a_user_without_a_compiler_is_told_where_the_hub_must_say_it() {
    let sandbox = Sandbox::new();
    let path = write(&sandbox, "lesson", &["1 + 1"]);
    let mut threadbook = sandbox.threadbook();
    threadbook
        .env("RUSTUP_HOME", sandbox.path("home/.rustup"))
        .env_remove("RUSTUP_TOOLCHAIN");
    if run::to_end(sandbox.command("rustup").arg("--version"), BOUND).code() != Some(0) {
        // Another installer's compiler needs no such variable.
        return;
    }
    run_in_place(&mut threadbook, &path);
    let executed = notebook::read(&path);
    let error = notebook::cell(&executed, "cell1")
        .error()
        .expect("an error");
    assert!(
        error.evalue.contains("set RUSTUP_HOME and CARGO_HOME"),
        "{error:?}"
    );
    let mut doctor = sandbox.threadbook();
    doctor
        .arg("doctor")
        .env("RUSTUP_HOME", sandbox.path("home/.rustup"))
        .env_remove("RUSTUP_TOOLCHAIN");
    let ended = run::to_end(&mut doctor, BOUND);
    assert!(
        ended.stdout.contains("set RUSTUP_HOME and CARGO_HOME"),
        "{ended}"
    );
}

#[test]
fn a_directory_that_cannot_be_prepared_is_named() {
    let sandbox = Sandbox::new();
    let file = sandbox.path("file");
    fs::write(&file, "").expect("a file");
    // Anybody could put another directory in the place of this one.
    let open = sandbox.path("open");
    fs::create_dir(&open).expect("a directory");
    fs::set_permissions(&open, Permissions::from_mode(0o777)).expect("permissions");
    for (folder, part) in [
        (file.join("cache"), "file/cache"),
        (open.join("cache"), "open is writable by other users"),
    ] {
        let mut prepare = sandbox.threadbook();
        prepare.args(["prepare", "--dir"]).arg(folder);
        let ended = run::to_end(&mut prepare, BOUND).expect_code(2);
        assert!(ended.stderr.contains(part), "{ended}");
    }
}
