//! A place of its own for a test: home, temporary folder, work folder.

use super::process::{self, Process};
use super::project;
use super::run::{self, Ended};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;

/// Folders that nobody else uses.
pub struct Sandbox {
    root: TempDir,
    cache: PathBuf,
}

/// Long enough for a machine that does other things as well; a run that hangs is ended and reported.
pub const BOUND: Duration = Duration::from_secs(300);

impl Sandbox {
    /// One whose cache folder is shared by all tests, so that the helper crate is built once for all.
    pub fn new() -> Sandbox {
        Sandbox::with_cache(tmp().join("cache"))
    }

    /// One with a cache folder of its own, which is empty.
    pub fn with_fresh_cache() -> Sandbox {
        let mut sandbox = Sandbox::with_cache(PathBuf::new());
        sandbox.cache = sandbox.path("cache");
        sandbox
    }

    /// One with a cache folder of its own, in which there is only a helper crate of another source: most of what it depends on is
    /// compiled.
    pub fn with_another_helper() -> Sandbox {
        let sandbox = Sandbox::with_fresh_cache();
        let cache = sandbox.cache.join("threadbook");
        std::fs::create_dir_all(&cache).expect("a folder");
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
            helper().expect("a helper that has just been built")
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
        // Below the system's temporary folder: a socket's path may have about 100 bytes only.
        let root = tempfile::Builder::new()
            .prefix("tb-")
            .tempdir()
            .expect("a temporary folder");
        let sandbox = Sandbox { root, cache };
        for folder in ["home", "tmp", "work"] {
            std::fs::create_dir(sandbox.path(folder)).expect("a folder");
        }
        sandbox
    }

    /// A path in the sandbox.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(relative)
    }

    /// The folder for the test's files; programs are started in it.
    pub fn work(&self) -> PathBuf {
        self.path("work")
    }

    /// The cache folder that programs see.
    pub fn cache(&self) -> &Path {
        &self.cache
    }

    /// A command that knows no other home, temporary folder and cache folder than the sandbox's.
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
            // The compiler and the crates that are there already stay in use.
            .env("CARGO_HOME", of_the_user("CARGO_HOME", ".cargo"))
            .env("RUSTUP_HOME", of_the_user("RUSTUP_HOME", ".rustup"));
        command
    }

    /// The program that is tested.
    pub fn threadbook(&self) -> Command {
        self.command(env!("CARGO_BIN_EXE_threadbook"))
    }

    /// Runs `threadbook` with these arguments to its end. Fails the test if it leaves processes or files behind.
    #[track_caller]
    pub fn run<A: Into<OsString>>(&self, arguments: impl IntoIterator<Item = A>) -> Ended {
        let ended = self.run_beside_others(arguments);
        self.expect_nothing_left();
        ended
    }

    /// As [`Sandbox::run`], while other processes may be at work in the sandbox.
    #[track_caller]
    pub fn run_beside_others<A: Into<OsString>>(
        &self,
        arguments: impl IntoIterator<Item = A>,
    ) -> Ended {
        let arguments = arguments.into_iter().map(Into::into);
        run::to_end(self.threadbook().args(arguments), BOUND)
    }

    /// Fails the test if a process of the sandbox runs or a file is in its temporary folder.
    #[track_caller]
    pub fn expect_nothing_left(&self) {
        let processes: Vec<String> = self.processes().iter().map(Process::to_string).collect();
        assert!(processes.is_empty(), "still running: {processes:#?}");
        assert_eq!(self.left_in_tmp(), [] as [String; 0]);
    }

    /// What is in the temporary folder, by names.
    pub fn left_in_tmp(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.path("tmp")).expect("the temporary folder");
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

    /// The processes that were started in the sandbox, by whomever: they have its temporary folder in their
    /// environment (proc(5), `environ`).
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
    /// A test that has failed may leave processes; they end here.
    fn drop(&mut self) {
        for process in self.processes() {
            // SAFETY: kill has no memory effects, and the process has just been seen to be of this sandbox.
            unsafe { libc::kill(process.id.cast_signed(), libc::SIGKILL) };
        }
    }
}

/// The folder for what tests share, below the build folder.
pub fn tmp() -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
}

/// The root of the project.
pub fn root() -> PathBuf {
    let kernel = Path::new(env!("CARGO_MANIFEST_DIR"));
    kernel
        .parent()
        .expect("the kernel's crate is in the project's folder")
        .to_owned()
}

/// Whether the variable would let a program depend on who runs the tests, and on cargo, which runs them.
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
}

fn of_the_user(variable: &str, folder: &str) -> OsString {
    std::env::var_os(variable).unwrap_or_else(|| {
        let home = std::env::home_dir().expect("HOME says where cargo is");
        home.join(folder).into_os_string()
    })
}

/// The folder of a helper crate in the cache that all tests share, finished, if there is one.
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
