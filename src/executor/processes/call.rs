//! Calls of functions, whose arguments are sent.

use std::io;

use crate::ipc::Item;
use crate::ipc::item::{decode, encode};
use crate::notebook::CellOutput;

/// A call with a longer argument is not sent to a worker that waits, since a pipe takes no more without a reader. A
/// worker that is forked for it has the bytes already.
const MAX_SENT_BYTES: usize = 60 * 1024;

/// A call of a function. Whoever runs it gets its own copy of the argument.
pub(super) struct Call {
    pub(super) code: Code,
    /// Serialized.
    argument: Vec<u8>,
}

/// What a process needs for a call besides the argument. Three addresses, which are valid in the process that has made
/// the call, and in each that was forked from it after that.
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
    /// # Errors
    /// The argument cannot be serialized.
    pub(super) fn new<A, R>(f: fn(A) -> R, argument: &A, output: &CellOutput) -> io::Result<Self>
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
        let mut bytes = Vec::new();
        encode(argument, &mut bytes)?;
        Ok(Self {
            code,
            argument: bytes,
        })
    }

    /// Returns whether it can be sent to a worker that waits.
    pub(super) fn is_short(&self) -> bool {
        self.argument.len() <= MAX_SENT_BYTES
    }

    /// Runs the call, and serializes its value to the end of `value`.
    pub(super) fn run(&self, value: &mut Vec<u8>) -> io::Result<()> {
        // SAFETY: this process has made the call, or was forked from the one that has: only `new` makes a `Call`.
        unsafe { self.code.run(&self.argument, value) }
    }

    /// The bytes that a worker which waits gets, for [`run_sent`].
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

/// Runs a call that was sent, and serializes its value to the end of `value`.
///
/// # Safety
/// `message` is a [`Call::message`] of the parent, and this process was forked when the parent had made a call with the
/// same code.
pub(super) unsafe fn run_sent(message: &[u8], value: &mut Vec<u8>) -> io::Result<()> {
    let mut rest = message;
    let mut address = || {
        let (bytes, after) = rest.split_first_chunk::<ADDRESS_LEN>()?;
        rest = after;
        Some(usize::from_ne_bytes(*bytes))
    };
    let (Some(run), Some(function), Some(output)) = (address(), address(), address()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let code = Code {
        run,
        function,
        output,
    };
    // SAFETY: the caller says so.
    unsafe { code.run(rest, value) }
}

impl Code {
    /// # Safety
    /// This process has made a call with this code, or was forked when its parent had. No library that has given away a
    /// function is unloaded: whoever does that must know that no one uses it any more.
    unsafe fn run(self, argument: &[u8], value: &mut Vec<u8>) -> io::Result<()> {
        let run = std::ptr::with_exposed_provenance::<()>(self.run);
        // SAFETY: `Call::new` has made the address from a `RunCall`, and it is valid here.
        let run = unsafe { std::mem::transmute::<*const (), RunCall>(run) };
        let function = std::ptr::with_exposed_provenance(self.function);
        // SAFETY: `Call::new` has put these two functions together.
        let work = || unsafe { run(function, argument, value) };
        // SAFETY: the `CellOutput` existed when the call was made.
        unsafe { CellOutput::scope_in_fork(self.output, work) }
    }
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
    let argument = decode(argument).map_err(|error| {
        let text = format!("its argument cannot be read back: {error}");
        io::Error::new(error.kind(), text)
    })?;
    encode(&f(argument), value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_runs_here_or_from_its_message_and_has_the_code_of_its_function() {
        let output = CellOutput::of_this_thread();
        let length = |text: String| text.len();
        let first = Call::new(length, &"four".to_string(), &output).unwrap();
        let [mut here, mut sent] = [const { Vec::new() }; 2];
        first.run(&mut here).unwrap();
        // SAFETY: the message is that of a call of this very process.
        unsafe { run_sent(&first.message(), &mut sent) }.unwrap();
        assert_eq!(decode::<usize>(&here).unwrap(), 4);
        assert_eq!(here, sent);
        let second = Call::new(length, &"three".to_string(), &output).unwrap();
        let other = Call::new(|n: u8| n, &1, &output).unwrap();
        assert!(first.code == second.code && first.code != other.code);
    }

    #[test]
    fn a_long_argument_is_not_short() {
        let output = CellOutput::of_this_thread();
        let call = |length| Call::new(|b: Vec<u8>| b.len(), &vec![0; length], &output).unwrap();
        assert!(call(MAX_SENT_BYTES).is_short() && !call(MAX_SENT_BYTES + 1).is_short());
    }
}
