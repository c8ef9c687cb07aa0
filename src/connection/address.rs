//! Where a listener can be reached.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

/// The address of a [`Listener`](super::Listener): a path (Python's family `AF_UNIX`), or a host and a port (`AF_INET`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Address {
    /// A socket file, which only processes of this machine can reach.
    Unix(PathBuf),
    /// A host's name or number, and a port. What is sent is not encrypted, so use `localhost` if you can.
    Inet(String, u16),
}

impl From<&str> for Address {
    fn from(path: &str) -> Self {
        Self::Unix(path.into())
    }
}

impl From<String> for Address {
    fn from(path: String) -> Self {
        Self::Unix(path.into())
    }
}

impl From<&Path> for Address {
    fn from(path: &Path) -> Self {
        Self::Unix(path.into())
    }
}

impl From<PathBuf> for Address {
    fn from(path: PathBuf) -> Self {
        Self::Unix(path)
    }
}

impl From<(&str, u16)> for Address {
    fn from((host, port): (&str, u16)) -> Self {
        Self::Inet(host.into(), port)
    }
}

impl From<SocketAddr> for Address {
    fn from(address: SocketAddr) -> Self {
        Self::Inet(address.ip().to_string(), address.port())
    }
}

impl From<&Address> for Address {
    fn from(address: &Address) -> Self {
        address.clone()
    }
}

/// As Python prints it: `'/tmp/listener'`, `('127.0.0.1', 6000)`.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "'{}'", path.display()),
            Self::Inet(host, port) => write!(f, "('{host}', {port})"),
        }
    }
}
