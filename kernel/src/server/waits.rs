//! Explains what the threads of a cell wait for: below the error of an interrupted cell, and as the error of a deadlock.

use super::engine::Engine;
use super::wait_reason::WaitReason;
use crate::ipc::{CellError, Place, Trace, WaitingThread};

/// More threads than these are only counted.
const MAX_THREADS: usize = 16;

/// A thread, or several that do the same.
struct Party {
    names: Vec<String>,
    reason: WaitReason,
    trace: Trace,
}

/// Returns the lines that tell what the threads of an interrupted cell were doing; none if it had a single one that was running.
pub async fn table(engine: &Engine, threads: Vec<WaitingThread>) -> Vec<String> {
    let parties = parties(engine, threads).await;
    let is_told = |party: &Party| party.reason != WaitReason::Running || party.names.len() > 1;
    if !parties.iter().any(is_told) && parties.len() < 2 {
        return Vec::new();
    }
    let mut lines = vec!["When the cell was interrupted:".to_owned()];
    lines.extend(sections(&parties));
    lines
}

/// Returns the error of a cell whose threads wait for each other.
pub async fn deadlock(engine: &Engine, threads: Vec<WaitingThread>) -> CellError {
    let parties = parties(engine, threads).await;
    // Threads that earlier cells or crates keep for later work wait too, but are not the reason.
    let (here, idle): (Vec<_>, Vec<_>) = parties
        .into_iter()
        .partition(|party| party.trace.places.iter().any(|place| place.cell.is_none()));
    let evalue = format!(
        "{}; your variables are as they were before this cell",
        summary(&here)
    );
    let mut error = CellError::new("Deadlock", evalue);
    error.traceback.extend(sections(&here));
    let idle: usize = idle.iter().map(|party| party.names.len()).sum();
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
        [party] if party.holds_its_own_lock() => vec![
            "a guard lives to the end of its block, and one in a `match`, `if let` or `while let` to the end of that: drop it before \
             the lock is taken again",
        ],
        parties => parties.iter().filter_map(Party::help).collect(),
    };
    helps.sort_unstable();
    helps.dedup();
    for help in helps {
        error.traceback.push(note_line("help", help));
    }
    error
}

