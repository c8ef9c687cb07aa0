//! Threads of a cell that wait for the same in the same line, and how they are shown.

use super::snippet;
use super::wait_reason::WaitReason;
use crate::ipc::{Place, Trace};

/// A thread, or several that do the same.
pub struct ThreadGroup {
    /// How the threads are called; at least one.
    pub names: Vec<String>,
    pub reason: WaitReason,
    /// Where in the cell the threads wait.
    pub trace: Trace,
}

impl ThreadGroup {
    /// Returns what it waits for if nobody else is there: why that never comes.
    pub fn alone(&self) -> String {
        if self.holds_its_own_lock() {
            return "a lock that it holds itself".to_owned();
        }
        match self.reason {
            WaitReason::Receive => "a message that nobody is left to send".to_owned(),
            WaitReason::Send => "room in a channel that nobody is left to read".to_owned(),
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
    pub fn holds_its_own_lock(&self) -> bool {
        let is_lock = matches!(
            self.reason,
            WaitReason::Mutex | WaitReason::Read | WaitReason::Write | WaitReason::Lock(_)
        );
        is_lock && self.names.len() == 1 && !self.trace.held.is_empty()
    }

    /// Returns what usually helps.
    pub fn help(&self) -> Option<&'static str> {
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

    /// Draws the lines of the cell as rustc does: where the threads wait, and where they have taken locks before.
    pub fn lines(&self) -> Vec<String> {
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
        lines.push(snippet::heading(place));
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
            lines.push(snippet::source_line(place));
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

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_group_is_drawn_as_rustc_draws() {
        let group = ThreadGroup {
            names: vec!["`main`".to_owned()],
            reason: WaitReason::Mutex,
            trace: Trace {
                places: vec![place(7, "    let b = right.lock().unwrap();")],
                held: vec![place(5, "    let a = left.lock().unwrap();")],
                ..Trace::default()
            },
        };
        assert_eq!(
            plain(&group.lines()),
            "`main` waits for a `Mutex`\n\
             --> cell, line 7\n   5 |     let a = left.lock().unwrap();\n     |     \
             ----------------------------- has taken a lock here, and holds it\n   7 |     \
             let b = right.lock().unwrap();\n     |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ waits here"
        );
        assert_eq!(group.alone(), "a lock that it holds itself");
    }
}
