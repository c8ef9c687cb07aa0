//! `print!` and its like, as steps. The turn comes before the stream is locked.

use crate::steps::{Kind, Step};
use std::io::Write;
use std::panic::Location;

/// What stands for both streams in the order of steps: the address of something that lives as long as the program.
static STREAMS: u8 = 0;

#[track_caller]
pub fn out(text: String) {
    take_turn(&text, Location::caller());
    std::print!("{text}");
    // A text without a newline would come with the next one, perhaps another thread's.
    let _ = std::io::stdout().flush();
}

#[track_caller]
pub fn error(text: String) {
    take_turn(&text, Location::caller());
    std::eprint!("{text}");
}

fn take_turn(text: &str, place: &'static Location<'static>) {
    Step::new(Kind::Print, (&raw const STREAMS).addr(), place).wait_to_print(text);
}

#[macro_export]
macro_rules! print {
    ($($argument:tt)*) => { $crate::printing::out($crate::format!($($argument)*)) };
}

#[macro_export]
macro_rules! println {
    () => { $crate::printing::out($crate::string::String::from("\n")) };
    ($($argument:tt)*) => { $crate::printing::out($crate::format!($($argument)*) + "\n") };
}

#[macro_export]
macro_rules! eprint {
    ($($argument:tt)*) => { $crate::printing::error($crate::format!($($argument)*)) };
}

#[macro_export]
macro_rules! eprintln {
    () => { $crate::printing::error($crate::string::String::from("\n")) };
    ($($argument:tt)*) => { $crate::printing::error($crate::format!($($argument)*) + "\n") };
}
