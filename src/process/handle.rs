//! The handle of a process.

use std::fmt;
use std::io;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use super::child_main;
use super::fork::{Fork, fork};
use super::identity::Identity;
use super::misuse::misuse;
use super::process_tree::ChildProcess;
use super::repr::describe;
use super::starter::Starter;
use super::table::{self, ProcessInfo};
use super::target::Target;
use crate::os;

/// A process that runs a closure: Python's `multiprocessing.Process`.
///
/// [`start`](Self::start) makes a copy of this process (a fork), which runs the closure and exits. The copy sees every
/// variable as it was at that moment, and its changes stay its own; [`Value`](crate::prelude::Value) and
/// [`Array`](crate::prelude::Array) are shared. Its stdin is empty, its exit code is 0, or 1 after a panic, and it is
/// killed when its parent exits.
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
/// | Python | Rust |
/// | --- | --- |
/// | `Process(target=f, args=(1,))` | `Process::new(move \|\| f(1))` |
/// | `Process(target=f, name="n")` | `Process::named("n", f)` |
/// | `Process(target=f, daemon=True)` | `p.set_daemon(true)?` before the start |
/// | `p.start()`, `p.join()` | `p.start()?`, `p.join()?` |
/// | `p.join(timeout=1)`, then look at `p.exitcode` | `p.join_timeout(Duration::from_secs(1))?` returns whether it has exited |
/// | `p.terminate()`, `p.interrupt()`, `p.kill()`, `p.close()` | `p.terminate()?`, `p.interrupt()?`, `p.kill()?`, `p.close()?` |
/// | `p.name`, `p.pid`, `p.exitcode`, `p.is_alive()`, `p.daemon` | `p.name()`, `p.pid()`, `p.exitcode()`, `p.is_alive()`, `p.daemon()` |
/// | `p.sentinel` | `p.sentinel()?` |
/// | a misuse raises AssertionError or ValueError | an `Err` with the same text |
/// | `sys.exit(3)` in the process | `std::process::exit(3)` |
///
/// A handle may be dropped while its process runs; the process goes on. When a program exits, it terminates its daemons
/// and joins the other processes that it started; a notebook's kernel does not wait, and there they exit with it.
/// Threads that the closure has started and not joined end with the process, as in any Rust program.
pub struct Process {
    name: String,
    identity: Identity,
    daemon: bool,
    /// The process that created the handle: the only one that can start and join.
    parent_pid: u32,
    starter: Starter,
    state: State,
}

enum State {
    Initial(Target),
    Started(ChildProcess),
    Closed,
}

impl Process {
    /// Creates a process named `Process-N`, the N-th created here. It does not run yet.
    ///
    /// The second process created here is `Process-2`, and the first that `Process-2` creates is `Process-2:1`.
    pub fn new(target: impl FnOnce() + 'static) -> Self {
        Self::make(|identity| identity.to_string(), Target::new(target))
    }

    /// Creates a process with the given name. It takes a number all the same.
    pub fn named(name: impl Into<String>, target: impl FnOnce() + 'static) -> Self {
        Self::make(|_| name.into(), Target::new(target))
    }

    /// Creates a process named `KIND-N`, as Python's `SyncManager-1`.
    pub(crate) fn of_kind(kind: &str, target: impl FnOnce() + 'static) -> Self {
        Self::make(|identity| identity.name(kind), Target::new(target))
    }

    fn make(name: impl FnOnce(&Identity) -> String, target: Target) -> Self {
        let mut table = table::lock();
        let identity = table.next_identity();
        Self {
            name: name(&identity),
            identity,
            daemon: table.daemon(),
            parent_pid: os::process_id(),
            starter: Starter::Any,
            state: State::Initial(target),
        }
    }

    /// Says who will call `start`.
    pub(super) fn set_starter(&mut self, starter: Starter) {
        self.starter = starter;
    }

    /// Starts the process. Stdout and stderr are flushed first. This process's copy of the closure is dropped.
    ///
    /// # Errors
    /// `cannot start a process twice`; `can only start a process object created by current process`, in a child;
    /// `daemonic processes are not allowed to have children`; `process object is closed`; or the system cannot fork
    /// (then `start` may be called again).
    pub fn start(&mut self) -> io::Result<()> {
        let target = match &mut self.state {
            State::Initial(target) => target,
            State::Started(_) => return Err(misuse("cannot start a process twice")),
            State::Closed => return Err(misuse(CLOSED)),
        };
        if self.parent_pid != os::process_id() {
            return Err(misuse(
                "can only start a process object created by current process",
            ));
        }
        let info = {
            let table = table::lock();
            if table.daemon() {
                return Err(misuse(
                    "daemonic processes are not allowed to have children",
                ));
            }
            ProcessInfo {
                identity: self.identity.clone(),
                name: self.name.clone(),
                daemon: self.daemon,
                parent_pid: self.parent_pid,
                parent_name: table.name().into(),
            }
        };
        match fork(info, self.starter)? {
            Fork::Parent(child) => self.state = State::Started(ChildProcess::new(child)),
            Fork::Child(no_return, exit_with_parent) => {
                child_main::run(no_return, exit_with_parent, &self.name, target.take())
            }
        }
        Ok(())
    }

    /// Blocks until the process exits. Several threads may join one process, and one may join it again.
    ///
    /// # Errors
    /// `can only join a started process`; `process object is closed`; `can only join a child process`, in a process
    /// that did not create the handle.
    pub fn join(&self) -> io::Result<()> {
        self.started(
            "can only join a child process",
            "can only join a started process",
        )?
        .join()
    }

