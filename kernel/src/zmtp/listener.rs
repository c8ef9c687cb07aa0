//! Listeners: a TCP port or a Unix socket that peers connect to.

use anyhow::{Context, Result, bail};
use std::io;
use tokio::io::{AsyncRead, AsyncWrite, BufReader};
use tokio::net::{TcpListener, UnixListener};

pub type Reader = Box<dyn AsyncRead + Send + Unpin>;
pub type Writer = Box<dyn AsyncWrite + Send + Unpin>;

pub enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl Listener {
    /// Listens on a ZeroMQ URL: `tcp://address:port` or `ipc://path`.
    ///
    /// # Errors
    /// If the address is in use or not supported.
    pub async fn bind(url: &str) -> Result<Listener> {
        let listening = match url.split_once("://") {
            Some(("tcp", address)) => TcpListener::bind(address).await.map(Listener::Tcp),
            Some(("ipc", path)) => UnixListener::bind(path).map(Listener::Unix),
            _ => bail!(
                "cannot listen on {url}: not a supported address; use tcp://ADDRESS:PORT or ipc://PATH"
            ),
        };
        listening.with_context(|| format!("cannot listen on {url}"))
    }

    pub async fn accept(&self) -> io::Result<(Reader, Writer)> {
        match self {
            Listener::Tcp(listener) => {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                let (reader, writer) = stream.into_split();
                Ok((Box::new(BufReader::new(reader)), Box::new(writer)))
            }
            Listener::Unix(listener) => {
                let (stream, _) = listener.accept().await?;
                let (reader, writer) = stream.into_split();
                Ok((Box::new(BufReader::new(reader)), Box::new(writer)))
            }
        }
    }
}
