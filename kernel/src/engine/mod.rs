//! The engine: the process that turns cells into code.
//!
//! A cell passes through it once. [`command_line`] splits off the commands, [`cell`] parses the Rust code, and [`session`]
//! selects what it needs of earlier cells. [`source`] writes all that as one source file, [`rustc`] probes and compiles it, and
//! the runtime runs it. [`compile`] decides what to ask rustc, and [`evaluator`] drives the whole.
//!
//! The engine takes one request at a time from the kernel, except for interrupts, which a separate thread takes at any time.

mod backtrace;
mod cell;
mod cell_text;
mod command_line;
mod commands;
mod commit;
mod compile;
mod contents;
mod crates;
mod dependencies;
mod evaluator;
mod evcxr_commands;
mod exploration;
mod functions;
mod guards;
mod history;
mod interrupt;
mod lifetimes;
mod lost_value;
mod negation;
mod progress;
mod receivers;
mod report;
mod rich;
mod runtime_process;
mod rustc;
mod session;
mod settings;
mod source;

use crate::crates::Quota;
use crate::ipc::{
    EngineReply, EngineRequest, Executed, Hello, Position, SOCKET_VAR, Site, read_frame,
    write_frame,
};
use crate::prebuilt::{Cache, SharedCache, Store, Toolchain, WorkingFolder, std_bridge, std_stub};
use crate::runtime::STD_BRIDGE_VAR;
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, unbounded};
use evaluator::Evaluator;
use interrupt::Activity;
use rustc::{EXPLORED, WATCHED, cell_library};
use settings::Settings;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this engine could not start: then the kernel keeps the working directory for the next one.
static BROKEN: AtomicBool = AtomicBool::new(false);

/// Serves the kernel until it closes the connection.
///
/// # Errors
/// When the kernel cannot be reached, or no cell can ever be compiled here. The message says why.
pub fn run() -> Result<()> {
    let path = std::env::var_os(SOCKET_VAR).with_context(|| format!("{SOCKET_VAR} is not set"))?;
    let mut kernel = UnixStream::connect(path).context("cannot connect to the kernel")?;
    write_frame(&mut kernel, &Hello::Engine)?;
    let served = serve(&mut kernel);
    if let Err(error) = &served {
        // The kernel now closes the connection and keeps running.
        BROKEN.store(true, Ordering::SeqCst);
        write_frame(&mut kernel, &EngineReply::Broken(format!("{error:#}")))?;
    }
    served
}

/// Builds the libraries with which all cells link, optimised and not, unless they are in the store.
///
/// # Errors
/// When they cannot be built.
pub fn build_cell_libraries(toolchain: &Toolchain, store: &Store) -> Result<()> {
    for level in ["0", "2"] {
        let mut settings = Settings::default().rustc;
        settings.opt_level = level.to_owned();
        cell_library(toolchain, store, &settings)?;
    }
    WATCHED.flag(toolchain, store)?;
    EXPLORED.flag(toolchain, store).map(drop)
}

fn serve(kernel: &mut UnixStream) -> Result<()> {
    let cache = Cache::open()?;
    let toolchain = Toolchain::find()?;
    if let Some(problem) = SharedCache::find().and_then(|shared| shared.problem(&toolchain)) {
        tracing::warn!("{problem}");
    }
    let workspace = workspace()?;
    let store = Store::open(&cache)?;
    // SAFETY: this process still has a single thread.
    unsafe {
        // Otherwise evcxr's rust-analyzer reads all of std's source.
        std::env::set_var("RUST_SRC_PATH", std_stub(&cache)?);
        std::env::set_var(STD_BRIDGE_VAR, std_bridge(&cache, &toolchain)?);
    }

    let activity = Arc::new(Activity::default());
    let requests = listen(kernel.try_clone()?, workspace.clone(), activity.clone())?;
    let folder = workspace.with_file_name("libraries");
    let crates = cache.clone();
    let mut evaluator =
        Evaluator::new(folder, workspace, cache, store.clone(), toolchain, activity)?;
    write_frame(kernel, &EngineReply::Ready)?;
    // This looks at each file of the store, and no cell should wait for it.
    std::thread::spawn(move || {
        store.trim();
        match Quota::at(crates.root()) {
            Ok(room) => room.trim(),
            Err(error) => tracing::warn!("{error:#}"),
        }
    });
    for work in requests {
        let mut reply = |reply| write_frame(kernel, &reply);
        let answer = match work {
            Work::Execute { code } => {
                // If the kernel has exited, the thread that reads requests notices.
                let mut send = |message| {
                    let _ = reply(message);
                };
                let executed = evaluator.execute(&code, &mut send);
                if let Executed::Ok(_) = executed {
                    send(EngineReply::Variables(evaluator.variables()));
                }
                EngineReply::Executed(executed)
            }
            Work::Locate(position) => EngineReply::Located(evaluator.locate(&position)),
            Work::Trace(sites) => EngineReply::Traced(evaluator.trace(&sites)),
        };
        if reply(answer).is_err() {
            // The kernel has exited. The thread that reads requests ends this process, after it has killed the others and
            // removed their files.
            break;
        }
    }
    loop {
        std::thread::park();
    }
}

/// Returns the directory in which evcxr compiles. The kernel created its parent directory and removes it; if it cannot, the
/// engine does.
fn workspace() -> Result<PathBuf> {
    std::env::var_os("EVCXR_TMPDIR")
        .map(PathBuf::from)
        .context("EVCXR_TMPDIR is not set")
}

/// A request for the main thread.
enum Work {
    Execute { code: String },
    Locate(Position),
    Trace(Vec<Site>),
}

/// Starts the thread that reads requests. It handles interrupts itself and sends the other requests to the channel.
fn listen(
    mut kernel: UnixStream,
    workspace: PathBuf,
    activity: Arc<Activity>,
) -> Result<Receiver<Work>> {
    let (sender, receiver) = unbounded();
    std::thread::Builder::new()
        .name("threadbook-requests".to_owned())
        .spawn(move || {
            loop {
                let work = match read_frame(&mut kernel) {
                    Ok(Some(EngineRequest::Execute { code })) => {
                        activity.begin();
                        Work::Execute { code }
                    }
                    Ok(Some(EngineRequest::Locate(position))) => Work::Locate(position),
                    Ok(Some(EngineRequest::Trace(sites))) => Work::Trace(sites),
                    Ok(Some(EngineRequest::Interrupt { group })) => {
                        activity.interrupt(group);
                        continue;
                    }
                    Ok(None) | Err(_) => leave(&workspace, &activity),
                };
                // The main thread lives as long as the process.
                let _ = sender.send(work);
            }
        })?;
    Ok(receiver)
}

/// Exits after the kernel has exited, and leaves nothing behind.
fn leave(workspace: &std::path::Path, activity: &Activity) -> ! {
    activity.end_all();
    if BROKEN.load(Ordering::SeqCst) {
        std::process::exit(1);
    }
    WorkingFolder::remove(workspace.parent().unwrap_or(workspace));
    std::process::exit(0)
}
