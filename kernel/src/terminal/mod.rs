//! A terminal emulator for text with `\r`, cursor moves, erasing and colours.

mod screen;
mod style;

pub use screen::{Cell, Screen};
pub use style::Style;

#[cfg(test)]
pub use screen::MAX_COLUMN;
