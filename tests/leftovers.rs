//! A kernel leaves no processes or temporary files behind, however it ends.

use serde_json::json;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};
use support::kernel::{Kernel, setup};
use support::process::{self, Watched};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;
use support::{notebook, turn};

/// The time limit from the end of the kernel to the end of everything else.
const WITHIN: Duration = Duration::from_secs(5);

/// Starts processes of two kinds: a fork and another program.
const CELL_WITH_PROCESSES: &str = r#"
    let mut forked = Process::new(|| loop { std::thread::sleep(std::time::Duration::from_secs(600)) });
    forked.start().unwrap();
    let program = std::process::Command::new("sleep").arg("600").spawn().unwrap();
    println!("started");
    loop { std::hint::spin_loop(); }
"#;

/// A kernel with a running cell, alone in its sandbox.
struct Busy {
    sandbox: Sandbox,
    kernel: Kernel,
    /// The entries of the cache directory before the kernel started.
    cached: BTreeSet<PathBuf>,
    /// All its processes except Jupyter's client.
    processes: Vec<(process::Process, Watched)>,
}

impl Busy {
    fn start() -> Busy {
        let (venv, sandbox) = (Venv::open(), Sandbox::new());
        // Creates what all kernels share.
        Kernel::start(&venv, &sandbox).execute(&setup()).ok();
        let cached = entries(sandbox.cache());
        let mut kernel = Kernel::start(&venv, &sandbox);
        kernel.execute(&setup()).ok();
        // Starts the completion process.
        kernel.ask(
            "shell",
            "complete_request",
            json!({"code": "std::", "cursor_pos": 5}),
        );
        let request = kernel.begin(CELL_WITH_PROCESSES);
        kernel.until_shown(&request, "started\n");
        let is_client = |process: &process::Process| {
            process
                .arguments
                .iter()
                .any(|argument| argument.ends_with("client.py"))
        };
        let processes = sandbox
            .processes()
            .into_iter()
            .filter(|process| !is_client(process));
        let processes: Vec<_> = processes
            .map(|process| (process.clone(), Watched::open(process.id)))
            .collect();
        let busy = Busy {
            sandbox,
            kernel,
            cached,
            processes,
        };
        // Kernel, engine, runtime, and the two that the cell has started.
        assert!(busy.processes.len() >= 5, "{:#?}", busy.names());
        assert!(
            busy.processes
                .iter()
                .any(|(process, _)| process.id == busy.kernel.pid)
        );
        busy
    }

    fn names(&self) -> Vec<String> {
        self.processes
            .iter()
            .map(|(process, _)| process.to_string())
            .collect()
    }

    /// Fails the test unless all processes and files are gone in time.
    #[track_caller]
    fn expect_all_gone(&self) {
        let end = Instant::now() + WITHIN;
        for (process, watched) in &self.processes {
            assert!(watched.ends_before(end), "{process} still runs");
        }
        assert_eq!(self.sandbox.left_in_tmp(), [] as [String; 0]);
        let left: Vec<_> = entries(self.sandbox.cache())
            .difference(&self.cached)
            .cloned()
            .collect();
        assert_eq!(left, [] as [PathBuf; 0]);
    }
}

/// Returns the entries of a directory, three levels deep: below that there are only cargo's files.
fn entries(folder: &Path) -> BTreeSet<PathBuf> {
    fn collect(folder: &Path, levels: u32, found: &mut BTreeSet<PathBuf>) {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if levels > 1 && path.is_dir() {
                collect(&path, levels - 1, found);
            }
            found.insert(path);
        }
    }
    let mut found = BTreeSet::new();
    collect(folder, 3, &mut found);
    // Compiled cells stay in the cache.
    found.retain(|path| !path.to_string_lossy().contains("/compiled-"));
    found
}

#[test]
fn a_shutdown_leaves_nothing_behind() {
    need!(python);
    let _turn = turn::alone();
    let mut busy = Busy::start();
    let begin = Instant::now();
    busy.kernel.request(
        "control",
        "shutdown_request",
        serde_json::json!({ "restart": false }),
    );
    busy.kernel
        .until(WITHIN, |message| message.kind == "shutdown_reply");
    assert_eq!(busy.kernel.ended(WITHIN), 0);
    assert!(begin.elapsed() < WITHIN, "{:?}", begin.elapsed());
    busy.expect_all_gone();
}

#[test]
fn a_terminated_kernel_leaves_nothing_behind() {
    need!(python);
    let _turn = turn::alone();
    let mut busy = Busy::start();
    process::signal(busy.kernel.pid, libc::SIGTERM);
    assert_eq!(busy.kernel.ended(WITHIN), 0);
    busy.expect_all_gone();
}

