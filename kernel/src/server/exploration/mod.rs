//! What a cell showed in many orders of its threads' steps.

mod summary;

use super::engine::Engine;
use super::rich;
use crate::ipc::{Action, Content, Explored, ExploredEnd, ExploredFailure, ExploredNote};
use jupyter_protocol::media::Media;
use std::fmt::Write;
pub use summary::summary;

/// Tells, as text, how many orders there were, what came out of them, and the steps that led to each outcome.
pub async fn picture(engine: &Engine, explored: Explored, _code: &str) -> Option<Media> {
    let traces = engine.trace(explored.sites.clone()).await;
    let line = |site: Option<u32>| {
        let trace = traces.get(site? as usize)?;
        Some(trace.places.first()?.line)
    };
    let mut text = match (explored.end, explored.estimate) {
        (ExploredEnd::All, _) => format!("All {} orders\n", explored.orders),
        (_, None) => format!("{} orders\n", explored.orders),
        (_, Some(estimate)) => {
            let seed = explored.seed;
            format!(
                "{} of about {estimate:.0} orders, seed {seed}\n",
                explored.orders
            )
        }
    };
    for outcome in &explored.outcomes {
        let shown = &outcome.shown;
        let failure = match &shown.failure {
            None => String::new(),
            Some(ExploredFailure::Panic(message)) => format!("panic: {message}"),
            Some(ExploredFailure::Deadlock) => "deadlock".to_owned(),
            Some(ExploredFailure::Endless) => "endless".to_owned(),
            Some(ExploredFailure::Crash(how)) => how.clone(),
        };
        let value = shown.value.as_deref().unwrap_or_default();
        let (count, order) = (outcome.count, &outcome.order);
        let what = [&*shown.output, value, &*failure].join("|");
        let _ = writeln!(text, "{count} x {what:?} by {order:?}");
        for step in &outcome.steps {
            let thread = step.thread as usize;
            let lost = if step.loses_update {
                " (loses an update)"
            } else {
                ""
            };
            let place = line(step.site).map_or(String::new(), |line| format!(" in line {line}"));
            let action = described(&step.action);
            let _ = writeln!(
                text,
                "{:1$}t{thread} {action}{place}{lost}",
                "",
                4 * thread + 4
            );
        }
    }
    for note in &explored.notes {
        let _ = writeln!(text, "{}", noted(note));
    }
    Some(rich::bundle([(
        "text/plain".to_owned(),
        Content::Text(text),
    )]))
}

fn described(action: &Action) -> String {
    format!("{action:?}")
}

fn noted(note: &ExploredNote) -> String {
    match note {
        ExploredNote::WeakOrdering { .. } => "an order weaker than `SeqCst` was used".to_owned(),
        ExploredNote::Outside { what } => format!("the cell may read {what}"),
        ExploredNote::NotDeterministic => "the same order gave different steps".to_owned(),
        ExploredNote::RanOnce { why } => format!("not explored: {why}"),
    }
}
