//! What a check has found, for people and for programs.

pub mod json;
pub mod junit;
pub mod terminal;
