//! The engine: the process that turns cells into code.
//!
//! A cell goes down through it once. [`command_line`] takes out what is no Rust, [`cell`] takes the rest apart, and [`session`] joins it
//! to what it needs of earlier cells. [`source`] writes all that as one source, [`rustc`] is asked about it and compiles it, and
//! the runtime runs it. [`attempt`] decides what is asked, and [`evaluator`] holds it together.
//!
//! It takes one request at a time from the kernel, except for interrupts, which a thread of its
//! own takes at any time.

mod cell;
mod command_line;
mod commands;
mod commit;
mod compile;
mod contents;
mod crates;
mod dependencies;
mod evaluator;
mod evcxr_commands;
mod history;
mod interrupt;
mod report;
mod rich;
mod runtime_process;
mod rustc;
mod session;
mod settings;
mod source;

use crate::crates::Quota;
use crate::ipc::{
    EngineReply, EngineRequest, Executed, Hello, Position, SOCKET_VAR, read_frame, write_frame,
};
use crate::prebuilt::{Cache, Store, Toolchain, WorkingFolder, std_bridge, std_stub};
use crate::runtime::STD_BRIDGE_VAR;
use anyhow::{Context, Result};
use crossbeam_channel::{Receiver, unbounded};
use evaluator::Evaluator;
use interrupt::Activity;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether this engine could not start: then the kernel keeps the working folder for the next one.
static BROKEN: AtomicBool = AtomicBool::new(false);

/// Serves the kernel until it closes the connection.
///
/// # Errors
/// When the kernel cannot be reached, or no cell can ever be compiled here; the message says why.
pub fn run() -> Result<()> {
    let path = std::env::var_os(SOCKET_VAR).with_context(|| format!("{SOCKET_VAR} is not set"))?;
    let mut kernel = UnixStream::connect(path).context("the kernel does not answer")?;
    write_frame(&mut kernel, &Hello::Engine)?;
    let served = serve(&mut kernel);
    if let Err(error) = &served {
        // The kernel closes the connection now, and lives on.
        BROKEN.store(true, Ordering::SeqCst);
        write_frame(&mut kernel, &EngineReply::Broken(format!("{error:#}")))?;
    }
    served
}

fn serve(kernel: &mut UnixStream) -> Result<()> {
    let cache = Cache::open()?;
    let toolchain = Toolchain::find()?;
    let workspace = workspace()?;
    let store = Store::open(&cache)?;
    // SAFETY: this process has a single thread still.
    unsafe {
        // rust-analyzer, which evcxr brings along, reads all of std's source otherwise.
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
    // It takes a look at each file of the store, which no cell should wait for.
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
                // The kernel's end is noticed by the thread that listens.
                let mut tell = |news| {
                    let _ = reply(news);
                };
                let executed = evaluator.execute(&code, &mut tell);
                if let Executed::Ok(_) = executed {
                    tell(EngineReply::Variables(evaluator.variables()));
                }
                EngineReply::Executed(executed)
            }
            Work::Locate(position) => EngineReply::Located(evaluator.locate(&position)),
        };
        if reply(answer).is_err() {
            // The kernel has ended. The thread that listens ends this process, after it has
            // ended the others and removed what they left.
            break;
        }
    }
    loop {
        std::thread::park();
    }
}

/// The folder in which evcxr compiles, in a folder that the kernel made and removes, or we do if
/// it cannot.
fn workspace() -> Result<PathBuf> {
    std::env::var_os("EVCXR_TMPDIR")
        .map(PathBuf::from)
        .context("EVCXR_TMPDIR is not set")
}

/// What the main thread is asked to do.
enum Work {
    Execute { code: String },
    Locate(Position),
}

/// Starts the thread that takes requests; what takes time comes out of the channel.
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

/// The kernel has ended: so do we, and leave nothing behind.
fn leave(workspace: &std::path::Path, activity: &Activity) -> ! {
    activity.end_all();
    if BROKEN.load(Ordering::SeqCst) {
        std::process::exit(1);
    }
    WorkingFolder::remove(workspace.parent().unwrap_or(workspace));
    std::process::exit(0)
}
