//! Where the server listens, and who may connect.
//!
//! On Linux it is an abstract name: it is no file, so nothing is left behind when the server is killed, and no folder has to
//! be found that is writable and private. But an abstract name has no owner and no mode. So the server asks the system
//! for the user of each connection and closes those of others. Elsewhere it is a socket file in a
//! new folder that only the user may enter.

use std::io;
use std::os::fd::AsRawFd;
use std::os::unix::net::{UnixListener, UnixStream};

use rand::Rng;

/// The name of a server: 128 random bits make it a new one.
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

    /// The process and the user at the other end.
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
        // What is not there any more need not be removed.
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

/// The process at the other end. None: it is of another user, or has gone.
pub(super) fn check_peer(stream: &UnixStream) -> Option<u32> {
    // SAFETY: takes no arguments and cannot fail.
    let me = unsafe { libc::geteuid() };
    let (pid, user) = platform::peer(stream).ok()?;
    (user == me).then_some(pid)
}
