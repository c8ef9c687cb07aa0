//! Display records: rich output on its way from a cell's process to the runtime.
//!
//! The helper crate makes a record ([`crate::ipc::Message`]), and this module adds the number of its cell. A large record
//! travels in an unnamed file, whose descriptor the socket carries.

use super::cell_output;
use super::display_socket;
use super::output_order::{self, OutputChannel};
use super::schedule;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::ptr;

/// Longer records, in bytes, go in a file. A socket takes up to about 200 kB in one piece.
const LARGE: usize = 64 * 1024;

/// Room for one descriptor sent with a record (cmsg(3)).
type AncillaryData = [u64; 4];

/// Sends a record, for the helper crate. Returns 0, or an errno value.
pub extern "C" fn send(record: *const u8, length: usize) -> libc::c_int {
    // A run of an explored cell shows nothing itself.
    if schedule::is_on() {
        return 0;
    }
    // SAFETY: the caller passes the bytes of a live slice.
    let record = unsafe { std::slice::from_raw_parts(record, length) };
    let Some((output, _)) = cell_output::current() else {
        return libc::ENOTCONN;
    };
    output_order::wait_for_turn(output, OutputChannel::Display, || true);
    let sent = if record.len() > LARGE {
        to_memfd(record).and_then(|file| put(output.cell, &[], Some(file.as_raw_fd())))
    } else {
        put(output.cell, record, None)
    };
    match sent {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(libc::EIO),
    }
}

fn to_memfd(record: &[u8]) -> io::Result<File> {
    // SAFETY: the name is a C string; the new descriptor is ours.
    let mut file = unsafe {
        let fd = libc::memfd_create(c"threadbook-output".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return Err(io::Error::last_os_error());
        }
        File::from_raw_fd(fd)
    };
    file.write_all(record)?;
    Ok(file)
}

fn put(cell: u32, record: &[u8], file: Option<RawFd>) -> io::Result<()> {
    let mut number = cell.to_le_bytes();
    let mut parts = [
        part(number.as_mut_ptr(), number.len()),
        part(record.as_ptr().cast_mut(), record.len()),
    ];
    let mut ancillary = AncillaryData::default();
    // SAFETY: all zero is a valid message header.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    if let Some(file) = file {
        header.msg_control = ptr::from_mut(&mut ancillary).cast();
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
        let sent = unsafe { libc::sendmsg(display_socket::socket(), &header, libc::MSG_NOSIGNAL) };
        if sent >= 0 {
            return Ok(());
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

/// Receives the next record, with the number of its cell. Returns `None` when there is none now.
pub fn take(socket: &OwnedFd) -> io::Result<Option<(u32, Vec<u8>)>> {
    let mut number = [0; 4];
    let mut record: Vec<u8> = Vec::with_capacity(LARGE);
    let mut parts = [
        part(number.as_mut_ptr(), number.len()),
        part(record.as_mut_ptr(), record.capacity()),
    ];
    let mut ancillary = AncillaryData::default();
    // SAFETY: all zero is a valid message header.
    let mut header: libc::msghdr = unsafe { std::mem::zeroed() };
    header.msg_iov = parts.as_mut_ptr();
    header.msg_iovlen = parts.len() as _;
    header.msg_control = ptr::from_mut(&mut ancillary).cast();
    header.msg_controllen = size_of::<AncillaryData>() as _;
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
    // SAFETY: recvmsg(2) has filled that many bytes.
    unsafe { record.set_len(length) };
    if let Some(mut file) = attached_file(&header) {
        file.rewind()?;
        file.read_to_end(&mut record)?;
    }
    Ok(Some((u32::from_le_bytes(number), record)))
}

fn attached_file(header: &libc::msghdr) -> Option<File> {
    // SAFETY: Linux has filled the control buffer, which may be empty; a descriptor in it is new,
    // and ours.
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
