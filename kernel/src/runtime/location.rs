//! Reads `Location`s of the cells' `std`, whose layout only the compiler of the cells knows.

use std::sync::OnceLock;

/// The function of the std bridge that reads one.
pub type Read = unsafe extern "C" fn(usize, &mut u32) -> u32;

static READ: OnceLock<Read> = OnceLock::new();

/// Has this function read them. To be called once, before the first cell.
pub fn read_by(function: Read) {
    // An error means that it is set.
    let _ = READ.set(function);
}

/// Returns the line and the column, from 1, of a `Location` that a watched cell has recorded.
pub fn location(address: u64) -> (u32, u32) {
    let mut column = 0;
    // SAFETY: cells record only addresses of locations, which are constants of their libraries, and these stay loaded.
    let line = READ
        .get()
        .map_or(0, |read| unsafe { read(address as usize, &mut column) });
    (line, column)
}
