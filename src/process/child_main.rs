//! What a child process does from the fork to its exit.

use std::ffi::CString;
use std::io::{self, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::log::{Level, log};
use super::names;
use super::parent_exit::ExitWithParent;
use super::shutdown;
use super::threads;
use crate::future::panic_message;
use crate::notebook;
use crate::os;

/// Held in the child from the fork on: whatever happens, the parent's code further down the stack is never entered
/// again.
pub(super) struct NoReturn(());

impl NoReturn {
    pub(super) fn begin() -> Self {
        Self(())
    }

    fn exit(self, code: i32) -> ! {
        exit_now(code)
    }
}

impl Drop for NoReturn {
    fn drop(&mut self) {
        exit_now(1);
    }
}

/// Exits at once. `exit` would run the parent's `atexit` functions in the child.
fn exit_now(code: i32) -> ! {
    // SAFETY: `_exit` takes an integer and does not return.
    unsafe { libc::_exit(code) }
}

/// Runs `target` as the body of this process and exits with code 0, or 1 after a panic.
///
/// Not inlined: for the kernel, which shows where a process waits, the frames of the parent are further out
/// (`kernel/src/engine/backtrace.rs`).
#[inline(never)]
pub(super) fn run(
    no_return: NoReturn,
    exit_with_parent: ExitWithParent,
    name: &str,
    target: Box<dyn FnOnce()>,
) -> ! {
    names::set(name);
    // For `ps` and for the kernel, which names a process that waits. A name with a zero in it is kept out.
    if let Ok(system_name) = CString::new(name) {
        os::set_name(&system_name);
        notebook::name_thread(name);
    }
    threads::reset_in_child();
    let code = match set_up_process(exit_with_parent) {
        Ok(()) => match catch_unwind(AssertUnwindSafe(|| {
            log(Level::Info, "child process calling self.run()");
            target();
        })) {
            Ok(()) => 0,
            Err(payload) => {
                report(name, &panic_message(payload));
                1
            }
        },
        Err(error) => {
            report(name, &format!("cannot set up the process: {error}"));
            1
        }
    };
    shutdown::run();
    log(
        Level::Info,
        format_args!("process exiting with exitcode {code}"),
    );
    // A stream that no one reads any more is no reason to change the exit code.
    let _ = io::stdout().flush();
    no_return.exit(code)
}

fn set_up_process(exit_with_parent: ExitWithParent) -> io::Result<()> {
    reset_crash_signals();
    exit_with_parent.arm()?;
    detach_stdin()?;
    // rand does not notice a fork: without this all children would draw the same numbers.
    rand::rng().reseed().map_err(|error| {
        io::Error::other(format!("cannot get random bytes from the system: {error}"))
    })
}

/// A crash must kill the child with its signal, which is then its exit code. The inherited handlers are the parent's:
/// evcxr's would turn every crash into an abort.
fn reset_crash_signals() {
    for signal in [
        libc::SIGSEGV,
        libc::SIGILL,
        libc::SIGBUS,
        libc::SIGABRT,
        libc::SIGFPE,
        libc::SIGTRAP,
        libc::SIGSYS,
    ] {
        // SAFETY: the default action runs no code of ours, so there is nothing it could do wrong.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// The parent's stdin may carry commands for the parent (evcxr's does). The child reads an empty one.
fn detach_stdin() -> io::Result<()> {
    use std::os::fd::AsRawFd;

    let empty = std::fs::File::open("/dev/null")?;
    // SAFETY: the first descriptor is open; no Rust object owns descriptor 0.
    match unsafe { libc::dup2(empty.as_raw_fd(), libc::STDIN_FILENO) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

/// Reports in one write, so that the reports of several processes do not mix.
fn report(name: &str, message: &str) {
    let _ = io::stderr().write_all(format!("Process {name}:\n{message}\n").as_bytes());
}
