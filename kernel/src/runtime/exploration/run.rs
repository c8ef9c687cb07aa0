//! Runs the cell in one order, in a process of its own.

use super::shown::shown;
use super::{die_with_parent, interrupt};
use crate::ipc::{ExploredFailure as Failure, Shown};
use crate::process_stat::{self, Stat};
use crate::runtime::schedule::board::{Board, State, Status};
use crate::runtime::schedule::{self};
use crate::runtime::shared_memory;
use crate::runtime::snapshot::{describe_status, open_pidfd};
use crate::runtime::std_bridge::StdBridge;
use crate::runtime::{Cell, load_error_message, open_cell, waits};
use anyhow::{Context, Result, anyhow};
use std::ffi::c_void;
use std::fs::File;
use std::io::{self, Seek};
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::atomic::Ordering::{Acquire, Relaxed};

/// How long a run may go without a step before it seems to have no end, in milliseconds.
const STEP_TIMEOUT_MS: libc::c_int = 2000;

/// The most bytes of output that are kept of a run.
const MAX_OUTPUT: u64 = 1 << 18;

/// Makes the runs.
pub struct Runs<'a> {
    board: &'static Board,
    cell: Cell,
    variables: *mut c_void,
    std_bridge: &'a StdBridge,
    /// What the run has printed.
    output: File,
    /// Readable once the cell is interrupted.
    interrupts: OwnedFd,
}

/// A run, as the reader would see it.
pub enum Run {
    Ended(Status, Shown),
    /// It was ended, since the cell is interrupted.
    Interrupted,
}

/// How the process of a run ended.
enum End {
    /// By itself, with this status of waitpid(2).
    Exit(libc::c_int),
    /// It was ended, since it ran without making a step.
    Runs,
    /// Likewise, but it waited.
    Waits,
    /// Likewise, since the cell is interrupted.
    Interrupted,
}

/// What a run is to do.
#[derive(Debug, Default)]
pub struct Order<'a> {
    pub prefix: &'a [u8],
    /// The threads that are not to be tried after the prefix.
    pub asleep: u64,
    /// What the choices after the prefix are drawn from.
    pub random: Option<u64>,
}

