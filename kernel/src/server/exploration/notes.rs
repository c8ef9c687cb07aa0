//! What a reader must know to trust the numbers.

use crate::ipc::ExploredNote;
use crate::ipc::Trace;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// Atomics were used with orders weaker than `SeqCst`, in these lines.
    WeakOrdering(Vec<u32>),
    /// A loop that seems to wait, in this line, let others go first.
    LoopsLeftOut(Option<u32>),
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
            Note::LoopsLeftOut(line) => {
                let place = match line {
                    Some(line) => format!("the loop at line {line}"),
                    None => "a loop".to_owned(),
                };
                Some(format!(
                    "Not all orders: those in which {place} looks again and again while others could go on were left out."
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

/// Returns the line of the cell at a site.
fn line_of(site: Option<u32>, traces: &[Trace]) -> Option<u32> {
    let trace = traces.get(site? as usize)?;
    trace.places.first().map(|place| place.line)
}

/// Returns the notes, those of one kind in one.
pub fn notes(notes: &[ExploredNote], traces: &[Trace]) -> Vec<Note> {
    let mut gathered: Vec<Note> = Vec::new();
    let mut weak_lines: Option<Vec<u32>> = None;
    for note in notes {
        let note = match note {
            ExploredNote::WeakOrdering { site } => {
                weak_lines
                    .get_or_insert_default()
                    .extend(line_of(*site, traces));
                continue;
            }
            ExploredNote::LoopsLeftOut { site } => Note::LoopsLeftOut(line_of(*site, traces)),
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
