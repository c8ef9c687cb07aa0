//! A kernel for tests: its two functions, and the messages that were sent.

use std::ffi::c_int;
use std::io::{PipeWriter, Read, Write, pipe};
use std::mem::ManuallyDrop;
use std::os::fd::{FromRawFd, IntoRawFd};
use std::sync::atomic::{AtomicI32, Ordering::Relaxed};

use super::kernel_functions::KernelFunctions;
use crate::ipc::testing::{end_of, start};

/// The descriptor that messages are written to; -1: there is no kernel.
static MESSAGE_FD: AtomicI32 = AtomicI32::new(-1);

/// A message as the kernel reads it. `text` is that of the first form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Received {
    Display {
        id: String,
        mimes: Vec<String>,
        text: String,
    },
    Update {
        id: String,
        text: String,
    },
    Clear {
        wait: bool,
    },
}

pub(super) fn kernel() -> Option<KernelFunctions> {
    (MESSAGE_FD.load(Relaxed) >= 0).then_some(KernelFunctions {
        send,
        input: Some(input),
    })
}

/// Runs `f` in a process that believes it is a notebook's, and returns what it and its children have sent.
pub(crate) fn sent_by(f: impl FnOnce() + 'static) -> Vec<Received> {
    let (mut reader, writer) = pipe().unwrap();
    let p = start(move || {
        MESSAGE_FD.store(writer.into_raw_fd(), Relaxed);
        f();
    });
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    assert_eq!(end_of(&p, 30), Some(0), "the test failed, see above");
    let mut rest = bytes.as_slice();
    let mut messages = Vec::new();
    while !rest.is_empty() {
        let (message, after) = decode(rest);
        messages.push(message);
        rest = after;
    }
    messages
}

type Data = Vec<(String, u32, String)>;

fn decode(bytes: &[u8]) -> (Received, &[u8]) {
    fn take<'a, T: serde::Deserialize<'a>>(bytes: &'a [u8]) -> (T, &'a [u8]) {
        postcard::take_from_bytes(bytes).unwrap()
    }
    let (kind, rest) = take::<u32>(bytes);
    match kind {
        0 => {
            let ((id, data, _), rest) = take::<(Option<String>, Data, String)>(rest);
            let message = Received::Display {
                id: id.unwrap(),
                text: data[0].2.clone(),
                mimes: data.into_iter().map(|(mime, ..)| mime).collect(),
            };
            (message, rest)
        }
        1 => {
            let ((id, mut data, _), rest) = take::<(String, Data, String)>(rest);
            let text = data.swap_remove(0).2;
            (Received::Update { id, text }, rest)
        }
        2 => {
            let (wait, rest) = take(rest);
            (Received::Clear { wait }, rest)
        }
        other => panic!("no message has the number {other}"),
    }
}

/// Sends in one write, which is atomic up to 4 KiB.
unsafe extern "C" fn send(message: *const u8, length: usize) -> c_int {
    // SAFETY: the caller passes a slice's two parts.
    let message = unsafe { std::slice::from_raw_parts(message, length) };
    // SAFETY: the descriptor stays open to the end of the process, and is not closed here.
    let mut to = ManuallyDrop::new(unsafe { PipeWriter::from_raw_fd(MESSAGE_FD.load(Relaxed)) });
    match to.write_all(message) {
        Ok(()) => 0,
        Err(error) => error.raw_os_error().unwrap_or(libc::EIO),
    }
}

/// Answers with the prompt, and an exclamation mark for a password; the prompt `-N` fails with errno N.
unsafe extern "C" fn input(
    prompt: *const u8,
    length: usize,
    password: c_int,
    buffer: *mut u8,
    capacity: usize,
) -> isize {
    // SAFETY: the caller passes a slice's two parts.
    let prompt = unsafe { std::slice::from_raw_parts(prompt, length) };
    let prompt = std::str::from_utf8(prompt).unwrap();
    if let Some(error) = prompt.strip_prefix('-') {
        return -error.parse::<isize>().unwrap();
    }
    let answer = format!("{prompt}{}", if password == 1 { "!" } else { "" });
    assert!(answer.len() <= capacity);
    // SAFETY: the caller's buffer has room for `capacity` bytes.
    unsafe { std::ptr::copy_nonoverlapping(answer.as_ptr(), buffer, answer.len()) };
    answer.len().cast_signed()
}
