//! The two functions that the kernel's runtime process offers to the code in it.

use std::ffi::{c_int, c_void};
use std::io;

use super::message::Message;
use super::symbol::Symbol;

/// Sends a message (postcard, see `Message`) to the front end, in order with stdout and stderr; returns 0, or an errno
/// value. Any thread may call it, and any forked process.
pub(super) type Send = unsafe extern "C" fn(message: *const u8, length: usize) -> c_int;

/// Asks the user for a line. `prompt` is UTF-8, `password` 0 or 1. Writes at most `capacity` bytes of UTF-8 to `buffer`
/// and returns their number, or a negative errno value.
pub(super) type Input = unsafe extern "C" fn(
    prompt: *const u8,
    length: usize,
    password: c_int,
    buffer: *mut u8,
    capacity: usize,
) -> isize;

/// The kernel's functions.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KernelFunctions {
    pub(super) send: Send,
    pub(super) input: Option<Input>,
}

/// The longest answer that [`KernelFunctions::input`] accepts.
const MAX_ANSWER_BYTES: usize = 1 << 16;

static SEND: Symbol = Symbol::new(c"threadbook_send");
static INPUT: Symbol = Symbol::new(c"threadbook_input");

impl KernelFunctions {
    /// Looks the functions up. None outside of our kernel.
    pub(crate) fn find() -> Option<Self> {
        #[cfg(test)]
        if let Some(kernel) = super::testing::kernel() {
            return Some(kernel);
        }
        let send = SEND.find()?;
        let input = INPUT.find();
        // SAFETY: a program that exports these two names exports functions with these signatures. They stay loaded,
        // since they are part of the program itself.
        unsafe {
            Some(Self {
                send: std::mem::transmute::<*mut c_void, Send>(send),
                input: input.map(|input| std::mem::transmute::<*mut c_void, Input>(input)),
            })
        }
    }

    pub(crate) fn send(self, message: &Message<'_>) -> io::Result<()> {
        let bytes = postcard::to_stdvec(message).map_err(io::Error::other)?;
        // SAFETY: the pointer and the length are those of `bytes`, which is only read.
        match unsafe { (self.send)(bytes.as_ptr(), bytes.len()) } {
            0 => Ok(()),
            error => Err(io::Error::from_raw_os_error(error)),
        }
    }

    /// Asks the user for a line.
    pub(crate) fn input(self, prompt: &str, password: bool) -> io::Result<String> {
        let input = self.input.ok_or_else(|| input_error(libc::ENOTSUP))?;
        let mut answer = vec![0; MAX_ANSWER_BYTES];
        // SAFETY: the first pointer and length are those of `prompt`, which is only read, the others those of `answer`.
        let length = unsafe {
            input(
                prompt.as_ptr(),
                prompt.len(),
                password.into(),
                answer.as_mut_ptr(),
                answer.len(),
            )
        };
        match usize::try_from(length) {
            Ok(length) => {
                answer.truncate(length);
                String::from_utf8(answer).map_err(io::Error::other)
            }
            Err(_) => Err(input_error(i32::try_from(-length).unwrap_or(libc::EIO))),
        }
    }
}

fn input_error(error: i32) -> io::Error {
    let code = io::Error::from_raw_os_error(error);
    let text = match error {
        libc::ENOTSUP => "this front end does not support input: run the cell in JupyterLab".into(),
        libc::EPERM => {
            "only the notebook's main process can ask for input, not a process that it started"
                .into()
        }
        libc::EINTR => "interrupted while waiting for input".into(),
        libc::EMSGSIZE => format!("the answer is longer than {MAX_ANSWER_BYTES} bytes"),
        _ => return code,
    };
    io::Error::new(code.kind(), text)
}
