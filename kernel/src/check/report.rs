//! Reports of a check: on the terminal, as JSON and as JUnit XML.

pub mod json;
pub mod junit;
pub mod terminal;
