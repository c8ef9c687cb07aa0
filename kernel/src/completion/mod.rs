//! The completion process, which that answers what could be typed and what a name means, by
//! rust-analyzer. It has the source of the earlier cells and runs none of them.
//!
//! It is apart from the engine for three reasons: it answers while a cell runs, reading the
//! standard library holds up no cell, and what it loads is gone when it ends.

mod complete;
mod database;
mod inspect;
mod library;
mod messages;
mod notebook;

pub use messages::{Completion, Completions, Inspection, Reply, Request, Variable};

use crate::cell::commands;
use crate::ipc::{read_frame, write_frame};
use crate::prebuilt::Toolchain;
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, unbounded};
use database::Database;
use library::Wanted;
use notebook::Notebook;
use std::io::{Write, stdin, stdout};
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How long the kernel waits for an answer.
pub const REPLY_TIMEOUT: Duration = Duration::from_millis(900);

/// Cells come first: loading takes what they leave of the processor.
const NICENESS: libc::c_int = 10;

/// Asked about before the kernel is told that answers come fast: what it needs is what most
/// cells need.
const REHEARSAL: &str = "let words = vec![String::new()]; let shared = std::sync::Arc::new(std::sync::Mutex::new(words));\n\
    let worker = std::thread::spawn(move || shared.lock().unwrap().iter().map(|word| word.len()).sum::<usize>());\n\
    println!(\"{}\", worker.join().unwrap()); ";

/// Serves the kernel until it closes stdin. `workspace` is the folder in which the engine
/// compiles.
///
/// # Errors
/// When there is no compiler, or stdout is closed.
pub fn run(workspace: &Path) -> Result<()> {
    let requests = listen()?;
    let toolchain = Toolchain::find()?;
    let standard = match library::standard(&toolchain) {
        Ok(standard) => standard,
        Err(error) => {
            tracing::warn!("no completion from the completion process: {error:#}");
            return tell(&Reply::NoSource);
        }
    };
    let mut completer = Completer {
        database: Database::new(&toolchain.cfg()?, toolchain.release()),
        notebook: Notebook::default(),
        toolchain,
        workspace: workspace.to_owned(),
        helper: None,
    };
    gently(|| -> Result<()> {
        completer.database.add(standard, Vec::new())?;
        // What was executed before comes first, for the rehearsal to load it.
        for request in requests.try_iter() {
            completer.take(request, &mut stdout())?;
        }
        completer.rehearse();
        Ok(())
    })?;
    tell(&Reply::Warm)?;
    for request in &requests {
        completer.take(request, &mut stdout())?;
    }
    Ok(())
}

/// Does something that takes long, in a thread that gives way to cells.
fn gently<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    let nice = || {
        // SAFETY: a system call without pointers. On Linux it is about the calling thread alone;
        // elsewhere about the process, whose answers then are slower while cells run.
        unsafe { libc::setpriority(libc::PRIO_PROCESS, 0, NICENESS) };
        work()
    };
    let done = std::thread::scope(|scope| scope.spawn(nice).join());
    done.unwrap_or_else(|panicked| std::panic::resume_unwind(panicked))
}

/// A request and when it came.
type Received = (Instant, Request);

/// Starts the thread that takes requests.
fn listen() -> Result<Receiver<Received>> {
    let (sender, receiver) = unbounded();
    std::thread::Builder::new()
        .name("threadbook-requests".to_owned())
        .spawn(move || {
            while let Ok(Some(request)) = read_frame(&mut stdin().lock()) {
                let _ = sender.send((Instant::now(), request));
            }
            // The kernel has ended, whatever the main thread is at.
            std::process::exit(0);
        })?;
    Ok(receiver)
}

fn tell(reply: &Reply) -> Result<()> {
    let mut to = stdout().lock();
    write_frame(&mut to, reply)?;
    to.flush().context("the kernel has closed the connection")
}

