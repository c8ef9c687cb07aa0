//! This crate's own threads, and the warning when a process is started while other threads run.

use std::io::{self, Write};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering::Relaxed};

use super::starter::Starter;
use crate::notebook;
use crate::os;

/// Prefixes of the names of threads that hold no lock that a child needs: those of the notebook's kernel, of this
/// crate, and reqwest's, whose clients a child does not use.
const KNOWN_PREFIXES: [&str; 3] = ["threadbook-", "QueueFeeder", "reqwest-interna"];

/// How many of this crate's threads do not have their name yet.
static UNNAMED: AtomicUsize = AtomicUsize::new(0);

/// Spawns a thread that holds no lock across a fork, and that can be spawned in any forked child. Its name begins with
/// one of [`KNOWN_PREFIXES`].
///
/// The stack is small: the thread runs none of the user's code.
pub(crate) fn spawn_own(name: &str, f: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_own_with_stack(64 * 1024, name, f)
}

/// [`spawn_own`] with a stack as large as std's.
pub(crate) fn spawn_own_large(name: &str, f: impl FnOnce() + Send + 'static) -> io::Result<()> {
    spawn_own_with_stack(2 * 1024 * 1024, name, f)
}

fn spawn_own_with_stack(
    stack: usize,
    name: &str,
    f: impl FnOnce() + Send + 'static,
) -> io::Result<()> {
    UNNAMED.fetch_add(1, Relaxed);
    let own_name = name.to_owned();
    let started = os::spawn_thread(name, stack, move || {
        UNNAMED.fetch_sub(1, Relaxed);
        notebook::name_thread(&own_name);
        f();
    });
    if started.is_err() {
        UNNAMED.fetch_sub(1, Relaxed);
    }
    started
}

/// Called in a forked child, which has none of the parent's threads.
pub(super) fn reset_in_child() {
    UNNAMED.store(0, Relaxed);
}

/// Warns once per process, as Python does since 3.12, if threads run that neither the kernel nor this crate has
/// started.
///
/// Those are threads of the cells and of crates that they use (rayon's, an executor's): one of them may hold a lock
/// that no one knows about, and in the child, where the thread does not exist, it stays locked. Only Linux can list
/// them.
///
/// A thread of an executor works for the one that has submitted the task, which is no more dangerous than if that had
/// started the process itself. So one thread more is expected there.
pub(super) fn warn_about_other_threads(child: &str, starter: Starter) {
    /// The process that has warned; a forked child has not yet.
    static WARNED: AtomicU32 = AtomicU32::new(0);
    let me = os::process_id();
    if WARNED.load(Relaxed) == me {
        return;
    }
    // Read before the names: a thread that gets its name in between is counted twice, and then the warning comes at the
    // next start.
    let unnamed = UNNAMED.load(Relaxed);
    let others = os::other_threads();
    let unknown = others
        .iter()
        .filter(|name| !KNOWN_PREFIXES.iter().any(|known| name.starts_with(known)))
        .count()
        .saturating_sub(unnamed)
        .saturating_sub(usize::from(starter == Starter::Stays));
    if unknown == 0 || WARNED.swap(me, Relaxed) == me {
        return;
    }
    let (threads, were, holder) = match unknown {
        1 => ("1 other thread", "was", "it"),
        _ => (&*format!("{unknown} other threads"), "were", "one of them"),
    };
    let warning = format!(
        "warning: {child} was started while {threads} of process {me} {were} running: a lock that {holder} holds \
         stays locked in the child\n"
    );
    // A stream that no one reads any more is no reason not to start.
    let _ = io::stderr().write_all(warning.as_bytes());
}
