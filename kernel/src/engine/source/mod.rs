//! Generates the source of a cell, with a map back to the cell.

mod body;
mod cast;
mod edits;
mod includes;
mod insertions;
mod leaks;
mod map;
mod moved_parts;
mod place;
mod probe;
mod probe_functions;
mod program;
mod stored_variables;
mod taking;

pub use cast::Cast;
pub use edits::{Anchor, Edits, is_plain_let};
pub use insertions::Insertions;
pub use leaks::Leaks;
pub use map::{Copy, Origin, Source, Trait, Use};
pub use moved_parts::MovedParts;
pub use place::Place;
pub use probe::{KeptVariable, PROBE_TYPE, Probe, TYPES_FUNCTION};
pub use program::{PersistedVariable, Program, ResultFormat, Tokio};
