//! Lines of the cell.

use super::quote::without_middle;
use crate::ipc::Place;
use crate::page::html::escape;

/// How much of a line is shown, in characters.
const MAX_CODE: usize = 48;

/// Returns the number of a line, and the line.
pub fn line(place: &Place) -> String {
    let code = without_middle(place.text.trim(), MAX_CODE);
    format!("{}: <code>{}</code>", number(place), escape(&code))
}

/// Returns the number of a line, with that of its cell if it is an earlier one.
pub fn number(place: &Place) -> String {
    match place.cell {
        Some(cell) => format!("cell {cell}, {}", place.line),
        None => place.line.to_string(),
    }
}
