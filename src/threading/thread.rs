//! A thread with Python's methods.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::error::ThreadError;
use crate::os;
use crate::sync;
use crate::wait::deadline;

pub(super) type Target = Box<dyn FnOnce() + Send>;

/// A thread with Python's methods: Python's `threading.Thread`.
///
/// A clone is the same thread. In a notebook, its output goes to the cell that started it.
///
/// | Python | Rust |
/// | --- | --- |
/// | `Thread(target=f, args=(1,))` | `Thread::new(\|\| f(1))` |
/// | `Thread(target=f, name="n", daemon=True)` | `Thread::named("n", f)`, and `t.set_daemon(true)?` before the start |
/// | `t.start()`, `t.join()` | `t.start()?`, `t.join()?` |
/// | `t.join(timeout=1)`, then look at `t.is_alive()` | `t.join_timeout(Duration::from_secs(1))?` returns whether it has ended |
/// | `t.name`, `t.name = "n"` | `t.name()`, `t.set_name("n")` |
/// | `t.is_alive()`, `t.daemon`, `t.ident`, `t.native_id` | the same, with `()` |
/// | a subclass with `run` | a closure that owns the fields |
/// | RuntimeError | [`ThreadError`] |
///
/// If the thread panics, its message is printed, and `join` returns it as an error; Python's `join` says nothing.
///
/// ```
/// use threadbook::threading::Thread;
///
/// let t = Thread::new(|| println!("Hello"));
/// t.start()?;
/// t.join()?;
/// # Ok::<(), threadbook::threading::ThreadError>(())
/// ```
#[derive(Clone)]
pub struct Thread(pub(super) Arc<Inner>);

pub(super) struct Inner {
    name: Mutex<String>,
    daemon: AtomicBool,
    /// The process that has the thread. In a forked child it has ended, and its locks may be in any state.
    pub(super) owner_pid: AtomicU32,
    state: Mutex<State>,
    pub(super) ended: Condvar,
}

#[derive(Default)]
pub(super) struct State {
    /// Until the start.
    pub(super) target: Option<Target>,
    pub(super) phase: Phase,
    ident: Option<u64>,
    native_id: Option<u32>,
    /// Until someone has joined.
    pub(super) handle: Option<JoinHandle<()>>,
}

impl State {
    /// Of a thread that has not started.
    pub(super) fn of(target: Target) -> Self {
        Self {
            target: Some(target),
            ..Self::default()
        }
    }
}

#[derive(Default)]
pub(super) enum Phase {
    #[default]
    Initial,
    Running,
    Ended {
        panic: Option<String>,
    },
}

impl Thread {
    /// The calling thread, which something else has started.
    pub(super) fn foreign(name: String) -> Self {
        let thread = Self::running(name, true);
        thread.set_ids();
        thread
    }

    /// The main thread, which may not be the caller. Its [`ids`](Self::set_ids) are not known yet.
    pub(super) fn main() -> Self {
        Self::running("MainThread".into(), false)
    }

    fn running(name: String, daemon: bool) -> Self {
        let state = State {
            phase: Phase::Running,
            ..State::default()
        };
        Self::make(name, daemon, state)
    }

    /// To be called in the thread itself.
    pub(super) fn set_ids(&self) {
        let mut state = self.state();
        state.ident = Some(get_ident());
        state.native_id = Some(get_native_id());
    }

    pub(super) fn make(name: String, daemon: bool, state: State) -> Self {
        Self(Arc::new(Inner {
            name: Mutex::new(name),
            daemon: AtomicBool::new(daemon),
            owner_pid: AtomicU32::new(os::process_id()),
            state: Mutex::new(state),
            ended: Condvar::new(),
        }))
    }

    /// Blocks until the thread ends. Several threads may join it, again and again.
    ///
    /// # Errors
    /// [`NotStarted`](ThreadError::NotStarted); [`JoinsItself`](ThreadError::JoinsItself);
    /// [`Panicked`](ThreadError::Panicked).
    pub fn join(&self) -> Result<(), ThreadError> {
        self.join_until(None).map(drop)
    }

    /// Blocks until the thread ends, for at most `timeout`. Returns whether it has.
    ///
    /// # Errors
    /// As [`join`](Self::join).
    pub fn join_timeout(&self, timeout: Duration) -> Result<bool, ThreadError> {
        self.join_until(deadline(timeout))
    }

