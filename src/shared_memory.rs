//! Memory that has a name: Python's `multiprocessing.shared_memory`.
//!
//! A [`SharedMemory`] is a segment of bytes that any process of the same user attaches to by its name, Python's too. A
//! [`ShareableList`] is a list of numbers and texts in such a segment, in Python's own format.
//!
//! | Python | Rust here |
//! | --- | --- |
//! | `SharedMemory(create=True, size=64)` | `SharedMemory::create(64)?` |
//! | `SharedMemory(name="n", create=True, size=64)` | `SharedMemory::create_named("n", 64)?` |
//! | `SharedMemory(name="n")` | `SharedMemory::attach("n")?` |
//! | `m.buf[0]`, `m.buf[0] = 7` | `m.get(0)`, `m.set(0, 7)` |
//! | `m.buf[2:5] = b"abc"`, `bytes(m.buf[2:5])` | `m.write(2, b"abc")`, `m.read(2..5)` |
//! | `np.ndarray((4,), "i8", m.buf)[1]` | `m.view::<i64>().get(1)` |
//! | `m.name`, `m.size` | `m.name()`, `m.size()` |
//! | `m.close()` | `m.close()`, or the last clone of `m` is dropped |
//! | `m.unlink()` | `m.unlink()?` |
//! | `SharedMemory(..., track=False)` | `m.keep()` |
//! | FileExistsError, FileNotFoundError | an error of kind `AlreadyExists`, `NotFound` |
//! | `ShareableList([1, "a"])`, `ShareableList(name="n")` | `ShareableList::new([1.into(), "a".into()])?`, `ShareableList::attach("n")?` |
//! | `with SharedMemoryManager() as manager:` | `let manager = SharedMemoryManager::new();`, dropped at its end |
//!
//! What differs, and why:
//!
//! - `close` takes the handle, so the compiler refuses a use after it. In Python such a use is an error at run time, or
//!   a crash if a view of the memory is left.
//! - A segment appears under its name only when it has its size, so a process that attaches at that moment never finds
//!   an empty one.
//! - Attaching does not make a process responsible for the segment. In Python, before `track=False` of 3.13, a process
//!   that only attaches removes the segment when it exits.
//!
//! # What is left after a crash
//!
//! Nothing. A segment that no one unlinks is removed when the last process of the program that created it has exited,
//! also if all of them were killed. A small process of its own, which is started with the first segment, sees to that: it
//! holds one end of a pipe whose other ends the program's processes hold, and the system closes those when they exit.
//! [`SharedMemory::keep`] takes a segment out of its hands. Between two processes of one program
//! [`Array`](crate::prelude::Array) and [`RawArray`](crate::prelude::RawArray) need no name, and so nothing to remove.
//!
//! Only Linux has named segments; elsewhere creating one is an error of kind `Unsupported`.

mod files;
mod format;
mod list;
mod manager;
mod segment;
mod shareable;
mod tracker;
mod view;

pub use list::ShareableList;
pub use manager::SharedMemoryManager;
pub use segment::SharedMemory;
pub use shareable::Shareable;
pub(crate) use tracker::share as share_tracker;
pub use view::View;

#[cfg(test)]
mod tests;
