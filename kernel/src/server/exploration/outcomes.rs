//! The table of outcomes.

use super::model::{Exploration, Outcome, failure};
use crate::page::html::{escape, escape_with_code};
use std::fmt::Write;

/// How many lines of an output stand in the table.
const MAX_LINES: usize = 20;

/// How many characters of a line.
const MAX_LINE: usize = 200;

const LEFT: &str = "style=\"text-align: left\"";

/// Returns the table; nothing if the line above says it all.
pub fn html(exploration: &Exploration) -> String {
    if exploration.outcomes.len() < 2 && exploration.outcomes.iter().all(is_short) {
        return String::new();
    }
    let mut html = format!(
        "<table><thead><tr><th {LEFT}>outcome</th><th>orders</th><th {LEFT}></th></tr></thead><tbody>"
    );
    for outcome in &exploration.outcomes {
        let remark = outcome
            .remark
            .map_or(String::new(), |remark| format!("⚠ {remark}"));
        let _ = write!(
            html,
            "<tr><td {LEFT}>{}</td><td>{}</td><td {LEFT}>{}</td></tr>",
            shown(outcome),
            outcome.count,
            escape(&remark)
        );
    }
    if let (rest @ 1.., orders) = exploration.rest {
        let _ = write!(
            html,
            "<tr><td {LEFT}>{rest} more</td><td>{orders}</td><td></td></tr>"
        );
    }
    html.push_str("</tbody></table>");
    html
}

/// Whether a line says what the cell showed.
fn is_short(outcome: &Outcome) -> bool {
    !outcome.label.contains(['⏎', '…'])
}

fn shown(outcome: &Outcome) -> String {
    let mut parts = Vec::new();
    let mut code = |text: &str| {
        let lines = without_middle(text.trim_end());
        if !lines.is_empty() {
            parts.push(format!("<code>{}</code>", lines.join("</code><br><code>")));
        }
    };
    code(&outcome.shown.output);
    code(outcome.shown.value.as_deref().unwrap_or_default());
    if let Some(how) = &outcome.shown.failure {
        parts.push(escape_with_code(&failure(how)));
    }
    if parts.is_empty() {
        parts.push("no output".to_owned());
    }
    parts.join("<br>")
}

/// Returns the lines of a text, escaped and without the middle ones if there are too many.
fn without_middle(text: &str) -> Vec<String> {
    let line = |line: &str| escape(&super::quote::without_middle(line, MAX_LINE));
    let mut lines: Vec<String> = text.lines().map(line).collect();
    if lines.len() > MAX_LINES {
        let left_out = lines.len() - (MAX_LINES - 1);
        let middle = MAX_LINES / 2;
        let note = format!("… {left_out} lines …");
        lines.splice(middle..middle + left_out, [note]);
    }
    lines
}
