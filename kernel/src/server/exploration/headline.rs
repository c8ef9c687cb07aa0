//! The line that says what came out, and of how many orders.

use super::model::{Exploration, Outcome};
use super::notes::Note;
use crate::ipc::ExploredEnd;

/// With more outcomes, the line gives only their number.
const MAX_NAMED: usize = 4;

/// Returns the line.
pub fn headline(exploration: &Exploration) -> String {
    let ran_once = exploration.notes.iter().find_map(|note| match note {
        Note::RanOnce(why) => Some(why),
        _ => None,
    });
    if let Some(why) = ran_once {
        return match exploration.orders {
            0 => format!("Not explored, since {why}: the cell ran once, as it is"),
            orders => format!(
                "Stopped after {orders} orders, since {why}: {}",
                outcomes(exploration)
            ),
        };
    }
    format!("{}: {}", extent(exploration), outcomes(exploration))
}

/// Returns how many orders were run, and of about how many if that is known.
pub fn progress(orders: u64, estimate: Option<f64>) -> String {
    match estimate {
        Some(estimate) => format!("{orders} of about {} orders", rounded(estimate)),
        None => counted(orders),
    }
}

fn counted(orders: u64) -> String {
    match orders {
        1 => "1 order".to_owned(),
        _ => format!("{orders} orders"),
    }
}

/// Whether the search came to its end, so that the same cell always has the same outcomes.
pub fn is_repeatable(exploration: &Exploration) -> bool {
    let is_sure = |note: &Note| !matches!(note, Note::NotDeterministic | Note::RanOnce(_));
    exploration.end == ExploredEnd::All && exploration.notes.iter().all(is_sure)
}

/// Whether all orders were run.
fn is_complete(exploration: &Exploration) -> bool {
    let is_left_out = |note: &Note| matches!(note, Note::LoopsLeftOut(_));
    is_repeatable(exploration) && !exploration.notes.iter().any(is_left_out)
}

fn extent(exploration: &Exploration) -> String {
    if exploration.is_replay {
        return "This order".to_owned();
    }
    let mut extent = orders(exploration);
    if let Some(switches) = exploration.switches {
        extent += match switches {
            0 => " without switches",
            1 => " with at most 1 switch",
            _ => "",
        };
        if switches > 1 {
            extent += &format!(" with at most {switches} switches");
        }
    }
    match exploration.end {
        ExploredEnd::All => {}
        ExploredEnd::Orders => {}
        ExploredEnd::Time => extent += ", in the time there was",
        ExploredEnd::Interrupt => extent += ", interrupted",
    }
    // The estimate comes from random orders, and nobody interrupts at the same moment again.
    let is_by_chance = matches!(exploration.end, ExploredEnd::Orders | ExploredEnd::Time);
    if exploration.estimate.is_some() && is_by_chance {
        extent += &format!(", seed {}", exploration.seed);
    }
    let is_weak = |note: &Note| matches!(note, Note::WeakOrdering(_));
    if exploration.notes.iter().any(is_weak) {
        extent += " (sequential consistency only)";
    }
    extent
}

fn orders(exploration: &Exploration) -> String {
    let orders = exploration.orders;
    match (exploration.end, exploration.estimate) {
        (ExploredEnd::All, _) if !is_complete(exploration) => counted(orders),
        (ExploredEnd::All, _) if orders == 1 => "The only order".to_owned(),
        (ExploredEnd::All, _) => format!("All {orders} orders"),
        (_, None) => format!("{}, not all", counted(orders)),
        (_, estimate) => progress(orders, estimate),
    }
}

/// Returns a large number as people write it.
fn rounded(number: f64) -> String {
    match number {
        _ if !number.is_finite() => "countless".to_owned(),
        ..1e6 => format!("{number:.0}"),
        ..1e9 => format!("{:.1} million", number / 1e6),
        ..1e12 => format!("{:.1} billion", number / 1e9),
        _ => format!("10^{:.0}", number.log10()),
    }
}

fn outcomes(exploration: &Exploration) -> String {
    let outcomes = &exploration.outcomes;
    let count = outcomes.len() + exploration.rest.0;
    match &outcomes[..] {
        [] => "no outcome".to_owned(),
        [only] if count == 1 => with_remark(only, only.label.clone()),
        [first, others @ ..] if count <= MAX_NAMED => {
            let first = with_remark(first, format!("{} in {} of them", first.label, first.count));
            let others = others.iter().map(|outcome| {
                with_remark(outcome, format!("{} in {}", outcome.label, outcome.count))
            });
            let all: Vec<String> = std::iter::once(first).chain(others).collect();
            all.join(", ")
        }
        _ => format!("{count} different outcomes"),
    }
}

fn with_remark(outcome: &Outcome, text: String) -> String {
    match outcome.remark {
        Some(remark) => format!("{text} ({remark})"),
        None => text,
    }
}
