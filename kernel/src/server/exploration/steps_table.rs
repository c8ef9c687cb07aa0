//! The table of an order: a column for each thread, a row for each step.

use super::cut;
use super::model::{Outcome, Step};
use super::place::line;
use crate::page::html::{escape, escape_with_code};
use std::fmt::Write;

const CELL: &str = "style=\"text-align: left; vertical-align: top\"";

/// Lets the reader's light or dark through.
const MARKED: &str =
    "style=\"text-align: left; vertical-align: top; background-color: rgba(214, 69, 48, 0.2)\"";

/// Returns the table, with at most this many steps.
pub fn html(outcome: &Outcome, max_steps: usize) -> String {
    let threads = outcome.active_threads();
    let mut html = "<table><thead><tr><th></th>".to_owned();
    for thread in &threads {
        let name = escape(&outcome.threads[*thread]);
        let _ = write!(html, "<th style=\"text-align: left\">{name}</th>");
    }
    html.push_str("</tr></thead><tbody>");
    let mut last = 0;
    for range in cut::shown(outcome.steps.len(), max_steps, outcome.first_mark()) {
        if range.start > last {
            let _ = write!(
                html,
                "<tr><td></td><td {CELL} colspan=\"{}\">… {} steps …</td></tr>",
                threads.len(),
                range.start - last
            );
        }
        last = range.end;
        for number in range {
            row(&mut html, outcome, &threads, number);
        }
    }
    html.push_str("</tbody></table>");
    html
}

fn row(html: &mut String, outcome: &Outcome, threads: &[usize], number: usize) {
    let _ = write!(
        html,
        "<tr><td style=\"vertical-align: top\">{}</td>",
        number + 1
    );
    let step = &outcome.steps[number];
    for &thread in threads {
        if thread == step.thread {
            let style = if step.mark.is_some() { MARKED } else { CELL };
            let _ = write!(html, "<td {style}>{}</td>", done(step));
        } else if let Some(wait) = outcome.new_wait(thread, number) {
            let _ = write!(html, "<td {CELL}><i>{}</i></td>", escape_with_code(wait));
        } else {
            html.push_str("<td></td>");
        }
    }
    html.push_str("</tr>");
}

/// Returns what a step does: its line of the cell, what happens, and why it matters.
fn done(step: &Step) -> String {
    let mut done = step.place.as_ref().map(line).unwrap_or_default();
    if !done.is_empty() {
        done.push_str("<br>");
    }
    done.push_str(&escape_with_code(&step.text));
    if let Some(mark) = &step.mark {
        let _ = write!(done, "<br><b>⚠ {}</b>", escape_with_code(mark));
    }
    done
}
