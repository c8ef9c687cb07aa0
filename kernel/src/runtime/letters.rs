//! Rich output on its way from the cells' processes to the kernel.
//!
//! A letter is a record that the helper crate makes ([`crate::ipc::Message`]), with the number of
//! the cell that it belongs to. Letters go through one socket that keeps them apart (unix(7),
//! `SOCK_SEQPACKET`), so all processes can write to it. A large one goes in a file without a name,
//! of which the socket carries the descriptor.

use super::order::{self, Way};
use super::outlet;
use anyhow::{Context, Result};
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;
use std::sync::atomic::AtomicI32;
use std::sync::atomic::Ordering::{Acquire, Release};

/// Longer letters go in a file, in bytes. A socket takes up to about 200 kB in one piece.
const LARGE: usize = 64 * 1024;

/// The writing end, for this process and those that it forks; -1 before [`open`].
static SOCKET: AtomicI32 = AtomicI32::new(-1);

/// Room for one descriptor beside a letter (cmsg(3)).
type Beside = [u64; 4];

/// Opens the way; gives its reading end.
pub fn open() -> Result<OwnedFd> {
    let mut ends = [0; 2];
    // SAFETY: socketpair(2) fills the array.
    let failed = unsafe {
        libc::socketpair(
            libc::AF_UNIX,
            libc::SOCK_SEQPACKET | libc::SOCK_CLOEXEC,
            0,
            ends.as_mut_ptr(),
        )
    };
    if failed != 0 {
        return Err(io::Error::last_os_error()).context("socketpair");
    }
    SOCKET.store(ends[1], Release);
    // SAFETY: the descriptor is new, and ours.
    Ok(unsafe { OwnedFd::from_raw_fd(ends[0]) })
}

/// The writing end.
pub fn socket() -> RawFd {
    SOCKET.load(Acquire)
}

/// What the helper crate calls to send a letter; 0, or an errno value.
pub extern "C" fn send(letter: *const u8, length: usize) -> libc::c_int {
    // SAFETY: the caller passes the bytes of a live slice.
    let letter = unsafe { std::slice::from_raw_parts(letter, length) };
    let Some((outlet, _)) = outlet::of_this_thread() else {
        return libc::ENOTCONN;
    };
    order::before(outlet, Way::Letters, || true);
    let sent = if letter.len() > LARGE {
        in_a_file(letter).and_then(|file| put(outlet.cell, &[], Some(file.as_raw_fd())))
    } else {
        put(outlet.cell, letter, None)
    };
    match sent {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(libc::EIO),
    }
}

fn in_a_file(letter: &[u8]) -> io::Result<File> {
    // SAFETY: the name is a C string; the new descriptor is ours.
    let mut file = unsafe {
        let fd = libc::memfd_create(c"threadbook-output".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        File::from_raw_fd(fd)
    };
    file.write_all(letter)?;
    Ok(file)
}

fn put(cell: u32, letter: &[u8], file: Option<RawFd>) -> io::Result<()> {
    let mut number = cell.to_le_bytes();
    let mut parts = [
        part(number.as_mut_ptr(), number.len()),
        part(letter.as_ptr().cast_mut(), letter.len()),
    ];
    let mut beside = Beside::default();
    // SAFETY: all zero is a valid message header.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if let Some(file) = file {
        header.msg_control = ptr::from_mut(&mut beside).cast();
        // SAFETY: the control buffer has room for one descriptor and is aligned for its header.
        unsafe {
            header.msg_controllen = libc::CMSG_SPACE(size_of::<RawFd>() as u32) as _;
            let control = libc::CMSG_FIRSTHDR(&header);
            (*control).cmsg_level = libc::SOL_SOCKET;
            (*control).cmsg_type = libc::SCM_RIGHTS;
            (*control).cmsg_len = libc::CMSG_LEN(size_of::<RawFd>() as u32) as _;
            libc::CMSG_DATA(control)
                .cast::<RawFd>()
                .write_unaligned(file);
        }
    }
    loop {
        // SAFETY: header, parts and control buffer are live; sendmsg(2) reads them.
        let sent = unsafe { libc::sendmsg(socket(), &header, libc::MSG_NOSIGNAL) };
        if sent >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Takes the next letter with the number of its cell; `None` when there is none now.
pub fn take(socket: &OwnedFd) -> io::Result<Option<(u32, Vec<u8>)>> {
    let mut number = [0; 4];
    let mut letter: Vec<u8> = Vec::with_capacity(LARGE);
    let mut parts = [
        part(number.as_mut_ptr(), number.len()),
        part(letter.as_mut_ptr(), letter.capacity()),
    ];
    let mut beside = Beside::default();
    // SAFETY: all zero is a valid message header.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    header.msg_control = ptr::from_mut(&mut beside).cast();
    header.msg_controllen = size_of::<Beside>() as _;
    let flags = libc::MSG_DONTWAIT | libc::MSG_CMSG_CLOEXEC;
    // SAFETY: header, parts and control buffer are live, with the lengths given.
    let length = unsafe { libc::recvmsg(socket.as_raw_fd(), &mut header, flags) };
    let Some(length) = (length.max(0) as usize).checked_sub(number.len()) else {
        let error = io::Error::last_os_error();
        return match error.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Ok(None),
            _ => Err(error),
        };
    };
    // SAFETY: recvmsg(2) has filled so many bytes.
    unsafe { letter.set_len(length) };
    if let Some(mut file) = file_beside(&header) {
        file.rewind()?;
        file.read_to_end(&mut letter)?;
    }
    Ok(Some((u32::from_le_bytes(number), letter)))
}

fn file_beside(header: &libc::msghdr) -> Option<File> {
    // SAFETY: the kernel has filled the control buffer, which may be empty; a descriptor in it is
    // new, and ours.
    unsafe {
        let control = libc::CMSG_FIRSTHDR(header).as_ref()?;
        if control.cmsg_level != libc::SOL_SOCKET || control.cmsg_type != libc::SCM_RIGHTS {
            return None;
        }
        let file = libc::CMSG_DATA(control).cast::<RawFd>().read_unaligned();
        Some(File::from_raw_fd(file))
    }
}

fn part(start: *mut u8, length: usize) -> libc::iovec {
    libc::iovec {
        iov_base: start.cast(),
        iov_len: length,
    }
}
