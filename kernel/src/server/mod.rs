//! The kernel: the process that Jupyter starts and talks to.
//!
//! It compiles nothing and runs no cell, so it answers at once whatever the engine and the
//! runtime are doing.

mod completion_process;
mod completion_requests;
mod connections;
mod control;
mod engine;
mod error_reply;
mod evaluation;
mod executor;
mod exploration;
mod expressions;
mod info;
mod iopub;
mod local_completion;
mod names;
mod output_batch;
mod parent_exit;
mod picture;
mod process_exit;
mod reaper;
mod rich;
mod router;
mod runtime;
mod runtime_connection;
mod shared;
mod shell;
mod snippet;
mod stdin;
mod stream_display;
mod thread_group;
mod timeline;
mod wait_reason;
mod waits;

use crate::completion::Mode;
use crate::history::History;
use crate::jupyter::connection;
use crate::jupyter::wire::Key;
use crate::prebuilt::{Cache, WorkingFolder};
use crate::zmtp;
use anyhow::{Context, Result};
use completion_process::CompletionProcess;
use connections::Connections;
use control::Control;
use engine::Engine;
use executor::Executor;
use info::Info;
use iopub::IoPub;
use router::{IncomingRequest, RequestQueue, Router};
use shell::Shell;
use std::path::Path;
use std::sync::Arc;
use stdin::Stdin;

/// Serves the client that wrote `connection_file` until it asks for a shutdown or goes away.
///
/// # Errors
/// If the connection file cannot be read or the sockets cannot be bound.
pub async fn run(connection_file: &Path) -> Result<()> {
    let connection = connection::read(connection_file)?;
    let key = Key::of(&connection)?;
    let session = uuid::Uuid::new_v4().to_string();
    // Before the sockets: a client that has connected would see a failure only as a broken connection.
    let folder = WorkingFolder::create(&Cache::open()?)?;
    let (requests, mut inbox) = RequestQueue::new();

    let iopub = IoPub::bind(&connection.iopub_url(), key.clone(), &session).await?;
    let bind = async |url: String, channel| {
        Router::bind(&url, channel, key.clone(), &session, requests.clone()).await
    };
    let shell = bind(connection.shell_url(), router::Channel::Shell).await?;
    let control = bind(connection.control_url(), router::Channel::Control).await?;
    let stdin = Stdin::new(bind(connection.stdin_url(), router::Channel::Stdin).await?);
    zmtp::echo(&connection.hb_url()).await?;

    let connections = Connections::listen(folder.path(), iopub.clone(), stdin.clone())?;
    reaper::become_subreaper()?;
    let completion = CompletionProcess::new(folder.path(), Mode::from_environment());
    let engine = Arc::new(Engine::start(folder.path(), connections, completion)?);
    reaper::keep_reaping(engine.clone())?;
    let history = History::open();
    let executor = Executor::start(
        engine.clone(),
        iopub.clone(),
        shell.clone(),
        history.clone(),
    );
    let mut exit_requested = parent_exit::exit_requested(engine.clone())?;
    let info = Info::of(&connection);
    let control = Control {
        router: control,
        iopub: iopub.clone(),
        engine: engine.clone(),
        info: info.clone(),
    };
    let shell = Shell {
        router: shell,
        iopub: iopub.clone(),
        executor,
        engine: engine.clone(),
        history,
        info,
    };

    loop {
        let IncomingRequest { channel, request } = tokio::select! {
            incoming = inbox.recv() => incoming.context("the sockets were closed")?,
            _ = &mut exit_requested => break,
        };
        match channel {
            router::Channel::Shell => shell.take(request).await,
            router::Channel::Control => {
                if control.take(request).await.is_break() {
                    break;
                }
            }
            router::Channel::Stdin => stdin.take(request),
        }
    }
    engine.stop().await;
    engine.completion().stop().await;
    reaper::kill_all().await;
    iopub.flush().await;
    control.router.flush().await;
    shell.router.flush().await;
    Ok(())
}
