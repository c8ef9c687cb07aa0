//! From which lines of cells the lines of their libraries' sources came, for panics that do not end their cell: the engine, which
//! could say so too, would come too late to print it where it belongs.

use super::libraries::library_at;
use crate::ipc::{Lines, RunCell};
use std::path::PathBuf;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering::*};

/// The lines of a library that is loaded.
struct Library {
    path: PathBuf,
    lines: Vec<Lines>,
    /// The one that was loaded before it, or null.
    earlier: *const Library,
}

/// The library loaded last, or null. A list without a lock: a thread may panic in a process that was forked at any moment.
static LATEST: AtomicPtr<Library> = AtomicPtr::new(std::ptr::null_mut());

/// The number of the cell that runs, or ran last.
static RUNNING: AtomicU32 = AtomicU32::new(0);

/// Adds a cell's library, which is about to be loaded and stays loaded.
pub fn add(cell: &RunCell) {
    RUNNING.store(cell.number, Relaxed);
    let library = Box::new(Library {
        path: cell.library.clone(),
        lines: cell.lines.clone(),
        earlier: LATEST.load(Relaxed),
    });
    // Only this thread adds libraries.
    LATEST.store(Box::into_raw(library), Release);
}

/// Returns the line of a cell from which line `line` of a library's source came, and in `cell` the cell's number, which is 0 for the
/// cell that runs. Returns 0 if the line is not known. `file` is the address of the source file's name, which lies in the library.
pub extern "C" fn cell_line(file: usize, line: u32, cell: &mut u32) -> u32 {
    let Some(lines) = library_at(file).and_then(|path| lines_of(&path)) else {
        return 0;
    };
    let Some(found) = lines.iter().find_map(|lines| lines.place(line)) else {
        return 0;
    };
    let (number, line) = found;
    *cell = if number == RUNNING.load(Relaxed) {
        0
    } else {
        number
    };
    line
}

fn lines_of(path: &PathBuf) -> Option<&'static [Lines]> {
    let mut library: *const Library = LATEST.load(Acquire);
    // SAFETY: the pointers are null or come from boxes that are never freed and, once in the list, never written to. `LATEST` is
    // stored with `Release` after its box was written.
    while let Some(found) = unsafe { library.as_ref() } {
        if found.path == *path {
            return Some(&found.lines);
        }
        library = found.earlier;
    }
    None
}
