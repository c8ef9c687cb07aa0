//! A barrier in the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering::Relaxed};

use super::answer::{Answer, Client, EMPTY_ANSWER, unknown};
use super::blocking::Monitor;
use crate::manager::error::ManagerError;
use crate::manager::wire::Op;
use crate::sync::lock;

#[derive(Default)]
pub(in crate::manager) struct BarrierState {
    /// The round for which clients wait now, and how many do.
    round: Arc<Round>,
    waiting: usize,
    is_broken: bool,
}

/// How a round has ended. Changed under the barrier's lock.
#[derive(Default)]
struct Round(AtomicU8);

const OPEN: u8 = 0;
const COMPLETE: u8 = 1;
const BROKEN: u8 = 2;

/// `number` is the timeout in milliseconds (-1: none).
pub(super) fn answer_barrier(
    barrier: &Monitor<BarrierState>,
    parties: usize,
    op: Op,
    number: i64,
    client: &Client,
) -> Answer {
    match op {
        Op::Wait => return wait(barrier, parties, number, client),
        Op::Abort => {
            let mut state = lock(&barrier.state);
            state.end_round(BROKEN);
            state.is_broken = true;
        }
        Op::Reset => {
            let mut state = lock(&barrier.state);
            state.end_round(BROKEN);
            state.is_broken = false;
        }
        // Whether it is broken, how many there must be, and how many wait.
        Op::Get => {
            let state = lock(&barrier.state);
            let parties = (parties as u64).to_le_bytes();
            let parts = vec![[u8::from(state.is_broken)].into(), parties.into()];
            return Ok((state.waiting as i64, parts));
        }
        _ => return unknown(op),
    }
    barrier.changed.notify_all();
    EMPTY_ANSWER
}

/// The answer is the place of the client among those of its round.
fn wait(barrier: &Monitor<BarrierState>, parties: usize, limit: i64, client: &Client) -> Answer {
    let (round, place) = {
        let mut state = lock(&barrier.state);
        if state.is_broken {
            return Err(ManagerError::Broken);
        }
        let (round, place) = (Arc::clone(&state.round), state.waiting);
        state.waiting += 1;
        if state.waiting == parties {
            state.end_round(COMPLETE);
        }
        (round, place)
    };
    let ended = barrier.when(limit, client, |_| {
        Some(round.0.load(Relaxed)).filter(|&end| end != OPEN)
    });
    if ended.is_none() {
        // Too late, or killed: the others cannot become complete.
        let mut state = lock(&barrier.state);
        if round.0.load(Relaxed) == OPEN {
            state.end_round(BROKEN);
            state.is_broken = true;
        }
    }
    barrier.changed.notify_all();
    match round.0.load(Relaxed) {
        COMPLETE => Ok((place as i64, Vec::new())),
        _ => Err(ManagerError::Broken),
    }
}

impl BarrierState {
    fn end_round(&mut self, end: u8) {
        self.round.0.store(end, Relaxed);
        self.round = Arc::default();
        self.waiting = 0;
    }
}
