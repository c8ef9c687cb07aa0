//! Where the program runs, and the connection from there to a notebook's front end.

mod blocked;
mod bundle;
mod cell_output;
mod explored;
mod host;
mod kernel_functions;
mod message;
mod stdout;
pub(crate) mod steps;
mod switch;
mod symbol;
#[cfg(test)]
pub(crate) mod testing;
mod thread_name;
pub(crate) mod watched;

pub(crate) use blocked::{Blocked, BlockedOn};
pub use bundle::Bundle;
pub(crate) use bundle::Content;
pub(crate) use cell_output::CellOutput;
pub(crate) use host::{Host, host};
pub(crate) use kernel_functions::KernelFunctions;
pub(crate) use message::Message;
pub(crate) use stdout::{flush_stdout, print_at_once};
pub(crate) use thread_name::name_thread;
