//! Input from the user.

use std::io::{self, IsTerminal, Write};

use crate::notebook::{self, Host};
use crate::process;

/// Asks the user for a line: Python's `input`. The result does not include the newline.
///
/// A notebook shows an input field. A standalone program prints the prompt and reads a line of stdin.
///
/// ```no_run
/// use threadbook::prelude::*;
///
/// let name = input("Your name? ")?;
/// println!("Hello, {name}!");
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The front end does not support input (such as one that runs notebooks unattended); the wait was interrupted; this is
/// a forked process, which has no one to ask; stdin is at its end.
pub fn input(prompt: &str) -> io::Result<String> {
    ask(prompt, false)
}

/// As [`input`], but without showing what is typed: Python's `getpass`.
///
/// # Errors
/// As [`input`].
pub fn password(prompt: &str) -> io::Result<String> {
    ask(prompt, true)
}

fn ask(prompt: &str, password: bool) -> io::Result<String> {
    notebook::flush_stdout();
    match notebook::host() {
        Host::Kernel(kernel) => kernel.input(prompt, password),
        // A child's stdin is empty, and a thread that does not exist in the child may hold std's lock of it.
        _ if process::parent_process().is_some() => Err(io::Error::new(
            io::ErrorKind::PermissionDenied,
            "only the main process can ask for input, not a process that it started",
        )),
        Host::Evcxr => {
            notebook::print_at_once(&evcxr_request(prompt, password));
            read_line()
        }
        Host::Program => {
            let mut stdout = io::stdout();
            stdout.write_all(prompt.as_bytes())?;
            stdout.flush()?;
            if password && io::stdin().is_terminal() {
                let _silent = EchoOff::begin()?;
                let answer = read_line();
                // The user's own newline was not shown either.
                stdout.write_all(b"\n")?;
                answer
            } else {
                read_line()
            }
        }
    }
}

/// Returns the line by which the crate `evcxr_input` asks evcxr, which then writes the answer to stdin. There the
/// prompt ends at a colon or a newline.
fn evcxr_request(prompt: &str, password: bool) -> String {
    let command = match password {
        true => "EVCXR_INPUT_REQUEST_PASSWORD",
        false => "EVCXR_INPUT_REQUEST",
    };
    format!("{command}:{}\n", prompt.replace('\n', " "))
}

fn read_line() -> io::Result<String> {
    let mut line = String::new();
    if io::stdin().read_line(&mut line)? == 0 {
        return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "end of input"));
    }
    let end = line.trim_end_matches(['\n', '\r']).len();
    line.truncate(end);
    Ok(line)
}

/// While this lives, the terminal does not show what is typed.
struct EchoOff {
    before: libc::termios,
}

impl EchoOff {
    fn begin() -> io::Result<Self> {
        // SAFETY: all zeros is a valid value of this C struct.
        let mut before: libc::termios = unsafe { std::mem::zeroed() };
        // SAFETY: the pointer is to `before`.
        if unsafe { libc::tcgetattr(libc::STDIN_FILENO, &raw mut before) } == -1 {
            return Err(io::Error::last_os_error());
        }
        let mut silent = before;
        silent.c_lflag &= !libc::ECHO;
        set(&silent)?;
        Ok(Self { before })
    }
}

impl Drop for EchoOff {
    fn drop(&mut self) {
        // The terminal accepted settings before; if it no longer does, it is gone.
        let _ = set(&self.before);
    }
}

fn set(settings: &libc::termios) -> io::Result<()> {
    // SAFETY: the pointer is to settings that `tcgetattr` has filled in.
    match unsafe { libc::tcsetattr(libc::STDIN_FILENO, libc::TCSAFLUSH, settings) } {
        -1 => Err(io::Error::last_os_error()),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_line() {
        assert_eq!(
            evcxr_request("a\nb? ", false),
            "EVCXR_INPUT_REQUEST:a b? \n"
        );
        assert_eq!(evcxr_request("w", true), "EVCXR_INPUT_REQUEST_PASSWORD:w\n");
    }
}
