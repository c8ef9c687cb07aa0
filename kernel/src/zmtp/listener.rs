//! Where peers connect: a TCP port, or a Unix socket.

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
    /// Listens at a ZeroMQ URL: `tcp://address:port` or `ipc://path`.
    ///
    /// # Errors
    /// When the address is in use, or is none.
    pub async fn bind(url: &str) -> Result<Listener> {
        let listening = match url.split_once("://") {
            Some(("tcp", address)) => TcpListener::bind(address).await.map(Listener::Tcp),
            Some(("ipc", path)) => UnixListener::bind(path).map(Listener::Unix),
            _ => bail!("{url} is no address that a kernel can listen at"),
        };
        listening.with_context(|| format!("cannot bind {url}"))
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
