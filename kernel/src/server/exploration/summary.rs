//! What a cell showed in many orders, for programs: in the metadata of the picture.

use super::headline::is_repeatable;
use super::model::Exploration;
use super::text;
use crate::ipc::{Explored, ExploredOutcome};
use serde_json::{Value, json};

/// Returns how many orders there were, and the outcomes without their steps; as a text too if that is always the same.
pub fn summary(explored: &Explored, exploration: &Exploration) -> Value {
    let outcomes = explored.outcomes.iter().map(outcome);
    json!({
        "orders": explored.orders,
        "end": explored.end,
        "estimate": explored.estimate,
        "seed": explored.seed,
        "switches": explored.switches,
        "outcomes": outcomes.collect::<Vec<_>>(),
        "notes": explored.notes,
        "text": is_repeatable(exploration).then(|| text::summary(exploration)),
    })
}

fn outcome(outcome: &ExploredOutcome) -> Value {
    json!({
        "output": outcome.shown.output,
        "value": outcome.shown.value,
        "failure": outcome.shown.failure,
        "count": outcome.count,
        "order": outcome.order,
        "loses_update": outcome.steps.iter().any(|step| step.loses_update),
    })
}
