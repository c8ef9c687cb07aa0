//! Connection files: the addresses of a kernel's five sockets, and the key that signs its messages.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use jupyter_protocol::ConnectionInfo;
use jupyter_protocol::connection_info::Transport;
use tempfile::TempPath;
use tokio::net::TcpSocket;
use uuid::Uuid;

/// Why a connection file cannot be read or created.
#[derive(Debug, thiserror::Error)]
pub enum ConnectionError {
    /// The file cannot be read.
    #[error(
        "cannot read the connection file {path}: {source}; Jupyter writes it when it starts a kernel"
    )]
    Read {
        /// The file.
        path: PathBuf,
        /// The operating system's error.
        source: io::Error,
    },
    /// The file is not a connection file.
    #[error("{path} is not a Jupyter connection file: {source}")]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
    /// No ports are free.
    #[error("cannot reserve ports of the loopback interface: {0}")]
    Ports(io::Error),
    /// The file cannot be written.
    #[error(
        "cannot create a connection file in {folder}: {source}; set JUPYTER_RUNTIME_DIR to a directory that you can write to"
    )]
    Create {
        /// Jupyter's runtime directory.
        folder: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Reads the connection file that Jupyter passes to a kernel.
///
/// # Errors
/// [`ConnectionError::Read`] and [`ConnectionError::Format`].
pub fn read(path: &Path) -> Result<ConnectionInfo, ConnectionError> {
    let bytes = std::fs::read(path).map_err(|source| ConnectionError::Read {
        path: path.to_owned(),
        source,
    })?;
    serde_json::from_slice(&bytes).map_err(|source| ConnectionError::Format {
        path: path.to_owned(),
        source,
    })
}

/// A connection file for a kernel about to be started: five free ports of the loopback interface and a random key. Only
/// the user can read the file. Dropping this value deletes it.
///
/// Until then the ports stay reserved. While a socket is bound with `SO_REUSEADDR` and does not listen, the operating
/// system does not assign its port to anyone who asks for a free one, nor as the source port of an outgoing connection.
/// The kernel can still bind that port explicitly, because every ZeroMQ library binds with `SO_REUSEADDR`. So no other
/// process gets a port between its choice here and the kernel's `bind`.
#[derive(Debug)]
pub struct ConnectionFile {
    info: ConnectionInfo,
    path: TempPath,
    _reserved: [TcpSocket; 5],
}

impl ConnectionFile {
    /// Reserves the ports and writes the file to Jupyter's runtime directory.
    ///
    /// # Errors
    /// [`ConnectionError::Ports`] and [`ConnectionError::Create`].
    pub fn create(kernel_name: &str) -> Result<Self, ConnectionError> {
        let (ports, reserved) = reserve().map_err(ConnectionError::Ports)?;
        let [shell_port, iopub_port, stdin_port, control_port, hb_port] = ports;
        let info = ConnectionInfo {
            ip: Ipv4Addr::LOCALHOST.to_string(),
            transport: Transport::TCP,
            shell_port,
            iopub_port,
            stdin_port,
            control_port,
            hb_port,
            key: Uuid::new_v4().to_string(),
            signature_scheme: "hmac-sha256".to_owned(),
            kernel_name: Some(kernel_name.to_owned()),
        };
        let folder = jupyter_zmq_client::runtime_dir();
        let path =
            write(&info, &folder).map_err(|source| ConnectionError::Create { folder, source })?;
        Ok(Self {
            info,
            path,
            _reserved: reserved,
        })
    }

    /// Returns the content of the file.
    pub fn info(&self) -> &ConnectionInfo {
        &self.info
    }

    /// Returns the path of the file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn write(info: &ConnectionInfo, folder: &Path) -> io::Result<TempPath> {
    std::fs::create_dir_all(folder)?;
    // `tempfile` creates files with mode 0600, so others can never read the key.
    let file = tempfile::Builder::new()
        .prefix("kernel-")
        .suffix(".json")
        .tempfile_in(folder)?;
    serde_json::to_writer_pretty(&file, info)?;
    Ok(file.into_temp_path())
}

fn reserve() -> io::Result<([u16; 5], [TcpSocket; 5])> {
    let sockets = [socket()?, socket()?, socket()?, socket()?, socket()?];
    let mut ports = [0; 5];
    for (port, socket) in ports.iter_mut().zip(&sockets) {
        *port = socket.local_addr()?.port();
    }
    Ok((ports, sockets))
}

fn socket() -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    socket.set_reuseaddr(true)?;
    socket.bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    Ok(socket)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_file_is_private_and_goes_away() {
        let file = ConnectionFile::create("threadbook").unwrap();
        let path = file.path().to_owned();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(read(&path).unwrap(), *file.info());
        assert_eq!(file.info().key.len(), 36);
        drop(file);
        assert!(matches!(read(&path), Err(ConnectionError::Read { .. })));
    }

    #[test]
    fn a_reserved_port_can_be_bound_by_the_kernel_alone() {
        let file = ConnectionFile::create("threadbook").unwrap();
        let info = file.info();
        let ports = [
            info.shell_port,
            info.iopub_port,
            info.stdin_port,
            info.control_port,
            info.hb_port,
        ];
        for port in ports {
            // The standard library binds with SO_REUSEADDR, as ZeroMQ does.
            let kernel = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            let second = TcpListener::bind((Ipv4Addr::LOCALHOST, port));
            assert_eq!(second.unwrap_err().kind(), io::ErrorKind::AddrInUse);
            drop(kernel);
        }
        for _ in 0..500 {
            let other = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
            assert!(!ports.contains(&other.local_addr().unwrap().port()));
        }
    }

    #[test]
    fn what_is_no_connection_file_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "{\"shell_port\": 1}").unwrap();
        let error = read(file.path()).unwrap_err().to_string();
        assert!(
            error.contains("is not a Jupyter connection file: missing field"),
            "{error}"
        );
        let missing = read(Path::new("/nonexistent/kernel.json"))
            .unwrap_err()
            .to_string();
        assert!(
            missing.starts_with(
                "cannot read the connection file /nonexistent/kernel.json: No such file"
            )
        );
    }
}
