//! What the text of a cell says by itself, without a compiler.

pub mod commands;
pub mod completeness;
mod items;
pub mod place;

pub use items::{Item, Space, items};
