//! Goes through an order step by step, forwards and backwards, without a script.
//!
//! Each step is a `<details>` inside of that of the step before it. All stand in a box as high as one of them, at its lower edge: to open
//! the last one, the next step, moves the others up and out of sight. Above it remains its own summary, which closes it. JupyterLab
//! keeps `<details>` and these styles in notebooks that are not trusted.

use super::cut;
use super::model::Outcome;
use super::place::line;
use super::world::{Stand, State};
use crate::page::html::{escape, escape_with_code};
use std::fmt::Write;

/// More shared variables have no room.
const MAX_VALUES: usize = 8;

/// The height of a line, in em.
const LINE: f64 = 1.8;

/// Returns the box, with at most this many steps; nothing if there is nothing to go through.
pub fn html(outcome: &Outcome, max_steps: usize) -> String {
    if outcome.steps.is_empty() {
        return String::new();
    }
    let threads = outcome.active_threads();
    let shown = cut::shown(outcome.steps.len(), max_steps, outcome.first_mark());
    let values = outcome.states.iter().map(|state| state.values.len()).max();
    let values = values.unwrap_or_default().min(MAX_VALUES);
    // The last line is room for a scroll bar.
    let panel = (threads.len() + values + 1) as f64 * LINE;
    let mut html = format!(
        "<div style=\"position: relative; height: {:.1}em; overflow: hidden; line-height: {LINE}em; white-space: nowrap; \
         border: 1px solid rgba(127, 127, 127, 0.4)\"><div style=\"position: absolute; bottom: 0; left: 0; width: 100%\">\
         <div style=\"height: {LINE}em\">The start. Click the line at the bottom for the next step, then the line at the top to go back.\
         </div>",
        panel + 2.0 * LINE
    );
    state(&mut html, outcome, &threads, &outcome.states[0], panel);
    let mut steps = 0;
    let mut last = 0;
    for number in shown.into_iter().flatten() {
        let left_out = number - last;
        last = number + 1;
        steps += 1;
        let _ = write!(
            html,
            "<details><summary style=\"height: {LINE}em; overflow: hidden; cursor: pointer\">{}</summary>",
            title(outcome, number, left_out)
        );
        state(
            &mut html,
            outcome,
            &threads,
            &outcome.states[number + 1],
            panel,
        );
    }
    html.push_str(&"</details>".repeat(steps));
    html.push_str("</div></div>");
    html
}

fn title(outcome: &Outcome, number: usize, left_out: usize) -> String {
    let step = &outcome.steps[number];
    let left_out = match left_out {
        0 => String::new(),
        _ => format!("(after {left_out} more steps) "),
    };
    let mark = step.mark.as_ref().map_or(String::new(), |mark| {
        format!(" <b>⚠ {}</b>", escape_with_code(mark))
    });
    format!(
        "{} of {}: {left_out}{} {}{mark}",
        number + 1,
        outcome.steps.len(),
        escape(&outcome.threads[step.thread]),
        escape_with_code(&step.text)
    )
}

/// Where the threads stand, and what the shared variables hold.
fn state(html: &mut String, outcome: &Outcome, threads: &[usize], state: &State, height: f64) {
    let _ = write!(
        html,
        "<div style=\"height: {height:.1}em; overflow: auto; padding-left: 1.2em\">"
    );
    for &thread in threads {
        let stand = match &state.threads[thread] {
            Stand::NotStarted => "has not started".to_owned(),
            Stand::Done => "has no more steps".to_owned(),
            Stand::At { place, wait } => {
                let place = place.as_ref().map(line);
                let wait = wait.as_deref().map(escape_with_code);
                let parts: Vec<String> = place.into_iter().chain(wait).collect();
                parts.join(" ")
            }
        };
        row(html, &escape(&outcome.threads[thread]), &stand);
    }
    for (name, value) in state.values.iter().take(MAX_VALUES) {
        row(
            html,
            &escape_with_code(name),
            &format!("<b>{}</b>", escape(value)),
        );
    }
    html.push_str("</div>");
}

fn row(html: &mut String, name: &str, content: &str) {
    let _ = write!(
        html,
        "<div><span style=\"display: inline-block; min-width: 9em\">{name}</span> {content}</div>"
    );
}
