//! Lines of cells in errors, drawn as rustc draws them.

use crate::ipc::Place;

/// Returns which line of which cell follows.
pub fn heading(place: &Place) -> String {
    let cell = place
        .cell
        .map_or("cell".to_owned(), |number| format!("cell {number}"));
    format!("\x1b[1;34m--> {cell}, line {}\x1b[0m", place.line)
}

/// Returns the line itself, with its number.
pub fn source_line(place: &Place) -> String {
    format!("\x1b[1;34m{:4} |\x1b[0m {}", place.line, place.text)
}
