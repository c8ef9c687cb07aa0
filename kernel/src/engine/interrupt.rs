//! Interrupts what the engine is doing: kills compilers, and stops the code that a cell runs.

#[cfg(target_os = "linux")]
use crate::process_stat;
use std::collections::HashMap;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What the engine is doing; shared by the main thread and the thread that reads requests.
///
/// Lock order: `state` before `runtime`, `background` and `spared`, which are never held together.
#[derive(Default)]
pub struct Activity {
    state: Mutex<State>,
    ended: Condvar,
    runtime: Mutex<Option<Arc<Mutex<Child>>>>,
    /// The ID of a build that belongs to no cell.
    background: Mutex<Option<u32>>,
    /// A process that runs no user code.
    spared: Mutex<Option<Arc<Mutex<Child>>>>,
}

#[derive(Default)]
struct State {
    executing: bool,
    interrupted: bool,
}

/// How long a cell may take to end by itself after SIGINT.
const SIGINT_GRACE: Duration = Duration::from_millis(150);

/// How long the engine may take to notice a kill before the kill is repeated: another compiler may follow the one that was
/// killed.
const KILL_INTERVAL: Duration = Duration::from_millis(20);

impl Activity {
    pub fn begin(&self) {
        let mut state = self.state();
        state.executing = true;
        state.interrupted = false;
    }

    /// Notes that the cell has ended by itself because of an interrupt.
    pub fn set_interrupted(&self) {
        self.state().interrupted = true;
    }

    /// Marks the cell as done and returns whether it was interrupted.
    pub fn end(&self) -> bool {
        let mut state = self.state();
        state.executing = false;
        self.ended.notify_all();
        state.interrupted
    }

    pub fn set_runtime(&self, runtime: Arc<Mutex<Child>>) {
        *locked(&self.runtime) = Some(runtime);
    }

    /// Keeps this process alive when cells are interrupted.
    pub fn spare(&self, process: Arc<Mutex<Child>>) {
        *locked(&self.spared) = Some(process);
    }

    /// Keeps `build` running while cells are interrupted, and reaps it on a thread of its own.
    pub fn keep_in_background(self: &Arc<Self>, mut build: Child) {
        *self.background() = Some(build.id());
        let activity = self.clone();
        let wait = move || {
            // SAFETY: waitid(2) writes to a valid siginfo_t. With WNOWAIT the child keeps its ID, which we must forget before
            // another process can get it.
            unsafe {
                let mut info = std::mem::zeroed();
                let (id, options) = (build.id(), libc::WEXITED | libc::WNOWAIT);
                libc::waitid(libc::P_PID, id, &raw mut info, options);
            }
            *activity.background() = None;
            // The files that it left show whether it succeeded.
            let _ = build.wait();
        };
        let name = "threadbook-background".to_owned();
        if let Err(error) = std::thread::Builder::new().name(name).spawn(wait) {
            tracing::warn!("cannot start the thread that reaps a build: {error}");
        }
    }

    /// Interrupts the running cell and returns when it has ended. Does nothing between cells. `group` is the process group in
    /// which cells run.
    ///
    /// First the whole group gets SIGINT, so that programs that a cell has started can clean up, and a cell that handles it can
    /// end in good order; shortly after, the group is killed.
    pub fn interrupt(&self, group: Option<u32>) {
        let mut state = self.state();
        // The process that takes the runtime's place leads another group and must survive.
        let group = group.or_else(|| self.first_runtime());
        let mut sent_sigint = false;
        while state.executing {
            let mut timeout = KILL_INTERVAL;
            let background = *self.background();
            // While a compiler runs no cell does, so the variables can stay.
            if self.kill_compilers(background) {
                state.interrupted = true;
            } else if !sent_sigint {
                sent_sigint = true;
                signal_group(group, libc::SIGINT);
                timeout = SIGINT_GRACE;
            } else {
                state.interrupted = true;
                signal_group(group, libc::SIGKILL);
            }
            let waited = self
                .ended
                .wait_timeout_while(state, timeout, |state| state.executing);
            state = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Kills all compilers and the runtime with its process group, and reaps the runtime.
    pub fn end_all(&self) {
        *locked(&self.spared) = None;
        self.kill_compilers(None);
        let runtime = self.first_runtime();
        signal_group(runtime, libc::SIGKILL);
        if let Some(id) = runtime {
            // A runtime that has just been spawned may not lead its group yet.
            // SAFETY: kill(2) has no memory effects, and the process is our child, which only the main thread reaps besides us.
            // waitpid(2) gets no pointer for the status. If the main thread was faster, nothing is left to kill or to reap.
            unsafe {
                libc::kill(id as libc::pid_t, libc::SIGKILL);
                libc::waitpid(id as libc::pid_t, std::ptr::null_mut(), 0);
            }
        }
    }

    /// Kills all descendants of the engine and returns whether there were any. Spares the runtime, the process given to
    /// [`Activity::spare`], and `spared`, with their descendants.
    fn kill_compilers(&self, spared: Option<u32>) -> bool {
        let spared = [self.first_runtime(), id(&self.spared), spared];
        let compilers = descendants(std::process::id(), &spared);
        for &process in &compilers {
            // SAFETY: kill(2) has no memory effects. The process is a descendant of ours; for another process to have its ID
            // since we listed it, the IDs would have had to wrap around within microseconds.
            unsafe { libc::kill(process as libc::pid_t, libc::SIGKILL) };
        }
        !compilers.is_empty()
    }

    /// Returns the ID of the runtime that was spawned; a fork of it may have taken its place.
    fn first_runtime(&self) -> Option<u32> {
        id(&self.runtime)
    }

    fn background(&self) -> MutexGuard<'_, Option<u32>> {
        locked(&self.background)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        locked(&self.state)
    }
}

/// Returns the ID of a process, or `None` while another thread waits for it.
fn id(process: &Mutex<Option<Arc<Mutex<Child>>>>) -> Option<u32> {
    let process = locked(process);
    process
        .as_ref()
        .and_then(|child| child.try_lock().ok().map(|child| child.id()))
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex
        .lock()
        .unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn signal_group(leader: Option<u32>, signal: libc::c_int) {
    if let Some(id) = leader {
        // SAFETY: kill(2) has no memory effects. A runtime leads or led the group; if the group is empty, no process gets the
        // signal.
        unsafe { libc::kill(-(id as libc::pid_t), signal) };
    }
}

/// Returns all live descendants of `root`, without the processes in `except` and their descendants.
fn descendants(root: u32, except: &[Option<u32>]) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for (process, parent) in processes() {
        children.entry(parent).or_default().push(process);
    }
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(process) = open.pop() {
        for &child in children.get(&process).into_iter().flatten() {
            if !except.contains(&Some(child)) {
                found.push(child);
                open.push(child);
            }
        }
    }
    found
}

/// Returns each live process with its parent.
#[cfg(target_os = "linux")]
fn processes() -> Vec<(u32, u32)> {
    process_stat::live_processes()
        .map(|process| (process.id as u32, process.parent as u32))
        .collect()
}

/// Returns each live process with its parent, as ps(1) lists them.
#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<(u32, u32)> {
    let listed = std::process::Command::new("ps")
        .args(["-axo", "pid=,ppid=,stat="])
        .output();
    let Ok(output) = listed else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let (process, parent) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
            (!fields.next()?.starts_with('Z')).then_some((process, parent))
        })
        .collect()
}