struct Completer {
    database: Database,
    notebook: Notebook,
    toolchain: Toolchain,
    workspace: PathBuf,
    /// The folder of the helper crate's source, once a cell has asked for it.
    helper: Option<PathBuf>,
}

impl Completer {
    fn take(&mut self, (received, request): Received, to: &mut impl Write) -> Result<()> {
        let is_waited_for = received.elapsed() < REPLY_TIMEOUT;
        let reply = match request {
            Request::Executed { code, variables } => {
                self.load_helper(&code);
                if asks_for_crates(&code) {
                    self.load_crates();
                }
                self.notebook.execute(&code, variables);
                return Ok(());
            }
            Request::Forget => {
                self.notebook.forget();
                return Ok(());
            }
            Request::Complete { .. } | Request::Inspect { .. } if !is_waited_for => return Ok(()),
            Request::Complete { id, code, offset } => Reply::Completed {
                id,
                completions: self.about(&code, |analysis, text, start| {
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
                found: self.about(&code, |analysis, _, start| {
                    offsets
                        .iter()
                        .find_map(|offset| inspect::inspect(analysis, start + offset, with_source))
                }),
            },
        };
        write_frame(to, &reply)?;
        to.flush().context("the kernel has closed the connection")
    }

    /// Makes `code` the current cell and asks about it.
    fn about<T: Default>(
        &mut self,
        code: &str,
        ask: impl FnOnce(&ra_ap_ide::Analysis, &str, usize) -> T,
    ) -> T {
        self.load_helper(code);
        let (text, start) = self.notebook.with_cell(code);
        self.database.set_cells(text.clone());
        let analysis = self.database.analysis();
        // rust-analyzer may stumble over code that is half typed; the next request may be well.
        let answered = std::panic::catch_unwind(AssertUnwindSafe(|| ask(&analysis, &text, start)));
        answered.unwrap_or_else(|_| {
            tracing::warn!("rust-analyzer failed on a cell");
            T::default()
        })
    }

    /// Loads what most cells need, by asking for it.
    fn rehearse(&mut self) {
        let helper = self.helper.is_some();
        let mut code = String::from(if helper {
            "use threadbook::prelude::*;\n"
        } else {
            ""
        });
        code.push_str(REHEARSAL);
        let method = code.find("len").unwrap_or_default();
        self.about(&code, |analysis, text, start| {
            complete::complete(analysis, text, start, code.len());
            complete::complete(analysis, text, start, method);
            inspect::inspect(analysis, start + method, false);
        });
    }

    /// Loads the helper crate's source if the cell asks for it.
    fn load_helper(&mut self, code: &str) {
        let commands = &code[..commands::code_start(code)];
        let Some(path) = commands.lines().find_map(commands::helper_path) else {
            return;
        };
        let path = std::path::absolute(&path).unwrap_or(path);
        if self.helper.as_ref() != Some(&path) {
            self.load(&path, Wanted::Package("threadbook"));
            self.helper = Some(path);
        }
    }

    /// Loads the source of all crates that the engine's workspace depends on.
    fn load_crates(&mut self) {
        let workspace = self.workspace.clone();
        self.load(&workspace, Wanted::DependenciesOfRoot);
    }

    fn load(&mut self, folder: &Path, wanted: Wanted<'_>) {
        let loaded = gently(|| {
            let (libraries, names) = library::of_workspace(folder, wanted, &self.toolchain)?;
            self.database.add(libraries, names)
        });
        if let Err(error) = loaded {
            tracing::warn!("no completion for {}: {error:#}", folder.display());
        }
    }
}

/// Whether a cell has a `:dep` line for other crates than the helper.
fn asks_for_crates(code: &str) -> bool {
    let commands = &code[..commands::code_start(code)];
    commands
        .lines()
        .any(|line| commands::name(line) == Some(":dep") && commands::helper_path(line).is_none())
}
