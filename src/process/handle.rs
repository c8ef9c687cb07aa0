//! The handle of a process.

use std::fmt;
use std::io;
use std::sync::Arc;

use super::child;
use super::fork::{Fork, fork};
use super::identity::Identity;
use super::table::{self, Child, Exit};

/// A process that runs a closure: Python's `multiprocessing.Process`.
///
/// [`start`](Self::start) makes a copy of this process (a fork), which runs the closure and ends. The copy sees every variable
/// as it was at that moment, and what it changes stays its own; [`Value`](crate::prelude::Value) and [`Array`](crate::prelude::Array) are shared.
/// Its stdin is empty, its exit code 0, or 1 after a panic, and it ends at the latest when its parent does.
///
/// ```
/// use threadbook::prelude::*;
///
/// let numbers = vec![1, 2, 3];
/// let mut p = Process::new(move || println!("{} in process {}", repr(&numbers), std::process::id()));
/// p.start()?;
/// p.join()?;
/// assert_eq!(p.exitcode(), Some(0));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// A handle may be dropped while its process runs; the process goes on. When a program ends, it waits for the
/// processes it started; a notebook's kernel does not, there they end with it.
pub struct Process {
    name: String,
    identity: Identity,
    /// The process that made the handle: the only one that can start and wait.
    home: u32,
    state: State,
}

enum State {
    Initial(Target),
    Started(Arc<Child>),
}

/// The closure, which is reached through `&mut` alone.
struct Target(Box<dyn FnOnce()>);

// SAFETY: a `&Target` gives access to nothing: the closure is taken out through `&mut Target` and
// dropped by its owner, both on the thread that owns the `Process`, which is not `Send`.
unsafe impl Sync for Target {}

impl Process {
    /// A process named `Process-N`, the N-th made here. It does not run yet.
    ///
    /// The process that this one starts as its second is `Process-2`, and the first that is made in there `Process-2:1`.
    pub fn new(target: impl FnOnce() + 'static) -> Self {
        Self::make(None, Box::new(target))
    }

    /// A process with a name of its own. It takes a number all the same.
    pub fn named(name: impl Into<String>, target: impl FnOnce() + 'static) -> Self {
        Self::make(Some(name.into()), Box::new(target))
    }

    fn make(name: Option<String>, target: Box<dyn FnOnce()>) -> Self {
        let identity = table::lock().next_identity();
        Self {
            name: name.unwrap_or_else(|| identity.to_string()),
            identity,
            home: std::process::id(),
            state: State::Initial(Target(target)),
        }
    }

    /// Starts the process. Stdout and stderr are flushed first. This process's copy of the closure is dropped.
    ///
    /// # Errors
    /// `cannot start a process twice`; `can only start a process object created by current process`, in a child; or
    /// the system makes no process (then `start` may be called again).
    pub fn start(&mut self) -> io::Result<()> {
        let State::Initial(target) = &mut self.state else {
            return Err(misuse("cannot start a process twice"));
        };
        if !is_current(self.home) {
            return Err(misuse(
                "can only start a process object created by current process",
            ));
        }
        match fork(&self.identity)? {
            Fork::Parent(child) => self.state = State::Started(child),
            Fork::Child(no_return, lifeline) => {
                let target = std::mem::replace(&mut target.0, Box::new(|| ()));
                child::run(no_return, lifeline, &self.name, target)
            }
        }
        Ok(())
    }

    /// Waits until the process has ended. Several threads may wait for one process, and one may wait again.
    ///
    /// # Errors
    /// `can only join a started process`; `can only join a child process`, in a process that did not make the handle.
    pub fn join(&self) -> io::Result<()> {
        if !is_current(self.home) {
            return Err(misuse("can only join a child process"));
        }
        let State::Started(child) = &self.state else {
            return Err(misuse("can only join a started process"));
        };
        child.wait()?;
        table::reap();
        Ok(())
    }

    /// Whether the process was started and has not ended.
    ///
    /// # Panics
    /// In a process that did not make the handle: `can only test a child process`.
    pub fn is_alive(&self) -> bool {
        assert!(is_current(self.home), "can only test a child process");
        table::reap();
        match &self.state {
            State::Initial(_) => false,
            State::Started(child) => child.poll().is_none(),
        }
    }

    /// The process id. None before the start.
    pub fn pid(&self) -> Option<u32> {
        match &self.state {
            State::Initial(_) => None,
            State::Started(child) => Some(child.pid),
        }
    }

    /// How the process ended: its exit code, or -N if signal N killed it. None before the start and while it runs;
    /// also if other code of this process has waited for it, or in a process that did not make the handle.
    pub fn exitcode(&self) -> Option<i32> {
        match self.exit()? {
            Exit::Code(code) => Some(code),
            Exit::TakenByOther => None,
        }
    }

    /// The name: given, or `Process-N`.
    pub fn name(&self) -> &str {
        &self.name
    }

    fn exit(&self) -> Option<Exit> {
        match &self.state {
            State::Started(child) if is_current(self.home) => child.poll(),
            _ => None,
        }
    }
}

/// As Python prints it: `<Process name='Process-1' pid=12 parent=3 stopped exitcode=0>`.
impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<Process name='{}'", self.name)?;
        if let Some(pid) = self.pid() {
            write!(f, " pid={pid}")?;
        }
        write!(f, " parent={}", self.home)?;
        match (&self.state, self.exit()) {
            (State::Initial(_), _) => f.write_str(" initial>"),
            _ if !is_current(self.home) => f.write_str(" unknown>"),
            (_, None) => f.write_str(" started>"),
            (_, Some(Exit::Code(code))) => write!(f, " stopped exitcode={code}>"),
            (_, Some(Exit::TakenByOther)) => f.write_str(" stopped>"),
        }
    }
}

fn is_current(pid: u32) -> bool {
    pid == std::process::id()
}

fn misuse(rule: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, rule)
}
