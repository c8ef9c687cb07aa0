//! What a scope waits for. It parks its thread until all of its threads have ended, which only looks like a wait for `unpark`.

use super::world::place;
use crate::ipc::{Action, BlockedOn, ExploredOutcome, Trace};

/// Returns the outcome in which a thread that waits so at no line of its own waits for the end of a thread that it has started.
pub fn resolved(outcome: &ExploredOutcome, traces: &[Trace]) -> ExploredOutcome {
    let mut resolved = outcome.clone();
    for step in &mut resolved.steps {
        let parks = matches!(
            step.action,
            Action::Blocked {
                on: BlockedOn::Park
            }
        );
        if parks
            && place(step, traces).is_none()
            && let Some(thread) = unfinished(outcome, step.thread)
        {
            let on = BlockedOn::Thread { thread };
            step.action = Action::Blocked { on };
        }
    }
    resolved
}

/// The first thread that this one has started and that has not ended.
fn unfinished(outcome: &ExploredOutcome, starter: u32) -> Option<u32> {
    let mut threads = (0..).zip(&outcome.threads);
    let found = threads.find(|(number, thread)| {
        let mut steps = outcome.steps.iter();
        let has_ended = steps.any(|step| step.thread == *number && step.action == Action::End);
        thread.parent == Some(starter) && !has_ended
    });
    found.map(|(number, _)| number)
}
