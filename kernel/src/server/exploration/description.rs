//! What a step does, in words.

use super::quote::quoted;
use crate::ipc::{Action, BlockedOn};
use crate::server::names::Names;

/// How much of a printed text is shown, in characters.
const MAX_PRINTED: usize = 30;

/// Returns what a thread does in this step, to be put after its name.
pub fn describe(action: &Action, names: &Names) -> String {
    let object = |number: &u32| names.object(*number);
    match action {
        Action::Start => "begins".to_owned(),
        Action::Load { object: at, value } => format!("reads {}: {value}", object(at)),
        Action::Store { object: at, value } => format!("writes {}: {value}", object(at)),
        Action::Update {
            object: at,
            from,
            to,
        } => format!("changes {}: {from} → {to}", object(at)),
        Action::Lock { object: lock } => format!("takes {}", object(lock)),
        Action::LockShared { object: lock } => format!("takes {} to read", object(lock)),
        Action::TryLockFailed { object: lock } => format!("does not get {}", object(lock)),
        Action::Unlock { object: lock } => format!("releases {}", object(lock)),
        Action::Send { object: channel } => format!("sends through {}", object(channel)),
        Action::Receive { object: channel } => format!("receives from {}", object(channel)),
        Action::ReceiveFailed { object: channel } => {
            format!("finds no message in {}", object(channel))
        }
        Action::Close { object: channel } => format!("drops its end of {}", object(channel)),
        Action::Wait { object: condition } => format!("waits for {}", object(condition)),
        Action::Notify { object: condition } => format!("notifies {}", object(condition)),
        Action::Arrive { object: barrier } => format!("arrives at {}", object(barrier)),
        Action::Break { object: barrier } => format!("breaks {}", object(barrier)),
        Action::SetEvent { object: event } => format!("sets {}", object(event)),
        Action::ClearEvent { object: event } => format!("clears {}", object(event)),
        Action::WaitEvent {
            object: event,
            is_set: true,
        } => format!("finds {} set", object(event)),
        Action::WaitEvent { object: event, .. } => format!("waits for {}", object(event)),
        Action::Acquire {
            object: semaphore,
            from,
            to,
        } => format!("takes a permit of {}: {from} → {to}", object(semaphore)),
        Action::AcquireFailed { object: semaphore } => {
            format!("gets no permit of {}", object(semaphore))
        }
        Action::Release {
            object: semaphore,
            from,
            to,
        } => {
            let permits = match to - from {
                1 => "a permit".to_owned(),
                permits => format!("{permits} permits"),
            };
            format!("returns {permits} to {}: {from} → {to}", object(semaphore))
        }
        Action::Initialize { object: once } => format!("initialises {}", object(once)),
        Action::WaitInitialized { object: once } => wait_for_initialization(*once, None, names),
        Action::FindInitialized { object: once } => format!("finds {} initialised", object(once)),
        Action::Spawn { thread } => format!("starts {}", names.thread(*thread)),
        Action::Join { thread } => format!("joins {}", names.thread(*thread)),
        Action::Yield => "lets others go on".to_owned(),
        Action::Unpark { thread } => format!("unparks {}", names.thread(*thread)),
        Action::Print { text } => format!("prints {}", quoted(text, MAX_PRINTED)),
        Action::Panic { message } => format!("panics: {}", quoted(message, MAX_PRINTED)),
        Action::Blocked { on } => wait(on, names),
        Action::End => "ends".to_owned(),
    }
}

/// Returns what a thread waits for, to be put after its name.
pub fn wait(on: &BlockedOn, names: &Names) -> String {
    match *on {
        BlockedOn::Lock { object, holder } => wait_for_lock(object, holder, names),
        BlockedOn::Message { object } => wait_for_message(object, names),
        BlockedOn::Room { object } => format!("waits for room in {}", names.object(object)),
        BlockedOn::Notification { object } => {
            format!("waits for {} to be notified", names.object(object))
        }
        BlockedOn::Barrier { object } => format!("waits for others at {}", names.object(object)),
        BlockedOn::Event { object } => wait_for_event(object, names),
        BlockedOn::Permit { object } => wait_for_permit(object, names),
        BlockedOn::Initialized { object, holder } => wait_for_initialization(object, holder, names),
        BlockedOn::Thread { thread } => wait_for_end(thread, names),
        BlockedOn::Park => "waits for `unpark`".to_owned(),
    }
}

pub fn wait_for_lock(lock: u32, holder: Option<u32>, names: &Names) -> String {
    let lock = names.object(lock);
    match holder {
        Some(holder) => format!("waits for {lock}, which {} holds", names.thread(holder)),
        None => format!("waits for {lock}"),
    }
}

pub fn wait_for_message(channel: u32, names: &Names) -> String {
    format!("waits for a message from {}", names.object(channel))
}

pub fn wait_for_event(event: u32, names: &Names) -> String {
    format!("waits for {} to be set", names.object(event))
}

pub fn wait_for_permit(semaphore: u32, names: &Names) -> String {
    format!("waits for a permit of {}", names.object(semaphore))
}

fn wait_for_initialization(once: u32, holder: Option<u32>, names: &Names) -> String {
    let once = names.object(once);
    match holder {
        Some(holder) => format!("waits for {} to initialise {once}", names.thread(holder)),
        None => format!("waits until {once} is initialised"),
    }
}

pub fn wait_for_end(thread: u32, names: &Names) -> String {
    format!("waits for the end of {}", names.thread(thread))
}
