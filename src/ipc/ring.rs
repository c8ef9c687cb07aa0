//! A ring buffer in shared memory that carries whole messages, for any number of writers and readers in any processes.
//!
//! At every step it is clear what a killed process leaves behind. A message that fits appears all at once or not at
//! all. One that does not fit goes through in pieces; if its writer is killed in between, its reader gets an error, and
//! the ring goes on with the next message. If a reader is killed in between, the next reader skips the rest.
//!
//! Lock order: `read_lock`, then `write_lock`.

mod memory;
mod read;
mod wait;
mod write;
mod write_lock;

pub(crate) use self::memory::Ring;
pub(crate) use self::write::{TryWriteError, WriteObserver};
