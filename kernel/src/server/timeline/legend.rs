//! The legend below the picture.

use super::model::Timeline;
use super::style::{HOLD_COLOURS, LEGEND_ROW, NAMES, STRIPE, WIDTH, class, hold_class};
use crate::page::html::escape;
use std::fmt::Write;

const LEGEND: [(&str, &str); 7] = [
    ("run", "runs"),
    ("lock", "lock"),
    ("channel", "message"),
    ("sleep", "sleeps"),
    ("join", "join"),
    ("outside", "outside"),
    ("other", "other waits"),
];

/// An entry of the legend: the class of its sign, and its text.
pub type Entry = (String, String);

/// Returns the rows of the legend, which names only what occurs.
pub fn rows(timeline: &Timeline, locks: &[&str]) -> Vec<Vec<Entry>> {
    let occurs = |name: &str| {
        let waits = || timeline.lanes.iter().flat_map(|lane| &lane.waits);
        name == "run" || waits().any(|wait| class(&wait.reason) == name)
    };
    let is_lost = timeline
        .lanes
        .iter()
        .any(|lane| !lane.lost_updates.is_empty());
    let lost = is_lost.then(|| ("lost".to_owned(), "lost update".to_owned()));
    let used = LEGEND.iter().filter(|(class, _)| occurs(class));
    let used = used.map(|(class, label)| ((*class).to_owned(), (*label).to_owned()));
    let held = locks.iter().take(HOLD_COLOURS);
    let held = held.map(|lock| (hold_class(locks, lock), format!("holds {}", plain(lock))));
    let mut rows: Vec<Vec<Entry>> = vec![Vec::new()];
    let mut used_width = NAMES;
    for entry in used.chain(lost).chain(held) {
        let width = entry_width(&entry);
        if used_width + width > WIDTH {
            rows.push(Vec::new());
            used_width = NAMES;
        }
        used_width += width;
        if let Some(row) = rows.last_mut() {
            row.push(entry);
        }
    }
    rows
}

fn entry_width((_, label): &Entry) -> f64 {
    24.0 + label.chars().count() as f64 * 6.5
}

/// Draws the rows, the first one at this height.
pub fn draw(svg: &mut String, rows: &[Vec<Entry>], mut y: f64) {
    for row in rows {
        let mut x = NAMES;
        for entry in row {
            let (class, label) = entry;
            let sign = if class == "lost" {
                format!(
                    "<path class=\"lost\" d=\"M{x} {} l8 8 m0 -8 l-8 8\"/>",
                    y - 8.0
                )
            } else {
                let height = if class.starts_with("hold") {
                    STRIPE
                } else {
                    10.0
                };
                let top = y - 4.0 - height / 2.0;
                format!(
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{top}\" width=\"10\" height=\"{height}\"/>"
                )
            };
            let _ = write!(
                svg,
                "{sign}<text class=\"small\" x=\"{}\" y=\"{y}\">{}</text>",
                x + 14.0,
                escape(label)
            );
            x += entry_width(entry);
        }
        y += LEGEND_ROW;
    }
}

/// Returns a name without the backticks, which say in texts that it is the cell's.
fn plain(name: &str) -> String {
    name.replace('`', "")
}