impl Runs<'_> {
    /// Loads a cell's library.
    ///
    /// # Errors
    /// When it cannot be loaded, or there is no memory.
    pub fn open<'a>(
        library: &Path,
        variables: *mut c_void,
        std_bridge: &'a StdBridge,
    ) -> Result<Runs<'a>> {
        let (library, cell) =
            open_cell(library).map_err(|error| anyhow!(load_error_message(&error)))?;
        // The runs use it, and this process exits after them.
        std::mem::forget(library);
        waits::read_tables();
        // SAFETY: the call takes no pointers. The processes that runs leave become children of this one (prctl(2)).
        unsafe { libc::prctl(libc::PR_SET_CHILD_SUBREAPER, 1) };
        let output = output_file()?;
        for stream in [1, 2] {
            // SAFETY: nothing in this process owns descriptors 1 and 2.
            if unsafe { libc::dup2(output.as_raw_fd(), stream) } < 0 {
                return Err(io::Error::last_os_error()).context("dup2");
            }
        }
        Ok(Runs {
            board: shared_memory::share::<Board>()?,
            cell,
            variables,
            std_bridge,
            output,
            interrupts: interrupt::open()?,
        })
    }

    /// Runs the cell in an order. Returns how that ended, and what the cell showed; [`Runs::state`] has the rest.
    ///
    /// # Errors
    /// When no process can be forked.
    pub fn run(&mut self, order: &Order) -> Result<Run> {
        // SAFETY: no process of a run lives.
        let state = unsafe { self.board.state() };
        state.plan(order.prefix, order.asleep, order.random);
        self.board.status.store(0, Relaxed);
        self.board.progress.store(0, Relaxed);
        for turn in &self.board.turns {
            turn.store(0, Relaxed);
        }
        self.output.set_len(0)?;
        self.output.rewind()?;
        let run = self.std_bridge.fork();
        if run == 0 {
            self.make();
        }
        if run < 0 {
            return Err(io::Error::last_os_error()).context("cannot fork a run");
        }
        let end = self.wait(run)?;
        let status = match Status::of_number(self.board.status.load(Acquire)) {
            _ if matches!(end, End::Interrupted) => return Ok(Run::Interrupted),
            Status::Untold if matches!(end, End::Runs) => Status::Endless,
            status => status,
        };
        Ok(Run::Ended(status, self.shown(status, &end)?))
    }

    /// Returns what the last run has told.
    pub fn state(&self) -> &State {
        // SAFETY: no process of a run lives, and `run`, which forks the next one, needs `self` for itself.
        unsafe { self.board.told() }
    }

    /// The run itself.
    fn make(&mut self) -> ! {
        die_with_parent();
        schedule::begin(self.board);
        self.std_bridge.cell_begins();
        let end = (self.cell)(&mut self.variables);
        let has_failed = matches!(end, 1 | 2);
        let failure = self.std_bridge.cell_ends(has_failed);
        let message = failure.map(|failure| failure.message);
        schedule::end_of_cell(end, message.as_deref())
    }

    /// Waits for the process of a run to end, or ends it if it makes no step for long or the cell is interrupted.
    fn wait(&self, run: libc::pid_t) -> Result<End> {
        let ended = open_pidfd(run)?;
        let mut polled = [ended.as_raw_fd(), self.interrupts.as_raw_fd()].map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        });
        let early = loop {
            let before = self.board.progress.load(Relaxed);
            // SAFETY: `polled` is a live array of two. An interrupted wait counts as one in which something happened.
            let ready = unsafe { libc::poll(polled.as_mut_ptr(), 2, STEP_TIMEOUT_MS) };
            let [ended, interrupted] = polled.map(|polled| ready > 0 && polled.revents != 0);
            if interrupted {
                break Some(End::Interrupted);
            } else if ended {
                break None;
            } else if ready == 0 && self.board.progress.load(Relaxed) == before {
                break Some(match is_running(run) {
                    true => End::Runs,
                    false => End::Waits,
                });
            }
        };
        if early.is_some() {
            // SAFETY: the run is an unreaped child of this process, so its id has not been reused.
            unsafe { libc::kill(run, libc::SIGKILL) };
        }
        let mut exit = 0;
        // SAFETY: `exit` is a live integer.
        unsafe { libc::waitpid(run, &mut exit, 0) };
        self.end_processes();
        Ok(early.unwrap_or(End::Exit(exit)))
    }

    /// Ends the processes that the run has forked. They are children of this process now, so their ids have not been used again.
    fn end_processes(&self) {
        let threads = self.state().threads().iter();
        for process in threads.filter(|thread| thread.is_process) {
            // SAFETY: kill(2) takes no pointers, and waitpid(2) accepts null for the status. One that its parent has reaped is no child of
            // this process, and its id may be another's by now: so it is asked first whether it is.
            unsafe {
                let mut info: libc::siginfo_t = std::mem::zeroed();
                let id = process.process as libc::id_t;
                let is_child = libc::WEXITED | libc::WNOHANG | libc::WNOWAIT;
                if libc::waitid(libc::P_PID, id, &mut info, is_child) == 0 {
                    libc::kill(process.process, libc::SIGKILL);
                    libc::waitpid(process.process, std::ptr::null_mut(), 0);
                }
            }
        }
        // SAFETY: as above. What the cell has started otherwise and has ended.
        while unsafe { libc::waitpid(-1, std::ptr::null_mut(), libc::WNOHANG) } > 0 {}
    }

    fn shown(&self, status: Status, end: &End) -> Result<Shown> {
        let length = self.output.metadata()?.len().min(MAX_OUTPUT);
        let mut bytes = vec![0; length as usize];
        self.output.read_exact_at(&mut bytes, 0)?;
        let state = self.state();
        let failure = match status {
            Status::Deadlock => Some(Failure::Deadlock),
            Status::Endless => Some(Failure::Endless),
            Status::Untold => Some(Failure::Crash(match end {
                End::Exit(exit) => describe_status(*exit),
                _ => "it waited for something that none of its threads does, such as a file"
                    .to_owned(),
            })),
            Status::Done if matches!(state.end, 1 | 2) => Some(Failure::Panic(state.message())),
            _ => None,
        };
        Ok(shown(&bytes, failure))
    }
}

/// Whether a thread of a process, or of one of its children, runs.
fn is_running(process: libc::pid_t) -> bool {
    let children = process_stat::live_processes().filter(|child| child.parent == process);
    let ids = std::iter::once(process).chain(children.map(|child| child.id));
    let mut threads = ids.flat_map(|id| {
        process_stat::threads_of(id).map(move |thread| format!("/proc/{id}/task/{thread}/stat"))
    });
    threads.any(|path| {
        let stat = std::fs::read_to_string(path).unwrap_or_default();
        Stat::parse(&stat).is_some_and(|stat| stat.state == 'R')
    })
}

/// Returns a file in memory for the output of the runs.
fn output_file() -> Result<File> {
    // SAFETY: the name is a C string, and the new descriptor is ours.
    unsafe {
        let file = libc::memfd_create(c"threadbook-output".as_ptr(), libc::MFD_CLOEXEC);
        if file < 0 {
            return Err(io::Error::last_os_error()).context("memfd_create");
        }
        Ok(File::from_raw_fd(file))
    }
}
