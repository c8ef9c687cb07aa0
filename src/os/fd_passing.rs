//! Passes two descriptors from one process to another over a socket (SCM_RIGHTS).

use std::io;
use std::mem::zeroed;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;

/// The buffer of a control message with two descriptors, aligned as the system requires.
#[repr(C, align(16))]
struct ControlBuffer([u8; 64]);

const PAYLOAD_LEN: libc::c_uint = 2 * size_of::<RawFd>() as libc::c_uint;

/// Sends copies of two descriptors.
pub(crate) fn send_fds(socket: &UnixStream, descriptors: [BorrowedFd<'_>; 2]) -> io::Result<()> {
    let numbers = descriptors.map(|fd| fd.as_raw_fd());
    with_message(|message| {
        // SAFETY: `message` has a control buffer that is large enough for one header and `PAYLOAD_LEN` bytes, so the header and
        // its data lie inside. The data may be unaligned, hence the type of write.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(message);
            (*header).cmsg_level = libc::SOL_SOCKET;
            (*header).cmsg_type = libc::SCM_RIGHTS;
            (*header).cmsg_len = libc::CMSG_LEN(PAYLOAD_LEN) as _;
            libc::CMSG_DATA(header)
                .cast::<[RawFd; 2]>()
                .write_unaligned(numbers);
        }
        retry_interrupted(|| {
            // SAFETY: all that `message` points to is live. A receiver that has exited is an error (see `SEND_FLAGS`),
            // not a signal.
            unsafe { libc::sendmsg(socket.as_raw_fd(), message, SEND_FLAGS) }
        })
    })
    .map(drop)
}

/// Receives two descriptors. `UnexpectedEof`: the other side has closed the socket instead.
pub(crate) fn recv_fds(socket: &UnixStream) -> io::Result<[OwnedFd; 2]> {
    with_message(|message| {
        let count = retry_interrupted(|| {
            // SAFETY: all that `message` points to is live and may be written.
            unsafe { libc::recvmsg(socket.as_raw_fd(), message, RECEIVE_FLAGS) }
        })?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        // SAFETY: the system has filled in `message`; a header that it returns is inside the control buffer with its
        // data, whose length is checked. The descriptors are new, and this is their only owner.
        unsafe {
            let header = libc::CMSG_FIRSTHDR(message);
            if header.is_null()
                || (*header).cmsg_level != libc::SOL_SOCKET
                || (*header).cmsg_type != libc::SCM_RIGHTS
                || (*header).cmsg_len as usize != libc::CMSG_LEN(PAYLOAD_LEN) as usize
            {
                return Err(io::ErrorKind::InvalidData.into());
            }
            let numbers = libc::CMSG_DATA(header)
                .cast::<[RawFd; 2]>()
                .read_unaligned();
            Ok(numbers.map(|number| OwnedFd::from_raw_fd(number)))
        }
    })
}

/// Calls `call` with a message of one byte and room for the descriptors.
fn with_message<R>(call: impl FnOnce(&mut libc::msghdr) -> R) -> R {
    // SAFETY: takes an integer.
    assert!(unsafe { libc::CMSG_SPACE(PAYLOAD_LEN) } as usize <= size_of::<ControlBuffer>());
    let mut control = ControlBuffer([0; 64]);
    let mut byte = [0_u8];
    let mut part = libc::iovec {
        iov_base: byte.as_mut_ptr().cast(),
        iov_len: 1,
    };
    // SAFETY: all bytes zero are a valid `msghdr`: no address, no parts, no control message.
    let mut message: libc::msghdr = unsafe { zeroed() };
    message.msg_iov = &raw mut part;
    message.msg_iovlen = 1;
    message.msg_control = control.0.as_mut_ptr().cast();
    // SAFETY: takes an integer.
    message.msg_controllen = unsafe { libc::CMSG_SPACE(PAYLOAD_LEN) } as _;
    call(&mut message)
}

#[cfg(target_os = "linux")]
const SEND_FLAGS: libc::c_int = libc::MSG_NOSIGNAL;
#[cfg(target_os = "linux")]
const RECEIVE_FLAGS: libc::c_int = libc::MSG_CMSG_CLOEXEC;
// Rust programs ignore SIGPIPE, and this crate runs no other program.
#[cfg(not(target_os = "linux"))]
const SEND_FLAGS: libc::c_int = 0;
#[cfg(not(target_os = "linux"))]
const RECEIVE_FLAGS: libc::c_int = 0;

/// Repeats `call` until it is not interrupted by a signal.
fn retry_interrupted(mut call: impl FnMut() -> isize) -> io::Result<usize> {
    loop {
        match usize::try_from(call()) {
            Ok(count) => return Ok(count),
            Err(_) => {
                let error = io::Error::last_os_error();
                if error.kind() != io::ErrorKind::Interrupted {
                    return Err(error);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write, pipe};
    use std::os::fd::AsFd;

    use super::*;

    #[test]
    fn descriptors_arrive_as_copies_of_their_own() {
        let (here, there) = UnixStream::pair().unwrap();
        let (reader, writer) = pipe().unwrap();
        send_fds(&here, [reader.as_fd(), writer.as_fd()]).unwrap();
        drop((reader, writer));
        let [reader, writer] = recv_fds(&there).unwrap();
        let (mut reader, mut writer) = (io::PipeReader::from(reader), io::PipeWriter::from(writer));
        writer.write_all(b"!").unwrap();
        drop(writer);
        assert_eq!(io::read_to_string(&mut reader).unwrap(), "!");
        assert_eq!(reader.read(&mut [0]).unwrap(), 0);
    }

    #[test]
    fn a_socket_that_is_closed_or_says_something_else_is_an_error() {
        let (mut here, there) = UnixStream::pair().unwrap();
        here.write_all(b"?").unwrap();
        let error = recv_fds(&there).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidData);
        drop(here);
        let error = recv_fds(&there).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }
}
