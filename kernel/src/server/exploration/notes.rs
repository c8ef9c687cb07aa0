//! What a reader must know to trust the numbers.

use crate::ipc::ExploredNote;
use crate::ipc::Trace;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Atomics were used with orders weaker than `SeqCst`, in these lines.
    WeakOrdering(Vec<u32>),
    NotDeterministic,
    /// The cell was not explored, and ran once.
    RanOnce(String),
    /// Something that a replay may do differently.
    Outside(String),
}

impl Note {
    /// Returns what the note says; nothing if the first sentence says it all.
    pub fn text(&self) -> Option<String> {
        match self {
            Note::WeakOrdering(lines) => {
                let place = lines_of_code(lines);
                Some(format!(
                    "Sequential consistency only: {place} a weaker order than `SeqCst`, which allows more than was tried."
                ))
            }
            Note::NotDeterministic => {
                Some("The same order gave different steps, so the numbers may be wrong.".to_owned())
            }
            Note::RanOnce(_) => None,
            Note::Outside(what) => Some(format!("The cell uses {what}: a replay may differ.")),
        }
    }
}

fn lines_of_code(lines: &[u32]) -> String {
    let numbers: Vec<String> = lines.iter().map(u32::to_string).collect();
    match &numbers[..] {
        [] => "the cell uses an atomic with".to_owned(),
        [line] => format!("line {line} uses an atomic with"),
        [first @ .., last] => format!("lines {} and {last} use atomics with", first.join(", ")),
    }
}

/// Returns the notes, those of one kind in one.
pub fn notes(notes: &[ExploredNote], traces: &[Trace]) -> Vec<Note> {
    let mut gathered: Vec<Note> = Vec::new();
    let mut weak_lines: Option<Vec<u32>> = None;
    for note in notes {
        let note = match note {
            ExploredNote::WeakOrdering { site } => {
                let trace = site.and_then(|site| traces.get(site as usize));
                let line = trace.and_then(|trace| trace.places.first());
                weak_lines
                    .get_or_insert_default()
                    .extend(line.map(|place| place.line));
                continue;
            }
            ExploredNote::Outside { what } => Note::Outside(what.clone()),
            ExploredNote::NotDeterministic => Note::NotDeterministic,
            ExploredNote::RanOnce { why } => Note::RanOnce(why.clone()),
        };
        if !gathered.contains(&note) {
            gathered.push(note);
        }
    }
    if let Some(mut lines) = weak_lines {
        lines.sort_unstable();
        lines.dedup();
        gathered.insert(0, Note::WeakOrdering(lines));
    }
    gathered
}
