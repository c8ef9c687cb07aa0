//! Reports of a check: on the terminal, as JSON, as JUnit XML and as a table.

pub mod json;
pub mod junit;
pub mod table;
pub mod terminal;