    fn join_until(&self, deadline: Option<Instant>) -> Result<bool, ThreadError> {
        if !self.is_of_this_process() {
            return Ok(true);
        }
        let mut state = self.state();
        if matches!(state.phase, Phase::Initial) {
            return Err(ThreadError::NotStarted);
        }
        if state.ident == Some(get_ident()) && matches!(state.phase, Phase::Running) {
            return Err(ThreadError::JoinsItself);
        }
        let mut in_time = true;
        while !matches!(state.phase, Phase::Ended { .. }) {
            if !in_time {
                return Ok(false);
            }
            (state, in_time) = sync::wait_until(&self.0.ended, state, deadline);
        }
        let handle = state.handle.take();
        let panic = match &state.phase {
            Phase::Ended { panic } => panic.clone(),
            _ => None,
        };
        drop(state);
        // The system's thread ends now too, so that a process that is started next finds no thread running. It has
        // caught its panic.
        let _ = handle.map(JoinHandle::join);
        match panic {
            Some(message) => Err(ThreadError::Panicked(message)),
            None => Ok(true),
        }
    }

    /// Returns whether the thread was started and has not ended. In a forked process, only its own threads live.
    pub fn is_alive(&self) -> bool {
        self.is_of_this_process() && matches!(self.state().phase, Phase::Running)
    }

    /// Returns the name: the given one, or `Thread-N`.
    #[doc(alias = "getName")]
    pub fn name(&self) -> String {
        sync::lock(&self.0.name).clone()
    }

    /// Changes the name. The system's tools go on to show the one that the thread was started with.
    #[doc(alias = "setName")]
    pub fn set_name(&self, name: impl Into<String>) {
        *sync::lock(&self.0.name) = name.into();
    }

    /// Returns whether the thread is a daemon: a program does not wait for it before it exits.
    #[doc(alias = "isDaemon")]
    pub fn daemon(&self) -> bool {
        self.0.daemon.load(Ordering::Relaxed)
    }

    /// Sets [`daemon`](Self::daemon), which is initially that of the thread that created this one.
    ///
    /// # Errors
    /// [`Active`](ThreadError::Active), after the start.
    #[doc(alias = "setDaemon")]
    pub fn set_daemon(&self, daemon: bool) -> Result<(), ThreadError> {
        match self.state().phase {
            Phase::Initial => self.0.daemon.store(daemon, Ordering::Relaxed),
            Phase::Running | Phase::Ended { .. } => return Err(ThreadError::Active),
        }
        Ok(())
    }

    /// Returns the thread's [`get_ident`], also after its end. None before the start; for the main thread, before it has
    /// called [`current_thread`](super::current_thread).
    pub fn ident(&self) -> Option<u64> {
        self.state().ident
    }

    /// Returns the thread's [`get_native_id`], also after its end. None when [`ident`](Self::ident) is.
    pub fn native_id(&self) -> Option<u32> {
        self.state().native_id
    }

    fn is_of_this_process(&self) -> bool {
        self.0.owner_pid.load(Ordering::Relaxed) == os::process_id()
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        sync::lock(&self.0.state)
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        if *self.owner_pid.get_mut() != os::process_id() {
            let state = self.state.get_mut();
            let state = state.unwrap_or_else(PoisonError::into_inner);
            // glibc reuses the stacks of threads that did not survive the fork, so even detaching such a handle would
            // touch the wrong thread.
            std::mem::forget(state.handle.take());
        }
    }
}

/// It is the same thread.
impl PartialEq for Thread {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Thread {}

/// As Python prints it: `<Thread(Thread-1, started daemon 140026)>`.
impl fmt::Debug for Thread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (state, ident) = match (self.is_of_this_process(), self.0.state.try_lock()) {
            (true, Ok(state)) => match state.phase {
                Phase::Initial => ("initial", state.ident),
                Phase::Running => ("started", state.ident),
                Phase::Ended { .. } => ("stopped", state.ident),
            },
            (true, Err(_)) => ("started", None),
            (false, _) => ("stopped", None),
        };
        write!(f, "<Thread({}, {state}", self.name())?;
        if self.daemon() {
            f.write_str(" daemon")?;
        }
        match ident {
            Some(ident) => write!(f, " {ident})>"),
            None => f.write_str(")>"),
        }
    }
}

/// Returns a number that no other running thread of this process has: Python's `threading.get_ident`.
pub fn get_ident() -> u64 {
    // SAFETY: the call takes nothing and cannot fail.
    let thread = unsafe { libc::pthread_self() };
    thread as u64
}

/// Returns the system's number of the calling thread, which no other thread of the machine has while it runs: Python's
/// `threading.get_native_id`.
pub fn get_native_id() -> u32 {
    const THREAD_ID_BITS: u64 = 0x7fff_ffff;
    (os::thread_key() & THREAD_ID_BITS) as u32
}
