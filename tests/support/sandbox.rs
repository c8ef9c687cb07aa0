//! Private directories for a test: home, temporary and work directory.

use super::built::{self, tmp};
use super::process::{self, Process};
use super::project;
use super::run::{self, Ended};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Directories that only one test uses, except perhaps the cache.
pub struct Sandbox {
    root: TempDir,
    cache: PathBuf,
}

/// The time limit for a program, long enough for a busy machine. A run that hangs is killed and reported.
pub const BOUND: Duration = Duration::from_secs(600);

#[allow(
    clippy::new_without_default,
    reason = "nobody expects of a default value that it creates directories"
)]
impl Sandbox {
    /// Creates a sandbox with the cache directory that all tests share, so that the helper crate is built only once.
    pub fn new() -> Sandbox {
        Sandbox::with_cache(tmp().join("cache"))
    }

    /// Creates a sandbox with its own, empty cache directory.
    pub fn with_fresh_cache() -> Sandbox {
        let mut sandbox = Sandbox::with_cache(PathBuf::new());
        sandbox.cache = sandbox.path("cache");
        sandbox
    }

    /// Creates a sandbox with its own cache directory, which contains only a helper crate built from another source:
    /// most of its dependencies are compiled.
    pub fn with_another_helper() -> Sandbox {
        let sandbox = Sandbox::with_fresh_cache();
        let cache = sandbox.cache.join("threadbook");
        std::fs::create_dir_all(&cache).expect("a directory");
        let other = helper().unwrap_or_else(|| {
            let builder = Sandbox::new();
            let setup = project::notebook_path(project::NOTEBOOKS[0]);
            let out = builder.path("out");
            let arguments = [
                "run".into(),
                setup.into_os_string(),
                "--only".into(),
                "setup".into(),
            ];
            builder
                .run(
                    arguments
                        .into_iter()
                        .chain(["--output-dir".into(), out.into_os_string()]),
                )
                .expect_code(0);
            helper().expect("the helper that this run has built")
        });
        let copied = Command::new("cp")
            .arg("-al")
            .arg(&other)
            .arg(cache.join("helper-of-another-source"))
            .status();
        assert!(copied.expect("cp").success());
        sandbox
    }

    fn with_cache(cache: PathBuf) -> Sandbox {
        // In the system's temporary directory: a socket's path is limited to about 100 bytes.
        let root = tempfile::Builder::new()
            .prefix("tb-")
            .tempdir()
            .expect("a temporary directory");
        let sandbox = Sandbox { root, cache };
        for folder in ["home", "tmp", "work"] {
            std::fs::create_dir(sandbox.path(folder)).expect("a directory");
        }
        sandbox
    }

    /// Returns a path in the sandbox.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(relative)
    }

    /// Returns the directory for the test's files, which is the working directory of programs.
    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// Returns the cache directory that programs see.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// Returns a command whose home, temporary directory and cache directory are the sandbox's.
    pub fn command(&self, program: impl AsRef<Path>) -> Command {
        let mut command = Command::new(program.as_ref());
        for (name, _) in std::env::vars_os() {
            if is_personal(&name) {
                command.env_remove(name);
            }
        }
        command
            .current_dir(self.work())
            .env("HOME", self.path("home"))
            .env("TMPDIR", self.path("tmp"))
            .env("XDG_CACHE_HOME", &self.cache)
            // Not even the one of the machine.
            .env("THREADBOOK_SHARED_CACHE", "")
            // The installed compiler and the downloaded crates stay in use.
            .env("CARGO_HOME", of_the_user("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", of_the_user("RUSTUP_HOME", ".rustup"));
        command
    }

    /// Returns a command for the program under test.
    pub fn threadbook(&self) -> Command {
        self.command(built::threadbook())
    }

    /// Runs `threadbook` with these arguments until it exits. Fails the test if it leaves processes or files behind.
    #[track_caller]
    pub fn run<A: Into<OsString>>(&self, arguments: impl IntoIterator<Item = A>) -> Ended {
        let ended = self.run_beside_others(arguments);
        self.expect_nothing_left();
        ended
    }

    /// As [`Sandbox::run`], but other processes may be running in the sandbox.
    #[track_caller]
    pub fn run_beside_others<A: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Ended {
        let arguments = arguments.into_iter().map(Into::into);
        run::to_end(self.threadbook().args(arguments), BOUND)
    }

    /// Fails the test if a process of the sandbox is running or its temporary directory is not empty.
    #[track_caller]
    pub fn expect_nothing_left(&self) {
        let processes: Vec<String> = self.processes().iter().map(Process::to_string).collect();
        assert!(processes.is_empty(), "still running: {processes:#?}");
        assert_eq!(self.left_in_tmp(), [] as [String; 0]);
    }

    /// Returns the names of the entries of the temporary directory.
    pub fn left_in_tmp(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("tmp")).expect("the temporary directory");
        entries
            .map(|entry| {
                entry
                    .expect("an entry")
                    .file_name()
                    .to_string_lossy()
                    .into()
            })
            .collect()
    }

    /// Returns the processes started in the sandbox, directly or indirectly: their environment contains its temporary
    /// directory (proc(5), `environ`).
    pub fn processes(&self) -> Vec<Process> {
        let mut wanted = b"TMPDIR=".to_vec();
        wanted.extend(self.path("tmp").as_os_str().as_encoded_bytes());
        let is_ours = |process: &Process| {
            let environment =
                std::fs::read(format!("/proc/{}/environ", process.id)).unwrap_or_default();
            environment
                .split(|byte| *byte == 0)
                .any(|variable| variable == wanted)
        };
        process::all().into_iter().filter(is_ours).collect()
    }
}

impl Drop for Sandbox {
    /// Kills the processes that a failed test may leave.
    fn drop(&mut self) {
        for process in self.processes() {
            // SAFETY: kill has no memory effects, and the process has just been seen to be of this sandbox.
            unsafe { libc::kill(process.id.cast_signed(), libc::SIGKILL) };
        }
    }
}

/// Returns the root of the project.
pub fn root() -> PathBuf {
    let support = Path::new(env!("CARGO_MANIFEST_DIR"));
    support
        .ancestors()
        .nth(2)
        .expect("this crate is in tests/support")
        .to_owned()
}

/// Returns whether the variable would make a program depend on the user who runs the tests, or on cargo.
fn is_personal(name: &OsString) -> bool {
    let name = name.to_string_lossy();
    let cargo_test = name.starts_with("CARGO_") && !name.starts_with("CARGO_HTTP");
    cargo_test
        || [
            "JUPYTER",
            "IPYTHON",
            "XDG_",
            "EVCXR_",
            "PYTHON",
            "VIRTUAL_ENV",
            "THREADBOOK_",
            "RUSTFLAGS",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
        || name == "LD_LIBRARY_PATH"
        // cargo shows no progress where it is set.
        || name == "CI"
}

fn of_the_user(variable: &str, folder: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| {
        let home = std::env::home_dir().expect("HOME says where cargo is");
        home.join(folder).into_os_string()
    })
}

/// Returns the newest helper crate that is completely built in the shared cache.
fn helper() -> Option<PathBuf> {
    let entries = std::fs::read_dir(tmp().join("cache/threadbook"))
        .ok()?
        .flatten();
    let folders = entries.map(|entry| entry.path()).filter(|path| {
        let name = path.file_name().expect("a name").to_string_lossy();
        name.starts_with("helper-") && path.join("done").exists()
    });
    folders.max_by_key(|path| {
        path.join("done")
            .metadata()
            .and_then(|about| about.modified())
            .ok()
    })
}
