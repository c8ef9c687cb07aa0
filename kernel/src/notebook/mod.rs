//! Notebook files: finds them, reads them, and writes them without losing anything.

pub mod atomic;
mod collect;
mod document;
mod error;
mod layout;
mod parse;
mod python_json;
mod view;

pub use collect::{collect, collect_with_places};
pub use document::Document;
pub use error::NotebookError;
pub use view::View;
