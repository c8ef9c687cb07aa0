//! Ends what the engine is at: compilers, and the code that a cell runs.

use std::collections::HashMap;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What the engine is doing; shared by the thread that works and the one that listens.
///
/// Lock order: `state` before `runtime`, `background` and `spared`, which are never held together.
#[derive(Default)]
pub struct Activity {
    state: Mutex<State>,
    ended: Condvar,
    runtime: Mutex<Option<Arc<Mutex<Child>>>>,
    /// A build that is no part of a cell.
    background: Mutex<Option<u32>>,
    /// A process that runs nothing of the user's.
    spared: Mutex<Option<Arc<Mutex<Child>>>>,
}

#[derive(Default)]
struct State {
    executing: bool,
    interrupted: bool,
}

/// How long a cell may take to end by itself once it was asked to by SIGINT.
const SIGINT_GRACE: Duration = Duration::from_millis(150);

/// How long after a kill the engine may take to notice before it is repeated: a compile that was
/// ended may be followed by another one.
const REPEAT: Duration = Duration::from_millis(20);

impl Activity {
    pub fn begin(&self) {
        let mut state = self.state();
        state.executing = true;
        state.interrupted = false;
    }

    /// The cell is done; whether it was interrupted.
    pub fn end(&self) -> bool {
        let mut state = self.state();
        state.executing = false;
        self.ended.notify_all();
        state.interrupted
    }

    pub fn set_runtime(&self, runtime: Arc<Mutex<Child>>) {
        *locked(&self.runtime) = Some(runtime);
    }

    /// Lets this process live when cells are interrupted.
    pub fn spare(&self, process: Arc<Mutex<Child>>) {
        *locked(&self.spared) = Some(process);
    }

    /// Lets `build` go on while cells are interrupted, and waits for it.
    pub fn keep_in_background(self: &Arc<Self>, mut build: Child) {
        *self.background() = Some(build.id());
        let activity = self.clone();
        let wait = move || {
            // SAFETY: waitid(2) with a place for what it tells. With WNOWAIT the child keeps its id,
            // which must be forgotten before another process can have it.
            unsafe {
                let mut told = std::mem::zeroed();
                let (id, how) = (build.id(), libc::WEXITED | libc::WNOWAIT);
                libc::waitid(libc::P_PID, id, &raw mut told, how);
            }
            *activity.background() = None;
            // How it ended is seen by what is there.
            let _ = build.wait();
        };
        let name = "threadbook-background".to_owned();
        if let Err(error) = std::thread::Builder::new().name(name).spawn(wait) {
            tracing::warn!("nobody waits for the end of a build: {error}");
        }
    }

    /// Ends the cell in hand, and returns when it has ended. Does nothing between cells. `group`
    /// is the process group in which cells run.
    ///
    /// First all of the group get a SIGINT, which programs that a cell has started may use to
    /// clean up, and a cell that handles it to end in good order; a little later they are killed.
    pub fn interrupt(&self, group: Option<u32>) {
        let mut state = self.state();
        // What takes the place of the runtime leads another group, and must live.
        let group = group.or_else(|| self.first_runtime());
        let mut asked = false;
        while state.executing {
            let mut patience = REPEAT;
            let background = *self.background();
            // While a compiler runs no cell does, and the variables can stay.
            if self.kill_compilers(background) {
                state.interrupted = true;
            } else if !asked {
                asked = true;
                signal_group(group, libc::SIGINT);
                patience = SIGINT_GRACE;
            } else {
                state.interrupted = true;
                signal_group(group, libc::SIGKILL);
            }
            let waited = self
                .ended
                .wait_timeout_while(state, patience, |state| state.executing);
            state = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Ends the runtime with all that it started, and all compilers, and sees them off.
    pub fn end_all(&self) {
        *locked(&self.spared) = None;
        self.kill_compilers(None);
        let runtime = self.first_runtime();
        signal_group(runtime, libc::SIGKILL);
        if let Some(id) = runtime {
            // One that has just been started may not lead its group yet.
            // SAFETY: kill(2) has no memory effects, and the process is our child, for which nobody but the thread that works waits.
            // waitpid(2) has no place for the status. If that thread was quicker there is nothing left to end or to wait for.
            unsafe {
                libc::kill(id as libc::pid_t, libc::SIGKILL);
                libc::waitpid(id as libc::pid_t, std::ptr::null_mut(), 0);
            }
        }
    }

    /// Whether there were any, apart from `spared` and those below it.
    fn kill_compilers(&self, spared: Option<u32>) -> bool {
        let spared = [self.first_runtime(), id(&self.spared), spared];
        let compilers = descendants(std::process::id(), &spared);
        for &process in &compilers {
            // SAFETY: kill(2) has no memory effects. The process is a descendant of ours; were
            // it reaped and its id given away since we looked, the id would have had to wrap
            // around within microseconds.
            unsafe { libc::kill(process as libc::pid_t, libc::SIGKILL) };
        }
        !compilers.is_empty()
    }

    /// The runtime that was started; a copy of it may have taken its place.
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

/// The id of a process, unless somebody waits for its end in this moment.
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
        // SAFETY: kill(2) has no memory effects. The group is one that a runtime leads or led;
        // if nobody is left in it there is nobody to get it.
        unsafe { libc::kill(-(id as libc::pid_t), signal) };
    }
}

/// All living processes below `root`, but not those in `except` and those below them.
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

/// Every living process with its parent (proc(5), `stat`).
#[cfg(target_os = "linux")]
fn processes() -> Vec<(u32, u32)> {
    let Ok(entries) = std::fs::read_dir("/proc") else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let process = entry.ok()?.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
            // The name before it is in brackets and may hold anything; the state comes after.
            let mut fields = stat.rsplit_once(')')?.1.split(' ').skip(1);
            let lives = fields.next()? != "Z";
            let parent = fields.next()?.parse().ok()?;
            lives.then_some((process, parent))
        })
        .collect()
}

/// Every living process with its parent, as ps(1) lists them.
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