#[test]
fn a_killed_kernel_leaves_nothing_behind() {
    need!(python);
    let _turn = turn::alone();
    let mut busy = Busy::start();
    process::signal(busy.kernel.pid, libc::SIGKILL);
    assert_eq!(busy.kernel.ended(WITHIN), i64::from(-libc::SIGKILL));
    busy.expect_all_gone();
}

#[test]
fn a_killed_client_leaves_nothing_behind() {
    need!(python);
    let _turn = turn::alone();
    let busy = Busy::start();
    process::signal(busy.kernel.client_pid(), libc::SIGKILL);
    busy.expect_all_gone();
}

/// No process survives to clean up, so the next kernel does.
#[test]
fn the_next_kernel_cleans_up_after_killed_processes() {
    need!(python);
    let _turn = turn::alone();
    let busy = Busy::start();
    for (process, _) in &busy.processes {
        // SAFETY: kill has no memory effects; the sandbox's processes are ours. One may already have exited with
        // another.
        unsafe { libc::kill(process.id.cast_signed(), libc::SIGKILL) };
    }
    let end = Instant::now() + WITHIN;
    assert!(
        busy.processes
            .iter()
            .all(|(_, watched)| watched.ends_before(end)),
        "{:#?}",
        busy.names()
    );
    let path = busy.sandbox.work().join("next.ipynb");
    notebook::write(&path, &notebook::of([("next", "1 + 1")]));
    busy.sandbox
        .run_beside_others(["run", "next.ipynb"])
        .expect_code(0);
    busy.expect_all_gone();
}

/// Starts a runner and waits until its cell is running.
fn busy_runner(sandbox: &Sandbox) -> Child {
    let path = sandbox.work().join("endless.ipynb");
    let cell = "std::fs::write(\"started\", \"\").unwrap();\n\
                let program = std::process::Command::new(\"sleep\").arg(\"600\").status();";
    notebook::write(&path, &notebook::of([("endless", cell)]));
    let mut command = sandbox.threadbook();
    command.args(["run", "endless.ipynb", "--in-place"]);
    let runner = command
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("threadbook starts");
    let end = Instant::now() + Duration::from_secs(60);
    // Only the cell's process shows that the cell is running.
    while !sandbox
        .processes()
        .iter()
        .any(|process| process.arguments[0] == "sleep")
    {
        assert!(
            Instant::now() < end,
            "the cell does not run: {:#?}",
            sandbox.processes()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    runner
}

fn stopped_by(signal: i32) {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let mut runner = busy_runner(&sandbox);
    let before = std::fs::read(sandbox.work().join("endless.ipynb")).expect("a notebook");
    let processes: Vec<_> = sandbox
        .processes()
        .into_iter()
        .map(|process| (Watched::open(process.id), process))
        .collect();
    process::signal(runner.id(), signal);
    let end = Instant::now() + WITHIN;
    // A zombie counts as ended; `wait` below reaps it.
    for (watched, process) in &processes {
        assert!(watched.ends_before(end), "{process} still runs");
    }
    let status = runner.wait().expect("a status");
    let after = std::fs::read(sandbox.work().join("endless.ipynb")).expect("a notebook");
    if signal == libc::SIGKILL {
        assert!(!status.success(), "{status}");
        assert_eq!(after, before);
    } else {
        assert_eq!(status.code(), Some(130), "{status}");
        // The running cell was interrupted and has an error.
        let after: serde_json::Value = serde_json::from_slice(&after).expect("a notebook");
        let cell = notebook::cell(&after, "endless");
        assert!(cell.error().is_some(), "{cell:?}");
        sandbox.expect_nothing_left();
    }
}

#[test]
fn an_interrupted_runner_leaves_nothing_behind() {
    stopped_by(libc::SIGINT);
}

#[test]
fn a_terminated_runner_leaves_nothing_behind() {
    stopped_by(libc::SIGTERM);
}

/// The runner's kernel notices. The runner's connection file may stay, as Jupyter's does.
#[test]
fn a_killed_runner_leaves_no_processes_behind() {
    stopped_by(libc::SIGKILL);
}

/// A kernel that has run nothing exits immediately, without waiting for its engine to start. One good run of three is
/// enough: a wait would be in every run.
#[test]
fn a_notebook_without_code_takes_less_than_a_second() {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("empty.ipynb");
    notebook::write(&path, &notebook::of([]));
    let times = [(); 3].map(|()| {
        let begin = Instant::now();
        sandbox
            .run(["run".as_ref(), path.as_os_str(), "--in-place".as_ref()])
            .expect_code(0);
        begin.elapsed()
    });
    assert!(
        times.iter().any(|time| *time < Duration::from_secs(1)),
        "{times:?}"
    );
}