    /// Blocks until the process exits, for at most `limit`. Returns whether it has.
    ///
    /// # Errors
    /// As [`join`](Self::join); or there are too many open files.
    pub fn join_timeout(&self, limit: Duration) -> io::Result<bool> {
        self.started(
            "can only join a child process",
            "can only join a started process",
        )?
        .join_timeout(limit)
    }

    /// Sends SIGTERM, which kills the process without running destructors. Returns at once; [`join`](Self::join) waits
    /// for the exit, after which [`exitcode`](Self::exitcode) is -15. Does nothing if the process has exited.
    ///
    /// A lock that it holds stays locked, and its waiters get an error that says so.
    ///
    /// # Errors
    /// `can only terminate a started process`; `process object is closed`; `can only terminate a child process`.
    pub fn terminate(&self) -> io::Result<()> {
        self.started(
            "can only terminate a child process",
            "can only terminate a started process",
        )?
        .terminate()
    }

    /// As [`terminate`](Self::terminate), but with SIGINT, as Ctrl-C does: Python's `interrupt`, new in 3.14. A process
    /// that does not handle the signal is killed by it; in Python it raises KeyboardInterrupt.
    ///
    /// # Errors
    /// `can only interrupt a started process`; `process object is closed`; `can only interrupt a child process`.
    pub fn interrupt(&self) -> io::Result<()> {
        self.started(
            "can only interrupt a child process",
            "can only interrupt a started process",
        )?
        .interrupt()
    }

    /// As [`terminate`](Self::terminate), but with SIGKILL, which no process can ignore.
    ///
    /// # Errors
    /// `can only kill a started process`; `process object is closed`; `can only kill a child process`.
    pub fn kill(&self) -> io::Result<()> {
        self.started(
            "can only kill a child process",
            "can only kill a started process",
        )?
        .kill()
    }

    /// Returns a descriptor that is readable once the process has exited, to wait for several things at once (`poll`).
    /// It is the handle's: do not close it.
    ///
    /// # Errors
    /// `process not started`; `process object is closed`; `can only watch a child process`; or there are too many open files.
    pub fn sentinel(&self) -> io::Result<BorrowedFd<'_>> {
        self.started("can only watch a child process", "process not started")?
            .child()
            .sentinel()
    }

    /// Releases the resources of an exited process. After that the handle has only its name.
    ///
    /// # Errors
    /// The process still runs.
    pub fn close(&mut self) -> io::Result<()> {
        if matches!(&self.state, State::Started(child) if child.exit().is_none()) {
            return Err(misuse(
                "Cannot close a process while it is still running. You should first call join() or terminate().",
            ));
        }
        self.state = State::Closed;
        Ok(())
    }

    /// Returns whether the process was started and has not exited.
    ///
    /// # Panics
    /// In a process that did not create the handle: `can only test a child process`. After `close`: `process object is
    /// closed`.
    pub fn is_alive(&self) -> bool {
        assert!(
            self.parent_pid == os::process_id(),
            "can only test a child process"
        );
        table::reap();
        match &self.state {
            State::Initial(_) => false,
            State::Started(child) => child.is_alive(),
            State::Closed => panic!("{CLOSED}"),
        }
    }

    /// Returns the process id. None before the start and after `close`.
    #[doc(alias = "ident")]
    pub fn pid(&self) -> Option<u32> {
        match &self.state {
            State::Started(child) => Some(child.pid()),
            State::Initial(_) | State::Closed => None,
        }
    }

    /// Returns the exit code, or -N if signal N killed the process. None before the start, while it runs and after
    /// `close`; also if other code of this process has reaped it, or in a process that did not create the handle.
    pub fn exitcode(&self) -> Option<i32> {
        match &self.state {
            State::Started(child) => child.exitcode(),
            State::Initial(_) | State::Closed => None,
        }
    }

    /// Returns the name: the given one, or `Process-N`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether the process is a daemon: it is terminated when its parent exits, instead of joined.
    pub fn daemon(&self) -> bool {
        self.daemon
    }

    /// Sets [`daemon`](Self::daemon), which is initially that of the current process. A daemon cannot start processes.
    ///
    /// # Errors
    /// `process has already started`; `process object is closed`.
    pub fn set_daemon(&mut self, daemon: bool) -> io::Result<()> {
        match self.state {
            State::Initial(_) => self.daemon = daemon,
            State::Started(_) => return Err(misuse("process has already started")),
            State::Closed => return Err(misuse(CLOSED)),
        }
        Ok(())
    }

    /// Returns the running process, as a handle that can be sent to other threads.
    pub(crate) fn child(&self) -> Option<ChildProcess> {
        match &self.state {
            State::Started(child) => Some(child.clone()),
            State::Initial(_) | State::Closed => None,
        }
    }

    fn started(&self, foreign: &'static str, initial: &'static str) -> io::Result<&ChildProcess> {
        match &self.state {
            State::Closed => Err(misuse(CLOSED)),
            _ if self.parent_pid != os::process_id() => Err(misuse(foreign)),
            State::Initial(_) => Err(misuse(initial)),
            State::Started(child) => Ok(child),
        }
    }
}

/// As Python prints it: `<Process name='Process-1' pid=12 parent=3 stopped exitcode=0>`.
impl fmt::Debug for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = match &self.state {
            State::Closed => ("closed", None),
            _ if self.parent_pid != os::process_id() => ("unknown", None),
            State::Initial(_) => ("initial", None),
            State::Started(child) => child.status(),
        };
        describe(
            f,
            &self.name,
            self.pid(),
            self.parent_pid,
            status,
            self.daemon,
        )
    }
}

const CLOSED: &str = "process object is closed";
