//! Connections between programs.

use std::fmt;
use std::fs;
use std::io;
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::sync::Mutex;
use std::time::Instant;

use super::Connection;
use super::address::Address;
use super::authentication::{self, answer_challenge, deliver_challenge};
use super::socket::{SocketEnd, Stream};
use crate::ipc::Item;
use crate::os;
use crate::sync::lock;

/// Waits for connections from other programs: Python's `multiprocessing.connection.Listener`.
///
/// ```
/// use threadbook::prelude::*;
///
/// let listener = Listener::bind(("localhost", 0))?.authkey(b"secret password");
/// let address = listener.address().clone();
/// let mut p = Process::new(move || {
///     let connection = Client::connect_with_key::<String>(&address, b"secret password").unwrap();
///     connection.send(&"hello".to_string()).unwrap();
/// });
/// p.start()?;
/// let connection = listener.accept::<String>()?;
/// assert_eq!(connection.recv()?, "hello");
/// p.join()?;
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// The other end may be a Python program (3.12 or later, if there is a key), which then sends and receives bytes.
#[doc(alias = "multiprocessing.connection")]
pub struct Listener {
    socket: Socket,
    address: Address,
    authkey: Option<Vec<u8>>,
    last_accepted: Mutex<Option<Address>>,
    /// The process that created it, and the only one that removes the socket file.
    owner_pid: u32,
}

enum Socket {
    Unix(UnixListener),
    Tcp(TcpListener),
}

impl Listener {
    /// Listens on a new socket file in the temporary directory.
    ///
    /// # Errors
    /// The directory is not writable.
    pub fn new() -> io::Result<Self> {
        let name = format!("threadbook-listener-{:016x}", rand::random::<u64>());
        Self::bind(std::env::temp_dir().join(name))
    }

    /// Listens on this address. Port 0 means any free one, which [`address`](Self::address) tells.
    ///
    /// # Errors
    /// `AddrInUse`: another listener has the address. The directory or the host does not exist.
    pub fn bind(address: impl Into<Address>) -> io::Result<Self> {
        let address = address.into();
        let cannot = |error: io::Error| {
            io::Error::new(error.kind(), format!("cannot listen on {address}: {error}"))
        };
        let (socket, address) = match &address {
            Address::Unix(path) => {
                let socket = UnixListener::bind(path).map_err(cannot)?;
                (Socket::Unix(socket), address)
            }
            Address::Inet(host, port) => {
                let socket = TcpListener::bind((host.as_str(), *port)).map_err(cannot)?;
                let address = socket.local_addr()?.into();
                (Socket::Tcp(socket), address)
            }
        };
        Ok(Self {
            socket,
            address,
            authkey: None,
            last_accepted: Mutex::new(None),
            owner_pid: os::process_id(),
        })
    }

    /// Demands that who connects has this key, and proves to them that this end has it too.
    pub fn authkey(mut self, key: impl Into<Vec<u8>>) -> Self {
        self.authkey = Some(key.into());
        self
    }

    /// Blocks until someone connects.
    ///
    /// # Errors
    /// An [`AuthenticationError`](super::AuthenticationError) of kind `PermissionDenied`: who has connected has another
    /// key or none, or did not answer within 20 s. The listener goes on, so the caller may try again.
    pub fn accept<T: Item>(&self) -> io::Result<Connection<T>> {
        let (stream, peer) = match &self.socket {
            Socket::Unix(socket) => {
                let (stream, _) = socket.accept()?;
                (Stream::Unix(stream), self.address.clone())
            }
            Socket::Tcp(socket) => {
                let (stream, peer) = socket.accept()?;
                stream.set_nodelay(true)?;
                (Stream::Tcp(stream), peer.into())
            }
        };
        let socket = SocketEnd::new(stream);
        if let Some(key) = &self.authkey {
            let deadline = Instant::now() + authentication::TIMEOUT;
            deliver_challenge(&socket, key, deadline)?;
            answer_challenge(&socket, key, deadline)?;
        }
        *lock(&self.last_accepted) = Some(peer);
        Ok(Connection::of_socket(socket))
    }

    /// Returns the address to connect to.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Returns where the last accepted connection came from. None: none was accepted.
    pub fn last_accepted(&self) -> Option<Address> {
        lock(&self.last_accepted).clone()
    }

    /// Stops listening, as dropping it does. Accepted connections go on.
    pub fn close(self) {}
}

impl Drop for Listener {
    fn drop(&mut self) {
        if let Address::Unix(path) = &self.address
            && self.owner_pid == os::process_id()
        {
            // Someone may have removed it by hand.
            let _ = fs::remove_file(path);
        }
    }
}

/// Readable when someone has connected and was not accepted yet.
impl AsFd for Listener {
    fn as_fd(&self) -> BorrowedFd<'_> {
        match &self.socket {
            Socket::Unix(socket) => socket.as_fd(),
            Socket::Tcp(socket) => socket.as_fd(),
        }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Listener address={}>", self.address)
    }
}

/// Connects to a [`Listener`]: Python's `multiprocessing.connection.Client`.
pub struct Client;

impl Client {
    /// Connects to a listener without a key.
    ///
    /// # Errors
    /// `ConnectionRefused`, `NotFound`: no one listens there.
    pub fn connect<T: Item>(address: impl Into<Address>) -> io::Result<Connection<T>> {
        open(&address.into()).map(Connection::of_socket)
    }

    /// Connects to a listener with a key, and checks that it has the same.
    ///
    /// # Errors
    /// An [`AuthenticationError`](super::AuthenticationError) of kind `PermissionDenied`: it has another key or none, or
    /// did not answer within 20 s. Those of [`connect`](Self::connect).
    pub fn connect_with_key<T: Item>(
        address: impl Into<Address>,
        key: &[u8],
    ) -> io::Result<Connection<T>> {
        let socket = open(&address.into())?;
        let deadline = Instant::now() + authentication::TIMEOUT;
        answer_challenge(&socket, key, deadline)?;
        deliver_challenge(&socket, key, deadline)?;
        Ok(Connection::of_socket(socket))
    }
}

fn open(address: &Address) -> io::Result<SocketEnd> {
    let stream = match address {
        Address::Unix(path) => UnixStream::connect(path).map(Stream::Unix),
        Address::Inet(host, port) => TcpStream::connect((host.as_str(), *port))
            .and_then(|stream| stream.set_nodelay(true).map(|()| Stream::Tcp(stream))),
    };
    match stream {
        Ok(stream) => Ok(SocketEnd::new(stream)),
        Err(error) => Err(io::Error::new(
            error.kind(),
            format!("cannot connect to {address}: {error}"),
        )),
    }
}
