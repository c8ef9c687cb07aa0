//! This process, its parent and its children, as one may ask for them from anywhere.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use super::child::{Child, ExitStatus};
use super::misuse::misuse;
use super::repr::describe;
use super::table;
use crate::os;
use crate::repr::repr;
use crate::wait::deadline;

/// A child that was started here and had not ended: one of [`active_children`]. A clone is the same child.
#[derive(Clone)]
pub struct ChildProcess(Arc<Child>);

/// The process that asks: Python's `multiprocessing.current_process()`.
#[derive(Clone, PartialEq, Eq)]
pub struct CurrentProcess {
    name: String,
    pid: u32,
    parent: Option<u32>,
    daemon: bool,
}

/// The process that started this one: Python's `multiprocessing.parent_process()`.
///
/// This process ends when its parent does, so there is no `join`.
#[derive(Clone, PartialEq, Eq)]
pub struct ParentProcess {
    name: String,
    pid: u32,
}

/// This process. Its name is `MainProcess` if no [`Process`](super::Process) made it.
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

/// The process that started this one. None in the main process.
pub fn parent_process() -> Option<ParentProcess> {
    table::lock().current.as_ref().map(|me| ParentProcess {
        name: me.parent_name.clone(),
        pid: me.parent_pid,
    })
}

/// The children of this process that have not ended, in the order in which they were started. Those that have are waited for.
pub fn active_children() -> Vec<ChildProcess> {
    let mut table = table::lock();
    table.reap();
    table.children().iter().cloned().map(ChildProcess).collect()
}

/// How many processors the machine has: Python's `multiprocessing.cpu_count()`.
///
/// What of them this program may use is [`std::thread::available_parallelism`].
pub fn cpu_count() -> usize {
    // SAFETY: takes an integer, and gives one.
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
    pub fn pid(&self) -> u32 {
        self.0.pid
    }

    /// Whether the child is ended when this process ends, instead of waited for.
    pub fn daemon(&self) -> bool {
        self.0.daemon
    }

    /// Whether the child has not ended.
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

    /// Waits until the child has ended.
    ///
    /// # Errors
    /// `can only join a child process`, in a process that did not start it.
    pub fn join(&self) -> io::Result<()> {
        self.check("can only join a child process")?;
        self.0.wait()?;
        table::reap();
        Ok(())
    }

    /// Waits until the child has ended, at most for `limit`. Whether it has.
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

    /// What Python says of its state: the word, and the exit code.
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
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether this process is ended when its parent ends, instead of waited for.
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
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it has not ended. When it does, this process is killed, so one seldom sees `false`.
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
