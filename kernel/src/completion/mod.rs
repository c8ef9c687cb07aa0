//! The completion process: answers complete and inspect requests with rust-analyzer. It has the source of the earlier
//! cells and runs none of them.
//!
//! It is separate from the engine for three reasons: it answers while a cell runs, reading the standard library delays
//! no cell, and its memory is freed when it exits.

mod complete;
mod database;
mod inspect;
mod library;
mod messages;
mod notebook;

pub use messages::{Completion, Completions, Inspection, Reply, Request, Variable};

use crate::cell::commands;
use crate::crates::HelperRequest;
use crate::ipc::{read_frame, write_frame};
use crate::prebuilt::{Cache, Toolchain};
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, unbounded};
use database::Database;
use library::PackageSelection;
use notebook::Notebook;
use std::io::{Write, stdin, stdout};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the kernel waits for a reply.
pub const REPLY_TIMEOUT: Duration = Duration::from_millis(900);

/// Cells have priority: loading uses the CPU time they leave.
const NICENESS: libc::c_int = 10;

/// Completed before [`Reply::Warm`], to load what most cells need.
const WARM_UP_CODE: &str = "let words = vec![String::new()]; let shared = std::sync::Arc::new(std::sync::Mutex::new(words));\n\
    let worker = std::thread::spawn(move || shared.lock().unwrap().iter().map(|word| word.len()).sum::<usize>());\n\
    println!(\"{}\", worker.join().unwrap()); ";

/// Serves the kernel until it closes stdin. `workspace` is the directory in which the engine compiles.
///
/// # Errors
/// If there is no compiler, or stdout is closed.
pub fn run(workspace: &Path) -> Result<()> {
    let requests = listen()?;
    let toolchain = Toolchain::find()?;
    let standard = match library::standard(&toolchain) {
        Ok(standard) => standard,
        Err(error) => {
            tracing::warn!("completions are unavailable: {error:#}");
            return send(&Reply::NoSource);
        }
    };
    let mut completer = Completer {
        database: Database::new(&toolchain.cfg()?, toolchain.release()),
        notebook: Notebook::default(),
        toolchain,
        workspace: workspace.to_owned(),
        helper: None,
    };
    at_low_priority(|| -> Result<()> {
        completer.database.add(standard, Vec::new())?;
        // Earlier cells come first, so that the warm-up loads their dependencies.
        for request in requests.try_iter() {
            completer.handle(request, &mut stdout())?;
        }
        completer.warm_up();
        Ok(())
    })?;
    send(&Reply::Warm)?;
    for request in &requests {
        completer.handle(request, &mut stdout())?;
    }
    Ok(())
}

/// Runs long work in a thread of low priority, so that cells come first.
fn at_low_priority<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let nice = || {
        // SAFETY: a system call without pointers. On Linux it affects only the calling thread; elsewhere the whole
        // process, so replies are slower while cells run.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
        work()
    };
    let done = std::thread::scope(|scope| scope.spawn(nice).join());
    done.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}

/// A request and the time it was received.
type Received = (Instant, Request);

/// Starts the thread that reads requests.
fn listen() -> Result<Receiver<Received>> {
    let (sender, receiver) = unbounded();
    std::thread::Builder::new()
        .name("threadbook-requests".to_owned())
        .spawn(move || {
            while let Ok(Some(request)) = read_frame(&mut stdin().lock()) {
                let _ = sender.send((Instant::now(), request));
            }
            // The kernel has exited; do not wait for the main thread.
            std::process::exit(0);
        })?;
    Ok(receiver)
}

fn send(reply: &Reply) -> Result<()> {
    let mut to = stdout().lock();
    write_frame(&mut to, reply)?;
    to.flush().context("the kernel has closed the connection")
}

struct Completer {
    database: Database,
    notebook: Notebook,
    toolchain: Toolchain,
    workspace: PathBuf,
    /// The directory of the helper crate's source, once a cell has requested it.
    helper: Option<PathBuf>,
}

