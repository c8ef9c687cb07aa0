//! Calls that are sent to a worker: of a function whose code it has, with an argument that it gets.

use std::io;

use crate::ipc::Item;
use crate::ipc::item::{decode, encode, encode_up_to};
use crate::notebook::CellOutput;

/// A longer argument is not sent: a pipe takes this much without anyone reading, and a fork copies nothing.
const MAX_ARGUMENT_BYTES: usize = 60 * 1024;

/// A call that can be sent to a worker that has its code.
pub(super) struct Call {
    pub(super) code: Code,
    argument: Vec<u8>,
}

/// What a worker needs for a call besides the argument. Three addresses, all valid in each worker that is forked after a
/// call with them was submitted.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Code {
    /// A [`RunCall`].
    run: usize,
    /// The function, whose type `run` knows.
    function: usize,
    /// The cell that gets the output.
    output: usize,
}

/// Calls a function with a serialized argument, and serializes its value to the end of the bytes.
type RunCall =
    unsafe fn(function: *const (), argument: &[u8], value: &mut Vec<u8>) -> io::Result<()>;

const ADDRESS_LEN: usize = size_of::<usize>();

impl Call {
    /// None: the argument is too long, or cannot be serialized.
    pub(super) fn new<A, R>(f: fn(A) -> R, argument: &A, output: &CellOutput) -> Option<Self>
    where
        A: Item,
        R: Item,
    {
        let run: RunCall = run_call::<A, R>;
        let code = Code {
            run: (run as *const ()).expose_provenance(),
            function: (f as *const ()).expose_provenance(),
            output: output.id(),
        };
        let argument = encode_up_to(argument, MAX_ARGUMENT_BYTES)?;
        Some(Self { code, argument })
    }

    /// The bytes that a worker gets, for [`run`].
    pub(super) fn message(&self) -> Vec<u8> {
        let Code {
            run,
            function,
            output,
        } = self.code;
        let addresses = [run, function, output].map(usize::to_ne_bytes);
        [addresses.as_flattened(), &self.argument].concat()
    }
}

/// Runs a call, in a worker, and serializes its value to the end of `value`.
///
/// # Safety
/// `message` is a [`Call::message`], and this process has the code of the call: it was forked when its parent had
/// it.
pub(super) unsafe fn run(message: &[u8], value: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = message;
    let mut address = || {
        let (bytes, after) = rest.split_first_chunk::<ADDRESS_LEN>()?;
        rest = after;
        Some(usize::from_ne_bytes(*bytes))
    };
    let (Some(run), Some(function), Some(output)) = (address(), address(), address()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    // SAFETY: the number is the address of a `RunCall`: it was made from one by the parent, whose code this process has.
    let run: RunCall = unsafe { std::mem::transmute(std::ptr::with_exposed_provenance::<()>(run)) };
    let function = std::ptr::with_exposed_provenance(function);
    // SAFETY: the caller vouches for the process; `Call::new` has put these two functions together.
    let work = || unsafe { run(function, rest, value) };
    // SAFETY: the parent had such a `CellOutput` when it had the code.
    unsafe { CellOutput::scope_in_fork(output, work) }
}

/// The [`RunCall`] of the functions of one type.
///
/// # Safety
/// `function` is a `fn(A) -> R`.
unsafe fn run_call<A: Item, R: Item>(
    function: *const (),
    argument: &[u8],
    value: &mut Vec<u8>,
) -> io::Result<()> {
    // SAFETY: the caller says so.
    let f = unsafe { std::mem::transmute::<*const (), fn(A) -> R>(function) };
    encode(&f(decode(argument)?), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_runs_from_its_message_and_has_the_code_of_its_function() {
        let output = CellOutput::of_this_thread();
        let length = |text: String| text.len();
        let first = Call::new(length, &"four".to_string(), &output).unwrap();
        let (message, mut value) = (first.message(), Vec::new());
        // SAFETY: the message is that of a call of this very process.
        unsafe { run(&message, &mut value) }.unwrap();
        assert_eq!(decode::<usize>(&value).unwrap(), 4);
        let second = Call::new(length, &"three".to_string(), &output).unwrap();
        let other = Call::new(|n: u8| n, &1, &output).unwrap();
        assert!(first.code == second.code && first.code != other.code);
    }

    #[test]
    fn a_long_argument_makes_no_call() {
        let call = |length| {
            let argument = vec![0u8; length];
            Call::new(
                |bytes: Vec<u8>| bytes.len(),
                &argument,
                &CellOutput::of_this_thread(),
            )
        };
        assert!(call(MAX_ARGUMENT_BYTES).is_some() && call(MAX_ARGUMENT_BYTES + 1).is_none());
    }
}
