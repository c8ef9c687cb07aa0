//! A semaphore and an event in the server.

use super::answer::{Answer, Client, EMPTY_ANSWER, unknown};
use super::blocking::Monitor;
use crate::manager::error::ManagerError;
use crate::manager::wire::Op;
use crate::sync::lock;

/// `number` is the timeout in milliseconds (-1: none), or how often to release.
pub(super) fn answer_semaphore(
    value: &Monitor<i64>,
    bound: Option<i64>,
    op: Op,
    number: i64,
    client: &Client,
) -> Answer {
    match op {
        Op::Acquire => {
            let taken = value.when(number, client, |value| (*value > 0).then(|| *value -= 1));
            Ok((i64::from(taken.is_some()), Vec::new()))
        }
        Op::Release => {
            let mut now = lock(&value.state);
            let after = now.checked_add(number.max(1));
            match after.filter(|after| bound.is_none_or(|bound| *after <= bound)) {
                Some(after) => *now = after,
                None => {
                    let message = "Semaphore released too many times";
                    return Err(ManagerError::Value(message.into()));
                }
            }
            value.changed.notify_all();
            EMPTY_ANSWER
        }
        Op::Get => Ok((*lock(&value.state), Vec::new())),
        _ => unknown(op),
    }
}

/// `number` is the timeout in milliseconds (-1: none).
pub(super) fn answer_event(flag: &Monitor<bool>, op: Op, number: i64, client: &Client) -> Answer {
    let is_set = match op {
        Op::Set => {
            *lock(&flag.state) = true;
            flag.changed.notify_all();
            true
        }
        Op::Clear => {
            *lock(&flag.state) = false;
            false
        }
        Op::Get => *lock(&flag.state),
        Op::Wait => flag.when(number, client, |set| set.then_some(())).is_some(),
        _ => return unknown(op),
    };
    Ok((i64::from(is_set), Vec::new()))
}
