//! The address where the server listens, and the check of who may connect.
//!
//! On Linux the address is an abstract name. It is not a file, so nothing is left behind when the server is killed, and
//! no directory is needed that is writable and private. But an abstract name has no owner and no mode. So the server
//! asks the system for the user of each connection and closes those of other users. Elsewhere the address is a socket
//! file in a new directory that only the user may enter.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};

use rand::Rng;

/// Returns the name of a server, which 128 random bits make unique.
fn new_name() -> String {
    let random: u128 = rand::rng().random();
    format!("threadbook-{random:032x}")
}

#[cfg(target_os = "linux")]
mod platform {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;

    use super::*;

    pub(in super::super) fn listen() -> io::Result<(String, UnixListener)> {
        let name = new_name();
        let address = SocketAddr::from_abstract_name(&name)?;
        Ok((name, UnixListener::bind_addr(&address)?))
    }

    pub(in super::super) fn connect(name: &str) -> io::Result<UnixStream> {
        UnixStream::connect_addr(&SocketAddr::from_abstract_name(name)?)
    }

    pub(in super::super) fn remove(_name: &str) {}

    /// Returns the process and the user at the other end.
    pub(super) fn peer(stream: &UnixStream) -> io::Result<(u32, u32)> {
        let mut peer = libc::ucred {
            pid: 0,
            uid: 0,
            gid: 0,
        };
        let mut size = size_of::<libc::ucred>() as libc::socklen_t;
        // SAFETY: `peer` has room for `size` bytes, and both outlive the call.
        let result = unsafe {
            libc::getsockopt(
                stream.as_raw_fd(),
                libc::SOL_SOCKET,
                libc::SO_PEERCRED,
                (&raw mut peer).cast(),
                &raw mut size,
            )
        };
        match result {
            0 => Ok((peer.pid as u32, peer.uid)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod platform {
    use std::fs::{self, DirBuilder};
    use std::os::unix::fs::DirBuilderExt;
    use std::path::Path;

    use super::*;

    pub(in super::super) fn listen() -> io::Result<(String, UnixListener)> {
        let folder = std::env::temp_dir().join(new_name());
        DirBuilder::new().mode(0o700).create(&folder)?;
        let path = folder.join("socket");
        let listener = UnixListener::bind(&path)?;
        Ok((path.to_string_lossy().into_owned(), listener))
    }

    pub(in super::super) fn connect(name: &str) -> io::Result<UnixStream> {
        UnixStream::connect(name)
    }

    pub(in super::super) fn remove(name: &str) {
        // What is already gone need not be removed.
        let _ = fs::remove_file(name);
        if let Some(folder) = Path::new(name).parent() {
            let _ = fs::remove_dir(folder);
        }
    }

    pub(super) fn peer(stream: &UnixStream) -> io::Result<(u32, u32)> {
        let (mut user, mut group) = (0, 0);
        let mut pid: libc::pid_t = 0;
        let mut size = size_of::<libc::pid_t>() as libc::socklen_t;
        // SAFETY: all pointers are to live variables of the right size.
        let results = unsafe {
            [
                libc::getpeereid(stream.as_raw_fd(), &raw mut user, &raw mut group),
                libc::getsockopt(
                    stream.as_raw_fd(),
                    libc::SOL_LOCAL,
                    libc::LOCAL_PEERPID,
                    (&raw mut pid).cast(),
                    &raw mut size,
                ),
            ]
        };
        match results {
            [0, 0] => Ok((pid as u32, user)),
            _ => Err(io::Error::last_os_error()),
        }
    }
}

pub(super) use platform::{connect, listen, remove};

/// Returns the process at the other end. None: it belongs to another user, or has exited.
pub(super) fn check_peer(stream: &UnixStream) -> Option<u32> {
    // SAFETY: takes no arguments and cannot fail.
    let me = unsafe { libc::geteuid() };
    let (pid, user) = platform::peer(stream).ok()?;
    (user == me).then_some(pid)
}
