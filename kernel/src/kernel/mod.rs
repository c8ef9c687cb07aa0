//! The kernel: the process that Jupyter starts and speaks with.
//!
//! It compiles nothing and runs no cell, so it answers at once whatever the engine and the
//! runtime are doing.

mod coalesce;
mod control;
mod engine;
mod executor;
mod info;
mod iopub;
mod links;
mod orphans;
mod rich;
mod router;
mod runtime;
mod shell;
mod stdin;
mod watch;

use crate::jupyter::connection;
use crate::jupyter::wire::Key;
use crate::prebuilt::{Cache, WorkingFolder};
use anyhow::{Context, Result};
use engine::Engine;
use executor::Executor;
use iopub::IoPub;
use links::Links;
use router::{Mail, Router};
use std::path::Path;
use std::sync::Arc;
use stdin::Stdin;
use tokio::sync::mpsc;
use zeromq::{RepSocket, Socket, SocketRecv, SocketSend};

/// Serves the client that wrote `connection_file` until it asks for a shutdown or goes away.
///
/// # Errors
/// When the connection file cannot be read or the sockets cannot be bound.
pub async fn run(connection_file: &Path) -> Result<()> {
    let connection = connection::read(connection_file)?;
    let key = Key::of(&connection)?;
    let session = uuid::Uuid::new_v4().to_string();
    let (mail, mut inbox) = mpsc::unbounded_channel();

    let iopub = IoPub::bind(&connection.iopub_url(), key.clone(), &session).await?;
    let bind = async |url: String, channel| {
        Router::bind(&url, channel, key.clone(), &session, mail.clone()).await
    };
    let shell = bind(connection.shell_url(), router::Channel::Shell).await?;
    let control = bind(connection.control_url(), router::Channel::Control).await?;
    let stdin = Stdin::new(bind(connection.stdin_url(), router::Channel::Stdin).await?);
    beat(&connection.hb_url()).await?;

    let folder = WorkingFolder::create(&Cache::open()?)?;
    let links = Links::listen(folder.path(), iopub.clone(), stdin.clone())?;
    orphans::adopt()?;
    let engine = Arc::new(Engine::start(folder.path(), links)?);
    orphans::keep_reaping(engine.clone())?;
    let executor = Executor::start(engine.clone(), iopub.clone(), shell.clone());
    let mut leave = watch::until_told_to_leave(engine.clone())?;

    loop {
        let Mail { channel, message } = tokio::select! {
            mail = inbox.recv() => mail.context("the sockets were closed")?,
            _ = &mut leave => break,
        };
        match channel {
            router::Channel::Shell => shell::answer(message, &shell, &iopub, &executor).await,
            router::Channel::Control => {
                if control::answer(message, &control, &iopub, &engine)
                    .await
                    .is_break()
                {
                    break;
                }
            }
            router::Channel::Stdin => stdin.take(message),
        }
    }
    engine.stop().await;
    orphans::end_all().await;
    iopub.flush().await;
    Ok(())
}

/// Echoes on the heartbeat socket.
async fn beat(url: &str) -> Result<()> {
    let mut socket = RepSocket::new();
    socket
        .bind(url)
        .await
        .with_context(|| format!("cannot bind {url}"))?;
    tokio::spawn(async move {
        while let Ok(ping) = socket.recv().await {
            if let Err(error) = socket.send(ping).await {
                tracing::warn!("heartbeat: {error}");
            }
        }
    });
    Ok(())
}