impl Completer {
    fn handle(&mut self, (received, request): Received, to: &mut impl Write) -> Result<()> {
        let is_current = received.elapsed() < REPLY_TIMEOUT;
        let reply = match request {
            Request::Executed { code, variables } => {
                self.load_helper(&code);
                if requests_crates(&code) {
                    self.load_crates();
                }
                self.notebook.execute(&code, variables);
                return Ok(());
            }
            Request::Forget => {
                self.notebook.forget();
                return Ok(());
            }
            Request::Complete { .. } | Request::Inspect { .. } if !is_current => return Ok(()),
            Request::Complete { id, code, offset } => Reply::Completed {
                id,
                completions: self.analyze(&code, |analysis, text, start| {
                    complete::complete(analysis, text, start, offset)
                }),
            },
            Request::Inspect {
                id,
                code,
                offsets,
                with_source,
            } => Reply::Inspected {
                id,
                found: self.analyze(&code, |analysis, _, start| {
                    offsets
                        .iter()
                        .find_map(|offset| inspect::inspect(analysis, start + offset, with_source))
                }),
            },
        };
        write_frame(to, &reply)?;
        to.flush().context("the kernel has closed the connection")
    }

    /// Makes `code` the current cell and analyzes it.
    fn analyze<T: Default>(
        &mut self,
        code: &str,
        query: impl FnOnce(&ra_ap_ide::Analysis, &str, usize) -> T,
    ) -> T {
        self.load_helper(code);
        let (text, start) = self.notebook.with_cell(code);
        self.database.set_cells(text.clone());
        let analysis = self.database.analysis();
        // rust-analyzer may panic on incomplete code; the next request may succeed.
        let result = std::panic::catch_unwind(AssertUnwindSafe(|| query(&analysis, &text, start)));
        result.unwrap_or_else(|_| {
            tracing::warn!("rust-analyzer panicked on a cell");
            T::default()
        })
    }

    /// Loads what most cells need, by completing [`WARM_UP_CODE`].
    fn warm_up(&mut self) {
        let helper = self.helper.is_some();
        let mut code = String::from(if helper {
            "use threadbook::prelude::*;\n"
        } else {
            ""
        });
        code.push_str(WARM_UP_CODE);
        let method = code.find("len").unwrap_or_default();
        self.analyze(&code, |analysis, text, start| {
            complete::complete(analysis, text, start, code.len());
            complete::complete(analysis, text, start, method);
            inspect::inspect(analysis, start + method, false);
        });
    }

    /// Loads the helper crate's source if the cell requests it.
    fn load_helper(&mut self, code: &str) {
        let Some(request) = HelperRequest::of_cell(code) else {
            return;
        };
        if request == HelperRequest::default() && self.helper.is_some() {
            return;
        }
        let source = || request.source(&std::env::current_dir()?, &Cache::open()?);
        let path = match source() {
            Ok(source) => source.path().to_owned(),
            Err(error) => {
                tracing::warn!("cannot load the helper crate for completion: {error:#}");
                return;
            }
        };
        if self.helper.as_ref() != Some(&path) {
            self.load(&path, PackageSelection::Package("threadbook"));
            self.helper = Some(path);
        }
    }

    /// Loads the source of all dependencies of the engine's workspace.
    fn load_crates(&mut self) {
        let workspace = self.workspace.clone();
        self.load(&workspace, PackageSelection::DependenciesOfRoot);
    }

    fn load(&mut self, folder: &Path, wanted: PackageSelection<'_>) {
        let loaded = at_low_priority(|| {
            let (libraries, names) = library::of_workspace(folder, wanted, &self.toolchain)?;
            self.database.add(libraries, names)
        });
        if let Err(error) = loaded {
            tracing::warn!("cannot load {} for completion: {error:#}", folder.display());
        }
    }
}

/// Whether a cell has a `:dep` line for a crate other than the helper.
fn requests_crates(code: &str) -> bool {
    let commands = &code[..commands::code_start(code)];
    commands
        .lines()
        .any(|line| commands::name(line) == Some(":dep") && HelperRequest::read(line).is_none())
}
