//! Who waits for whom at the end of an order.

use crate::ipc::{Action, BlockedOn, ExploredStep};
use crate::server::names::Names;

/// Returns the step that makes an order end in a deadlock, and what the reader should know about it: the one that closes the circle, or else
/// the last one that waits.
pub fn last_straw(steps: &[ExploredStep], names: &Names) -> Option<(usize, String)> {
    let waits: Vec<(usize, u32, Option<u32>)> = steps
        .iter()
        .enumerate()
        .filter_map(|(index, step)| match &step.action {
            Action::Blocked { on } => Some((index, step.thread, awaited(on))),
            _ => None,
        })
        .collect();
    let next = |thread: u32| {
        let wait = waits.iter().find(|(_, waiter, _)| *waiter == thread);
        wait.and_then(|(_, _, awaited)| *awaited)
    };
    let closes = waits.iter().rev().find_map(|&(index, thread, _)| {
        let circle = circle(thread, waits.len(), next)?;
        Some((index, circle))
    });
    if let Some((index, circle)) = closes {
        let mut text = format!("closes the circle: {} waits", names.thread(circle[0]));
        for (position, thread) in circle[1..].iter().enumerate() {
            let which = if position == 0 { "" } else { ", which waits" };
            text += &format!("{which} for {}", names.thread(*thread));
        }
        return Some((index, text));
    }
    let (index, ..) = waits.last()?;
    Some((
        *index,
        "no thread is left that could end this wait".to_owned(),
    ))
}

/// The threads from this one back to itself, if each waits for the next.
fn circle(first: u32, longest: usize, next: impl Fn(u32) -> Option<u32>) -> Option<Vec<u32>> {
    let mut circle = vec![first];
    for _ in 0..longest {
        let thread = next(*circle.last()?)?;
        circle.push(thread);
        if thread == first {
            return Some(circle);
        }
    }
    None
}

fn awaited(on: &BlockedOn) -> Option<u32> {
    match on {
        BlockedOn::Lock { holder, .. } | BlockedOn::Initialized { holder, .. } => *holder,
        BlockedOn::Thread { thread } => Some(*thread),
        BlockedOn::Message { .. }
        | BlockedOn::Room { .. }
        | BlockedOn::Notification { .. }
        | BlockedOn::Barrier { .. }
        | BlockedOn::Event { .. }
        | BlockedOn::Permit { .. }
        | BlockedOn::Park => None,
    }
}
