//! What came out of a cell that ran in many orders: a line, a table of outcomes, and for each an order that leads to it.

mod cut;
mod deadlock;
mod description;
mod headline;
mod model;
mod names;
mod notes;
mod outcomes;
mod place;
mod progress_graph;
mod progress_svg;
mod quote;
mod scopes;
mod stepper;
mod steps_table;
mod summary;
mod text;
mod world;

#[cfg(test)]
mod tests;

use super::{picture, rich};
use crate::cell::exploring::{Exploring, exploring};
use crate::ipc::{Content, Explored, Trace};
use crate::page::html::{escape, escape_with_code};
pub use headline::progress;
use jupyter_protocol::media::Media;
use model::{Exploration, Outcome};
use progress_graph::ProgressGraph;
use serde_json::Value;

/// What is shown below a cell that ran in many orders.
pub struct Picture {
    pub media: Media,
    /// The same for programs.
    pub summary: Value,
}

/// Draws what came out of a cell with this code, for JupyterLab and pages, and as text for terminals. `traces` are the lines of its
/// sites.
pub fn draw(explored: &Explored, traces: &[Trace], code: &str) -> Picture {
    let is_replay = matches!(exploring(code), Ok(Some(Exploring::Replay(_))));
    let exploration = Exploration::of(explored, traces, is_replay);
    Picture {
        media: rich::bundle([
            ("text/html".to_owned(), Content::Text(html(&exploration))),
            (
                "text/plain".to_owned(),
                Content::Text(text::draw(&exploration)),
            ),
        ]),
        summary: summary::summary(explored, &exploration),
    }
}

fn html(exploration: &Exploration) -> String {
    let mut html = format!(
        "<p><b>{}</b></p>",
        escape_with_code(&headline::headline(exploration))
    );
    for note in exploration.notes.iter().filter_map(|note| note.text()) {
        html += &format!("<p>⚠ {}</p>", escape_with_code(&note));
    }
    html += &outcomes::html(exploration);
    let max_steps = cut::steps_of_each(exploration.outcomes.len());
    let unfolded = exploration
        .outcomes
        .iter()
        .position(|outcome| outcome.first_mark().is_some());
    for (number, outcome) in exploration.outcomes.iter().enumerate() {
        if !outcome.steps.is_empty() {
            html += &order(outcome, max_steps, unfolded == Some(number));
        }
    }
    html
}

/// Returns how the outcome comes about, to be unfolded unless it is. On paper, the table tells it alone: what is to be gone through step by
/// step would show its last step there.
fn order(outcome: &Outcome, max_steps: usize, is_unfolded: bool) -> String {
    let open = if is_unfolded { " open" } else { "" };
    let graph = ProgressGraph::of(outcome).map(|graph| {
        let img = picture::img(&progress_svg::draw(&graph), &graph.alt());
        format!("<details><summary>Progress graph</summary>{img}</details>")
    });
    format!(
        "<details{open}><summary>{}: an order with the fewest switches</summary>{}\
         <details class=\"unprinted\"><summary>Step by step</summary>{}</details>{}\
         <p>To run this order again: <code>//: replay {}</code></p></details>",
        escape_with_code(&outcome.label),
        steps_table::html(outcome, max_steps),
        stepper::html(outcome, max_steps),
        graph.unwrap_or_default(),
        escape(&outcome.order)
    )
}
