//! What a thread waits for that cannot go on at the end of a run.

use super::objects::Objects;
use crate::ipc::{BlockedOn, ExploredKind};
use crate::runtime::schedule::Kind;
use crate::runtime::schedule::board::{State, Thread, ThreadState};
use std::collections::HashMap;

/// Returns what the thread of this index waits for; `None` if its step does not wait. `holders` are the threads that hold locks or
/// initialise something, by the indices of that.
pub fn blocked_on(
    state: &State,
    objects: &mut Objects,
    holders: &HashMap<u32, u32>,
    index: u32,
    thread: &Thread,
) -> Option<BlockedOn> {
    let wanted = thread.wanted;
    let mut known = |address, kind| objects.index(address, kind, None);
    Some(match thread.kind() {
        Kind::Relock if thread.condition != 0 => BlockedOn::Notification {
            object: known(thread.condition, ExploredKind::Condition),
        },
        Kind::Lock | Kind::LockShared | Kind::Relock => {
            let object = known(wanted.object, ExploredKind::Lock);
            let holder = holders.get(&object).copied();
            BlockedOn::Lock { object, holder }
        }
        Kind::Receive => BlockedOn::Message {
            object: known(wanted.object, ExploredKind::Channel),
        },
        Kind::Send => BlockedOn::Room {
            object: known(wanted.object, ExploredKind::Channel),
        },
        Kind::Acquire => BlockedOn::Permit {
            object: known(wanted.object, ExploredKind::Semaphore),
        },
        Kind::Join => BlockedOn::Thread {
            thread: wanted.object as u32,
        },
        // The step before it says what the wait belongs to.
        Kind::Futex => {
            let last = state.steps().get(thread.step as usize)?;
            match last.kind() {
                Kind::Arrive => BlockedOn::Barrier {
                    object: known(last.object, ExploredKind::Barrier),
                },
                Kind::WaitEvent => BlockedOn::Event {
                    object: known(last.object, ExploredKind::Event),
                },
                Kind::Initialize => {
                    let object = known(last.object, ExploredKind::Once);
                    let holder = holders.get(&object).copied();
                    BlockedOn::Initialized { object, holder }
                }
                Kind::Wait => BlockedOn::Notification {
                    object: known(last.object, ExploredKind::Condition),
                },
                // In a channel that holds no messages, the partner is waited for in `std`.
                Kind::Send => BlockedOn::Room {
                    object: known(last.object, ExploredKind::Channel),
                },
                Kind::Receive => BlockedOn::Message {
                    object: known(last.object, ExploredKind::Channel),
                },
                // At its end, a scope parks its thread until the threads that it has started have ended.
                _ => match living_child(state, index) {
                    Some(thread) => BlockedOn::Thread { thread },
                    None => BlockedOn::Park,
                },
            }
        }
        _ => return None,
    })
}

/// Returns the first thread that this one has started and that has not ended.
fn living_child(state: &State, parent: u32) -> Option<u32> {
    let mut threads = (0_u32..).zip(state.threads()).skip(1);
    let child = threads.find(|(_, thread)| {
        thread.parent == parent && !thread.is_process && thread.state != ThreadState::Ended
    });
    child.map(|(index, _)| index)
}
