//! This process, its parent and its children, for code that has no handle of them.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::authkey;
use super::child::{Child, ExitStatus};
use super::misuse::misuse;
use super::repr::describe;
use super::table;
use crate::os;
use crate::repr::repr;
use crate::wait::deadline;

/// A child that was started here and had not exited: one of [`active_children`]. A clone is the same child.
#[derive(Clone)]
pub struct ChildProcess(Arc<Child>);

/// The calling process: Python's `multiprocessing.current_process()`.
#[derive(Clone, PartialEq, Eq)]
pub struct CurrentProcess {
    name: String,
    pid: u32,
    parent: Option<u32>,
    daemon: bool,
}

/// The process that started this one: Python's `multiprocessing.parent_process()`.
///
/// This process is killed when its parent exits, so there is no `join`.
#[derive(Clone, PartialEq, Eq)]
pub struct ParentProcess {
    name: String,
    pid: u32,
}

/// Returns the calling process. Its name is `MainProcess` if it was not started by a [`Process`](super::Process).
///
/// ```
/// use threadbook::prelude::*;
///
/// assert_eq!(current_process().name(), "MainProcess");
/// let mut p = Process::named("helper", || {
///     assert_eq!(current_process().name(), "helper");
///     assert_eq!(parent_process().unwrap().name(), "MainProcess");
/// });
/// p.start()?;
/// p.join()?;
/// assert_eq!(p.exitcode(), Some(0));
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn current_process() -> CurrentProcess {
    let table = table::lock();
    CurrentProcess {
        name: table.name().into(),
        pid: os::process_id(),
        parent: table.current.as_ref().map(|me| me.parent_pid),
        daemon: table.daemon(),
    }
}

/// Returns the process that started this one. None in the main process.
pub fn parent_process() -> Option<ParentProcess> {
    table::lock().current.as_ref().map(|me| ParentProcess {
        name: me.parent_name.clone(),
        pid: me.parent_pid,
    })
}

/// Returns the children of this process that have not exited, in the order in which they were started. Those that have
/// exited are reaped.
pub fn active_children() -> Vec<ChildProcess> {
    let mut table = table::lock();
    table.reap();
    table.children().iter().cloned().map(ChildProcess).collect()
}

/// Returns how many processors the machine has: Python's `multiprocessing.cpu_count()`.
///
/// [`std::thread::available_parallelism`] says how many of them this program may use.
pub fn cpu_count() -> usize {
    // SAFETY: the call takes an integer and returns one.
    let count = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
    usize::try_from(count).unwrap_or(1).max(1)
}

impl ChildProcess {
    pub(super) fn new(child: Arc<Child>) -> Self {
        Self(child)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// The process id.
    #[doc(alias = "ident")]
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// Returns whether the child is a daemon: it is terminated when this process exits, instead of joined.
    pub fn daemon(&self) -> bool {
        self.0.daemon
    }

    /// Returns whether the child has not exited.
    ///
    /// # Panics
    /// In a process that did not start it: `can only test a child process`.
    pub fn is_alive(&self) -> bool {
        assert!(self.0.is_ours(), "can only test a child process");
        self.0.poll().is_none()
    }

    /// See [`Process::exitcode`](super::Process::exitcode).
    pub fn exitcode(&self) -> Option<i32> {
        match self.exit()? {
            ExitStatus::Code(code) => Some(code),
            ExitStatus::ReapedElsewhere => None,
        }
    }

    /// Blocks until the child exits.
    ///
    /// # Errors
    /// `can only join a child process`, in a process that did not start it.
    pub fn join(&self) -> io::Result<()> {
        self.check("can only join a child process")?;
        self.0.wait()?;
        table::reap();
        Ok(())
    }

    /// Blocks until the child exits, for at most `limit`. Returns whether it has.
    ///
    /// # Errors
    /// As [`join`](Self::join); or there are too many open files.
    pub fn join_timeout(&self, limit: Duration) -> io::Result<bool> {
        self.check("can only join a child process")?;
        let ended = self.0.wait_until(deadline(limit))?;
        table::reap();
        Ok(ended)
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    /// `can only terminate a child process`, in a process that did not start it.
    pub fn terminate(&self) -> io::Result<()> {
        self.check("can only terminate a child process")?;
        self.0.signal(libc::SIGTERM)
    }

    /// Sends SIGINT, as Ctrl-C does.
    ///
    /// # Errors
    /// `can only interrupt a child process`, in a process that did not start it.
    pub fn interrupt(&self) -> io::Result<()> {
        self.check("can only interrupt a child process")?;
        self.0.signal(libc::SIGINT)
    }

    /// Sends SIGKILL.
    ///
    /// # Errors
    /// `can only kill a child process`, in a process that did not start it.
    pub fn kill(&self) -> io::Result<()> {
        self.check("can only kill a child process")?;
        self.0.signal(libc::SIGKILL)
    }

    pub(super) fn child(&self) -> &Child {
        &self.0
    }

    pub(super) fn exit(&self) -> Option<ExitStatus> {
        self.0.is_ours().then(|| self.0.poll())?
    }

    /// Returns Python's word for its state, and the exit code.
    pub(super) fn status(&self) -> (&'static str, Option<i32>) {
        match self.exit() {
            _ if !self.0.is_ours() => ("unknown", None),
            None => ("started", None),
            Some(ExitStatus::Code(code)) => ("stopped", Some(code)),
            Some(ExitStatus::ReapedElsewhere) => ("stopped", None),
        }
    }

    fn check(&self, rule: &'static str) -> io::Result<()> {
        match self.0.is_ours() {
            true => Ok(()),
            false => Err(misuse(rule)),
        }
    }
}

impl CurrentProcess {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id.
    #[doc(alias = "ident")]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns 32 random bytes that all processes of this program have in common, and no one else: a key for a
    /// [`Listener`](crate::prelude::Listener) for them alone.
    pub fn authkey(&self) -> &'static [u8] {
        authkey::share()
    }

    /// Returns whether this process is a daemon: it is terminated when its parent exits, instead of joined.
    pub fn daemon(&self) -> bool {
        self.daemon
    }
}

impl ParentProcess {
    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The process id.
    #[doc(alias = "ident")]
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Returns whether the parent has not exited. When it does, this process is killed, so `false` is rarely seen.
    pub fn is_alive(&self) -> bool {
        std::os::unix::process::parent_id() == self.pid
    }
}

/// As Python prints it: `<Process name='Process-1' pid=12 parent=3 started>`.
impl fmt::Debug for ChildProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let child = &self.0;
        let pid = Some(child.pid);
        describe(
            f,
            &child.name,
            pid,
            child.parent_pid(),
            self.status(),
            child.daemon,
        )
    }
}

/// As Python prints it: `<_MainProcess name='MainProcess' parent=None started>`.
impl fmt::Debug for CurrentProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.parent {
            None => write!(
                f,
                "<_MainProcess name={} parent=None started>",
                repr(&self.name)
            ),
            Some(parent) => describe(f, &self.name, None, parent, ("started", None), self.daemon),
        }
    }
}

/// As Python prints it: `<_ParentProcess name='MainProcess' parent=None unknown>`.
impl fmt::Debug for ParentProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<_ParentProcess name={} parent=None unknown>",
            repr(&self.name)
        )
    }
}
