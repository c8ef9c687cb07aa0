//! A cell as one source, with a map from it back to the cell.

mod body;
mod edits;
mod includes;
mod map;
mod program;
mod question;

pub use edits::{ClosureCast, Edits, is_plain_let};
pub use map::{Copy, Origin, Source, Trait, Use};
pub use program::{Left, Program, ResultFormat, Tokio};
pub use question::{Kept, Question};
