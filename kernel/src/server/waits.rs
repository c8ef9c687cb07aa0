//! Explains what the threads of a cell wait for: below the error of an interrupted cell, and as the error of a deadlock.

use super::engine::Engine;
use super::thread_group::ThreadGroup;
use super::wait_reason::WaitReason;
use crate::ipc::{CellError, Site, WaitingThread};

/// More groups of threads than these are only counted.
const MAX_GROUPS: usize = 16;

/// Returns the lines that tell what the threads of an interrupted cell were doing; none if it had a single one that was running.
pub async fn table(engine: &Engine, threads: Vec<WaitingThread>) -> Vec<String> {
    let groups = groups(engine, threads).await;
    let is_told =
        |group: &ThreadGroup| group.reason != WaitReason::Running || group.names.len() > 1;
    if !groups.iter().any(is_told) && groups.len() < 2 {
        return Vec::new();
    }
    let mut lines = vec!["When the cell was interrupted:".to_owned()];
    lines.extend(sections(&groups));
    lines
}

/// Returns the error of a cell whose threads wait for each other.
pub async fn deadlock(engine: &Engine, threads: Vec<WaitingThread>) -> CellError {
    let groups = groups(engine, threads).await;
    // Threads that earlier cells or crates keep for later work wait too, but are not the reason.
    let (here, idle): (Vec<_>, Vec<_>) = groups
        .into_iter()
        .partition(|group| group.trace.places.iter().any(|place| place.cell.is_none()));
    let evalue = format!(
        "{}; your variables are as they were before this cell",
        summary(&here)
    );
    let mut error = CellError::new("Deadlock", evalue);
    error.traceback.extend(sections(&here));
    let idle: usize = idle.iter().map(|group| group.names.len()).sum();
    if idle > 0 {
        let threads = if idle == 1 {
            "thread waits"
        } else {
            "threads wait"
        };
        let note = format!(
            "{idle} other {threads} for work: of earlier cells, of crates, or of other processes"
        );
        error.traceback.push(note_line("note", &note));
    }
    let mut helps: Vec<&str> = match &here[..] {
        [group] if group.holds_its_own_lock() => vec![
            "a guard lives to the end of its block, and one in a `match`, `if let` or `while let` to the end of that: drop it before \
             the lock is taken again",
        ],
        groups => groups.iter().filter_map(ThreadGroup::help).collect(),
    };
    helps.sort_unstable();
    helps.dedup();
    for help in helps {
        error.traceback.push(note_line("help", help));
    }
    error
}

/// Traces the threads back to the cells. Threads that wait for the same in the same line are one group.
async fn groups(engine: &Engine, threads: Vec<WaitingThread>) -> Vec<ThreadGroup> {
    let stacks = threads
        .iter()
        .map(|thread| Site::Stack(thread.frames.clone()));
    let mut traces = engine.trace(stacks.collect()).await.into_iter();
    let names = names(&threads);
    let mut groups: Vec<ThreadGroup> = Vec::new();
    for (thread, name) in threads.iter().zip(names) {
        let trace = traces.next().unwrap_or_default();
        let reason = WaitReason::of(&thread.wait, &trace.functions);
        let same = groups
            .iter_mut()
            .find(|group| group.reason == reason && group.trace.places == trace.places);
        match same {
            Some(group) => group.names.push(name),
            None => groups.push(ThreadGroup {
                names: vec![name],
                reason,
                trace,
            }),
        }
    }
    groups
}

/// Returns how each thread is called. A thread without a name of its own has that of the program, and gets a number.
fn names(threads: &[WaitingThread]) -> Vec<String> {
    let mut unnamed = 0;
    let mut name = |thread: &WaitingThread| {
        let has_name = thread.name != "threadbook";
        match (thread.process, has_name) {
            (None, true) => format!("`{}`", thread.name),
            (None, false) => {
                unnamed += 1;
                format!("thread {unnamed}")
            }
            (Some(_), true) if thread.is_main => format!("process `{}`", thread.name),
            (Some(process), false) if thread.is_main => format!("process {process}"),
            (Some(process), true) => format!("`{}` of process {process}", thread.name),
            (Some(process), false) => format!("a thread of process {process}"),
        }
    };
    threads.iter().map(&mut name).collect()
}

fn summary(groups: &[ThreadGroup]) -> String {
    let names: Vec<&str> = groups
        .iter()
        .flat_map(|group| group.names.iter().map(String::as_str))
        .collect();
    match (&names[..], groups) {
        ([], _) => "all threads wait, and none can go on".to_owned(),
        ([name], [group]) => format!("{name} waits for {}", group.alone()),
        ([one, other], _) => format!("{one} and {other} wait for each other"),
        ([first, others @ ..], _) => {
            format!(
                "{first} and {} other threads wait for each other",
                others.len()
            )
        }
    }
}

fn sections(groups: &[ThreadGroup]) -> Vec<String> {
    let shown = groups.iter().take(MAX_GROUPS);
    let mut lines: Vec<String> = shown.flat_map(ThreadGroup::lines).collect();
    let others = groups.iter().skip(MAX_GROUPS);
    let others: usize = others.map(|group| group.names.len()).sum();
    if others > 0 {
        lines.push(format!("and {others} more threads"));
    }
    lines
}

fn note_line(kind: &str, text: &str) -> String {
    format!("\x1b[1;34m     = \x1b[0m\x1b[1m{kind}\x1b[0m: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::Wait;

    #[test]
    fn threads_without_names_are_numbered() {
        let thread = |process, name: &str| WaitingThread {
            process,
            is_main: !name.starts_with('w'),
            name: name.to_owned(),
            wait: Wait::Sleep,
            frames: Vec::new(),
        };
        let threads = [
            thread(None, "main"),
            thread(None, "threadbook"),
            thread(None, "t1"),
            thread(None, "threadbook"),
            thread(Some(7), "threadbook"),
            thread(Some(7), "Process-1"),
            thread(Some(7), "worker"),
        ];
        assert_eq!(
            names(&threads),
            [
                "`main`",
                "thread 1",
                "`t1`",
                "thread 2",
                "process 7",
                "process `Process-1`",
                "`worker` of process 7"
            ]
        );
    }
}
