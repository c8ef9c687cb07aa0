//! The repr of a process, as Python prints it.

use std::fmt;

use crate::repr::repr;

/// `<Process name='Process-1' pid=12 parent=3 stopped exitcode=0>`
pub(super) fn describe(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    pid: Option<u32>,
    parent: u32,
    (state, exitcode): (&str, Option<i32>),
    daemon: bool,
) -> fmt::Result {
    write!(f, "<Process name={}", repr(name))?;
    if let Some(pid) = pid {
        write!(f, " pid={pid}")?;
    }
    write!(f, " parent={parent} {state}")?;
    match exitcode.map(|code| (code, signal_name(code))) {
        None => {}
        Some((_, Some(signal))) => write!(f, " exitcode=-{signal}")?,
        Some((code, None)) => write!(f, " exitcode={code}")?,
    }
    f.write_str(if daemon { " daemon>" } else { ">" })
}

/// Returns the name of the signal that an exit code stands for.
fn signal_name(exitcode: i32) -> Option<&'static str> {
    Some(match -exitcode {
        libc::SIGHUP => "SIGHUP",
        libc::SIGINT => "SIGINT",
        libc::SIGQUIT => "SIGQUIT",
        libc::SIGILL => "SIGILL",
        libc::SIGTRAP => "SIGTRAP",
        libc::SIGABRT => "SIGABRT",
        libc::SIGBUS => "SIGBUS",
        libc::SIGFPE => "SIGFPE",
        libc::SIGKILL => "SIGKILL",
        libc::SIGUSR1 => "SIGUSR1",
        libc::SIGSEGV => "SIGSEGV",
        libc::SIGUSR2 => "SIGUSR2",
        libc::SIGPIPE => "SIGPIPE",
        libc::SIGALRM => "SIGALRM",
        libc::SIGTERM => "SIGTERM",
        libc::SIGXCPU => "SIGXCPU",
        libc::SIGXFSZ => "SIGXFSZ",
        libc::SIGSYS => "SIGSYS",
        _ => return None,
    })
}
