//! A pipe in shared memory that carries whole messages, for any number of writers and readers in any processes.
//!
//! What a killed process leaves behind is known at every step. A message that fits is there all at once or not at all. One that
//! does not fit goes through in pieces; if its writer is killed in between, its reader gets an error, and the ring goes on
//! with the next. If a reader is killed in between, the next reader skips the rest.
//!
//! Lock order: `read_lock`, then `write_lock`.

mod memory;
mod read;
mod wait;
mod write;
mod write_lock;

pub(crate) use self::memory::Ring;
pub(crate) use self::write::{TryWriteError, WriteObserver};
