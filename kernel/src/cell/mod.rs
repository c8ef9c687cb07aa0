//! What the text of a cell says by itself, without a compiler.

pub mod commands;
pub mod completeness;
mod deep;
mod items;
mod outline;
pub mod place;

pub use deep::{LONGEST, deep};
pub use items::{Item, Space, items};
pub use outline::{has_tree, is_too_deep};
