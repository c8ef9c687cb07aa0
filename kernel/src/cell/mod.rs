//! Analyses the text of a cell without a compiler.

pub mod commands;
pub mod completeness;
pub mod cursor;
pub mod exploring;
mod items;
mod outline;
mod parser_stack;
pub mod watching;

pub use items::{Item, Space, items};
pub use outline::{has_tree, is_too_deep};
pub use parser_stack::{MAX_TEXT_BYTES, deep};
