//! Ends what the engine is at: compilers, and the code that a cell runs.

use std::collections::HashMap;
use std::process::Child;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::time::Duration;

/// What the engine is doing; shared by the thread that works and the one that listens.
///
/// Lock order: `state` before `runtime`.
#[derive(Default)]
pub struct Activity {
    state: Mutex<State>,
    ended: Condvar,
    runtime: Mutex<Option<Arc<Mutex<Child>>>>,
}

#[derive(Default)]
struct State {
    executing: bool,
    interrupted: bool,
}

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
        *self
            .runtime
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner()) = Some(runtime);
    }

    /// Ends the cell in hand, and returns when it has ended. Does nothing between cells.
    pub fn interrupt(&self) {
        let mut state = self.state();
        // evcxr starts a new runtime for the one that was killed, and that one must live.
        let runtime = self.runtime_id();
        while state.executing {
            state.interrupted = true;
            // While a compiler runs no cell does, and the variables can stay.
            if !self.kill_compilers() && self.runtime_id() == runtime {
                self.kill_runtime();
            }
            let waited = self.ended.wait_timeout(state, REPEAT);
            state = waited.unwrap_or_else(|poisoned| poisoned.into_inner()).0;
        }
    }

    /// Ends the runtime with all that it started, and all compilers, and sees them off.
    pub fn end_all(&self) {
        self.kill_compilers();
        let runtime = self.runtime_id();
        self.kill_runtime();
        if let Some(id) = runtime {
            // SAFETY: waitpid(2) without a place for the status. If evcxr was quicker there is
            // nothing left to wait for.
            unsafe { libc::waitpid(id as libc::pid_t, std::ptr::null_mut(), 0) };
        }
    }

    fn kill_compilers(&self) -> bool {
        let runtime = self.runtime_id();
        let compilers = descendants(std::process::id(), runtime);
        for &process in &compilers {
            // SAFETY: kill(2) has no memory effects. The process is a descendant of ours; were
            // it reaped and its id given away since we looked, the id would have had to wrap
            // around within microseconds.
            unsafe { libc::kill(process as libc::pid_t, libc::SIGKILL) };
        }
        !compilers.is_empty()
    }

    fn kill_runtime(&self) {
        if let Some(id) = self.runtime_id() {
            // SAFETY: kill(2) has no memory effects; the group is the one that the runtime leads.
            unsafe { libc::kill(-(id as libc::pid_t), libc::SIGKILL) };
        }
    }

    fn runtime_id(&self) -> Option<u32> {
        let runtime = self
            .runtime
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner());
        // evcxr holds the inner lock while it waits for the end of a process that has died.
        runtime
            .as_ref()
            .and_then(|child| child.try_lock().ok().map(|child| child.id()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// All processes below `root`, but not `except` and those below it.
fn descendants(root: u32, except: Option<u32>) -> Vec<u32> {
    let mut children: HashMap<u32, Vec<u32>> = HashMap::new();
    for (process, parent) in processes() {
        children.entry(parent).or_default().push(process);
    }
    let mut found = Vec::new();
    let mut open = vec![root];
    while let Some(process) = open.pop() {
        for &child in children.get(&process).into_iter().flatten() {
            if Some(child) != except {
                found.push(child);
                open.push(child);
            }
        }
    }
    found
}

/// Every process with its parent (proc(5), `stat`).
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
            let parent = stat.rsplit_once(')')?.1.split(' ').nth(2)?.parse().ok()?;
            Some((process, parent))
        })
        .collect()
}

/// Every process with its parent, as ps(1) lists them.
#[cfg(not(target_os = "linux"))]
fn processes() -> Vec<(u32, u32)> {
    let listed = std::process::Command::new("ps")
        .args(["-axo", "pid=,ppid="])
        .output();
    let Ok(output) = listed else {
        return Vec::new();
    };
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| {
            let mut numbers = line.split_whitespace().map(str::parse);
            Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
        })
        .collect()
}