/// Traces the threads back to the cells. Threads that wait for the same in the same line are one party.
async fn parties(engine: &Engine, threads: Vec<WaitingThread>) -> Vec<Party> {
    let stacks = threads.iter().map(|thread| thread.frames.clone()).collect();
    let mut traces = engine.trace(stacks).await.into_iter();
    let names = names(&threads);
    let mut parties: Vec<Party> = Vec::new();
    for (thread, name) in threads.iter().zip(names) {
        let trace = traces.next().unwrap_or_default();
        let reason = WaitReason::of(&thread.wait, &trace.functions);
        let same = parties
            .iter_mut()
            .find(|party| party.reason == reason && party.trace.places == trace.places);
        match same {
            Some(party) => party.names.push(name),
            None => parties.push(Party {
                names: vec![name],
                reason,
                trace,
            }),
        }
    }
    parties
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

fn summary(parties: &[Party]) -> String {
    let names: Vec<&str> = parties
        .iter()
        .flat_map(|party| party.names.iter().map(String::as_str))
        .collect();
    match (&names[..], parties) {
        ([], _) => "all threads wait, and none can go on".to_owned(),
        ([name], [party]) => format!("{name} waits for {}", party.alone()),
        ([one, other], _) => format!("{one} and {other} wait for each other"),
        ([first, others @ ..], _) => {
            format!(
                "{first} and {} other threads wait for each other",
                others.len()
            )
        }
    }
}

fn sections(parties: &[Party]) -> Vec<String> {
    let shown = parties.iter().take(MAX_THREADS);
    let mut lines: Vec<String> = shown.flat_map(Party::lines).collect();
    if parties.len() > MAX_THREADS {
        lines.push(format!("and {} more", parties.len() - MAX_THREADS));
    }
    lines
}

impl Party {
    /// Returns what it waits for if nobody else is there: why that never comes.
    fn alone(&self) -> String {
        if self.holds_its_own_lock() {
            return "a lock that it holds itself".to_owned();
        }
        match self.reason {
            WaitReason::Receive => "a message that nobody is left to send".to_owned(),
            WaitReason::Send => "room for a message that nobody is left to empty".to_owned(),
            WaitReason::Barrier => "others at a barrier that nobody will reach".to_owned(),
            WaitReason::Notification => {
                "an event or a condition that nobody is left to change".to_owned()
            }
            WaitReason::Condvar => "a `Condvar` that nobody is left to notify".to_owned(),
            WaitReason::Park => "`unpark`, which nobody is left to call".to_owned(),
            _ => format!("{}, in vain", self.reason),
        }
    }

    /// Whether it is a single thread that waits for a lock, and has taken one before.
    fn holds_its_own_lock(&self) -> bool {
        let is_lock = matches!(
            self.reason,
            WaitReason::Mutex | WaitReason::Read | WaitReason::Write | WaitReason::Lock(_)
        );
        is_lock && self.names.len() == 1 && !self.trace.held.is_empty()
    }

    /// Returns what usually helps.
    fn help(&self) -> Option<&'static str> {
        let held = !self.trace.held.is_empty();
        Some(match self.reason {
            WaitReason::Mutex | WaitReason::Read | WaitReason::Write | WaitReason::Lock(_) => {
                "take locks in the same order in all threads, or drop one guard before you take the next lock"
            }
            WaitReason::Receive if held => {
                "do not wait for a message while you hold a lock that its sender needs"
            }
            WaitReason::Receive => {
                "a receiver waits as long as a sender exists: drop the senders that are not used any more, also this thread's own"
            }
            WaitReason::Send => "receive while others send, or give the channel more room",
            WaitReason::Barrier => {
                "a barrier opens when as many threads wait as it was created for"
            }
            WaitReason::Condvar | WaitReason::Notification => {
                "change the condition under its lock and notify then; wait in a loop that checks the condition first"
            }
            WaitReason::Join(_) | WaitReason::Scope if held => {
                "drop a guard before you wait for a thread that needs its lock"
            }
            _ => return None,
        })
    }

    fn lines(&self) -> Vec<String> {
        let names = match &self.names[..] {
            [one] => one.clone(),
            [first, others @ ..] => format!("{first} and {} like it", others.len()),
            [] => String::new(),
        };
        let (verb, verb_here) = match (self.names.len(), &self.reason) {
            (1, WaitReason::Running) => ("runs", "runs"),
            (_, WaitReason::Running) => ("run", "run"),
            (1, _) => ("waits for", "waits here"),
            _ => ("wait for", "wait here"),
        };
        let mut lines = vec![match self.reason {
            WaitReason::Running => format!("\x1b[1m{names} {verb}\x1b[0m"),
            _ => format!("\x1b[1m{names} {verb} {}\x1b[0m", self.reason),
        }];
        let Some(place) = self.trace.places.first() else {
            return lines;
        };
        lines.push(format!(
            "\x1b[1;34m--> {}, line {}\x1b[0m",
            of_cell(place),
            place.line
        ));
        let mut marked: Vec<(&Place, &str)> = self
            .trace
            .held
            .iter()
            .filter(|held| held.cell == place.cell)
            .map(|held| (held, "has taken a lock here, and holds it"))
            .collect();
        marked.push((place, verb_here));
        marked.sort_by_key(|(place, _)| place.line);
        for (place, note) in marked {
            lines.push(format!(
                "\x1b[1;34m{:4} |\x1b[0m {}",
                place.line, place.text
            ));
            let indent = place.text.len() - place.text.trim_start().len();
            let width = place.text.trim().chars().count();
            let (mark, color) = match note == verb_here {
                true => ("^", "1;31"),
                false => ("-", "1;34"),
            };
            lines.push(format!(
                "\x1b[1;34m     |\x1b[0m {}\x1b[{color}m{} {note}\x1b[0m",
                &place.text[..indent],
                mark.repeat(width)
            ));
        }
        lines
    }
}

fn of_cell(place: &Place) -> String {
    place
        .cell
        .map_or("cell".to_owned(), |number| format!("cell {number}"))
}

fn note_line(kind: &str, text: &str) -> String {
    format!("\x1b[1;34m     = \x1b[0m\x1b[1m{kind}\x1b[0m: {text}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::Wait;

    fn place(line: u32, text: &str) -> Place {
        Place {
            cell: None,
            line,
            text: text.to_owned(),
        }
    }

    fn plain(lines: &[String]) -> String {
        let colours = regex::Regex::new("\x1b\\[[0-9;]*m").expect("a pattern");
        colours.replace_all(&lines.join("\n"), "").into_owned()
    }

    #[test]
    fn a_party_is_drawn_as_rustc_draws() {
        let party = Party {
            names: vec!["`main`".to_owned()],
            reason: WaitReason::Mutex,
            trace: Trace {
                places: vec![place(7, "    let b = right.lock().unwrap();")],
                held: vec![place(5, "    let a = left.lock().unwrap();")],
                ..Trace::default()
            },
        };
        assert_eq!(
            plain(&party.lines()),
            "`main` waits for a `Mutex`\n\
             --> cell, line 7\n   5 |     let a = left.lock().unwrap();\n     |     \
             ----------------------------- has taken a lock here, and holds it\n   7 |     \
             let b = right.lock().unwrap();\n     |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ waits here"
        );
        assert_eq!(
            summary(&[party]),
            "`main` waits for a lock that it holds itself"
        );
    }

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
