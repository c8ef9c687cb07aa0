//! What came out of a cell in many orders, with characters.

use super::cut;
use super::headline::headline;
use super::model::{Exploration, Outcome, Step};
use super::place::number;
use super::quote::without_middle;
use std::fmt::Write;

/// The width of all columns of an order together, in characters.
const WIDTH: usize = 132;

/// The least width of a column.
const MIN_COLUMN: usize = 14;

/// The greatest width of a column.
const MAX_COLUMN: usize = 44;

/// More orders are shown only where they can be folded.
const MAX_ORDERS: usize = 6;

/// A line of the table of an order.
enum Row {
    /// The number of a step, and a cell for each thread.
    Cells(String, Vec<String>),
    /// A sign, and something that is about no thread alone.
    Across(&'static str, String),
}

pub fn draw(exploration: &Exploration) -> String {
    let mut text = summary(exploration);
    let max_steps = cut::steps_of_each(exploration.outcomes.len());
    for outcome in exploration.outcomes.iter().take(MAX_ORDERS) {
        order(&mut text, exploration, outcome, max_steps);
    }
    text
}

/// Returns what came out and how often, without how.
pub fn summary(exploration: &Exploration) -> String {
    let mut text = headline(exploration);
    if exploration.outcomes.len() > 1 {
        let width = exploration.outcomes.iter().map(|outcome| outcome.count);
        let width = width.max().unwrap_or_default().to_string().len();
        for outcome in &exploration.outcomes {
            let remark = outcome
                .remark
                .map_or(String::new(), |remark| format!(" ({remark})"));
            let _ = write!(
                text,
                "\n  {:width$} × {}{remark}",
                outcome.count, outcome.label
            );
        }
    }
    if let (rest @ 1.., orders) = exploration.rest {
        let _ = write!(text, "\n  {orders} × {rest} more outcomes");
    }
    for note in exploration.notes.iter().filter_map(|note| note.text()) {
        let _ = write!(text, "\n{note}");
    }
    text
}

fn order(text: &mut String, exploration: &Exploration, outcome: &Outcome, max_steps: usize) {
    if outcome.steps.is_empty() {
        return;
    }
    let _ = write!(
        text,
        "\n\n{}, in {} of {}:",
        outcome.label, outcome.count, exploration.orders
    );
    let threads = outcome.active_threads();
    let numbers = outcome.steps.len().to_string().len();
    let widest = (WIDTH / threads.len()).clamp(MIN_COLUMN, MAX_COLUMN);
    let names = threads
        .iter()
        .map(|thread| outcome.threads[*thread].clone());
    let mut rows = vec![Row::Cells(String::new(), names.collect())];
    let mut last = 0;
    for range in cut::shown(outcome.steps.len(), max_steps, outcome.first_mark()) {
        if range.start > last {
            rows.push(Row::Across("…", format!("{} steps", range.start - last)));
        }
        last = range.end;
        for index in range {
            let step = &outcome.steps[index];
            let cells = threads.iter().map(|&thread| {
                if thread == step.thread {
                    return done(step);
                }
                let wait = outcome.new_wait(thread, index);
                wait.map_or(String::new(), |wait| format!("({wait})"))
            });
            rows.push(Row::Cells((index + 1).to_string(), cells.collect()));
            if let Some(mark) = &step.mark {
                rows.push(Row::Across("⚠", mark.clone()));
            }
        }
    }
    table(text, &rows, numbers, threads.len(), widest);
    let _ = write!(text, "\n//: replay {}", outcome.order);
}

/// Returns what a step does, with the number of its line.
fn done(step: &Step) -> String {
    match &step.place {
        Some(place) => format!("{}: {}", number(place), step.text),
        None => step.text.clone(),
    }
}

/// Writes the rows below each other.
fn table(text: &mut String, rows: &[Row], numbers: usize, columns: usize, widest: usize) {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| match row {
            Row::Cells(_, cells) => Some(cells[column].chars().count()),
            Row::Across(..) => None,
        });
        cells.max().unwrap_or_default().clamp(1, widest)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in rows {
        let line = match row {
            Row::Across(sign, content) => format!("{sign:>numbers$}  {content}"),
            Row::Cells(number, cells) => {
                let mut line = format!("{number:>numbers$}");
                for (cell, &width) in cells.iter().zip(&widths) {
                    let _ = write!(line, "  {:width$}", without_middle(cell, width));
                }
                line
            }
        };
        text.push('\n');
        text.push_str(line.trim_end());
    }
}
