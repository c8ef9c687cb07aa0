//! The answer to a request, and what all kinds of objects need to make it.

use std::sync::Arc;

use crate::manager::error::ManagerError;
use crate::manager::transport::Transport;
use crate::manager::wire::Op;

pub(super) type Bytes = Box<[u8]>;

/// What a reply carries: a number and parts.
pub(in crate::manager) type Answer = Result<(i64, Vec<Bytes>), ManagerError>;

pub(super) const EMPTY_ANSWER: Answer = Ok((0, Vec::new()));

/// The client whose request is answered.
pub(in crate::manager) struct Client<'a> {
    pub(in crate::manager) pid: u32,
    pub(in crate::manager) transport: &'a Transport,
    /// Lives as long as the connection, which is that of one thread.
    pub(in crate::manager) connection: &'a Arc<()>,
}

/// The part at `index` of a request; empty if it has fewer.
pub(super) fn part<'a>(parts: &[&'a [u8]], index: usize) -> &'a [u8] {
    parts.get(index).copied().unwrap_or_default()
}

/// The answer to an operation that the object does not have.
pub(super) fn unknown(op: Op) -> Answer {
    Err(ManagerError::Value(format!("the object has no {op:?}")))
}
