//! The legend below the picture.

use super::labels::plain;
use super::model::Timeline;
use super::style::{HOLD_COLOURS, LEGEND_ROW, NAMES, WIDTH, arrow_class, class, hold_class};
use crate::page::html::escape;
use std::fmt::Write;

const WAITS: [(&str, &str); 7] = [
    ("run", "runs"),
    ("lock", "lock"),
    ("channel", "channel"),
    ("sleep", "sleeps"),
    ("join", "join"),
    ("outside", "outside"),
    ("other", "other waits"),
];

const ARROWS: [(&str, &str); 4] = [
    ("unlock", "unlock"),
    ("message", "message sent"),
    ("notification", "notifies"),
    ("end", "ends"),
];

/// What stands before the text of an entry.
enum Sign {
    Bar,
    Hold,
    Arrow,
    Print,
    Lost,
}

impl Sign {
    /// How wide it is, with the gap behind it.
    fn width(&self) -> f64 {
        match self {
            Sign::Bar => 18.0,
            Sign::Hold | Sign::Arrow => 26.0,
            Sign::Print => 7.0,
            Sign::Lost => 13.0,
        }
    }
}

/// An entry of the legend.
pub struct Entry {
    sign: Sign,
    class: String,
    label: String,
}

impl Entry {
    fn new(sign: Sign, class: &str, label: &str) -> Entry {
        Entry {
            sign,
            class: class.to_owned(),
            label: label.to_owned(),
        }
    }

    fn width(&self) -> f64 {
        self.sign.width() + 12.0 + self.label.chars().count() as f64 * 6.2
    }
}

/// Returns the rows of the legend, which names only what occurs.
pub fn rows(timeline: &Timeline, locks: &[&str]) -> Vec<Vec<Entry>> {
    let mut rows: Vec<Vec<Entry>> = vec![Vec::new()];
    let mut used = NAMES;
    for entry in entries(timeline, locks) {
        if used + entry.width() > WIDTH {
            rows.push(Vec::new());
            used = NAMES;
        }
        used += entry.width();
        if let Some(row) = rows.last_mut() {
            row.push(entry);
        }
    }
    rows
}

fn entries(timeline: &Timeline, locks: &[&str]) -> Vec<Entry> {
    let waits = || timeline.lanes.iter().flat_map(|lane| &lane.waits);
    let occurs = |name: &str| name == "run" || waits().any(|wait| class(&wait.reason) == name);
    let points = |name: &str| {
        timeline
            .arrows
            .iter()
            .any(|arrow| arrow_class(arrow.kind) == name)
    };
    let mut entries = Vec::new();
    for (class, label) in WAITS.iter().filter(|(class, _)| occurs(class)) {
        entries.push(Entry::new(Sign::Bar, class, label));
    }
    for lock in locks.iter().take(HOLD_COLOURS) {
        let holds = timeline.lanes.iter().flat_map(|lane| &lane.holds);
        let count: u64 = holds
            .filter(|hold| hold.lock == **lock)
            .map(|hold| hold.count)
            .sum();
        let times = match count {
            ..2 => String::new(),
            count => format!(" {count}×"),
        };
        let label = format!("holds {}{times}", plain(lock));
        entries.push(Entry::new(Sign::Hold, &hold_class(locks, lock), &label));
    }
    for (class, label) in ARROWS.iter().filter(|(class, _)| points(class)) {
        entries.push(Entry::new(Sign::Arrow, class, label));
    }
    let prints = timeline.lanes.iter().flat_map(|lane| &lane.prints);
    match prints.map(|print| print.count).sum() {
        0 => {}
        1 => entries.push(Entry::new(Sign::Print, "print", "prints")),
        count => entries.push(Entry::new(
            Sign::Print,
            "print",
            &format!("prints {count}×"),
        )),
    }
    if timeline
        .lanes
        .iter()
        .any(|lane| !lane.lost_updates.is_empty())
    {
        entries.push(Entry::new(Sign::Lost, "lost", "lost update"));
    }
    entries
}

/// Draws the rows, the first one at this height.
pub fn draw(svg: &mut String, rows: &[Vec<Entry>], mut y: f64) {
    for row in rows {
        let mut x = NAMES;
        for entry in row {
            let class = &entry.class;
            let middle = y - 4.0;
            let _ = match entry.sign {
                Sign::Bar => write!(
                    svg,
                    "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"14\" height=\"10\"/>",
                    middle - 5.0
                ),
                Sign::Hold => write!(
                    svg,
                    "<path class=\"hold {class}\" d=\"M{x} {middle} h22\"/>"
                ),
                Sign::Arrow => write!(
                    svg,
                    "<path class=\"arrow {class}\" d=\"M{x} {middle} h22\" marker-end=\"url(#head)\"/>"
                ),
                Sign::Print => write!(
                    svg,
                    "<rect class=\"print\" x=\"{x}\" y=\"{}\" width=\"2\" height=\"4\"/>",
                    middle - 2.0
                ),
                Sign::Lost => {
                    write!(
                        svg,
                        "<path class=\"lost\" d=\"M{x} {} l8 8 m0 -8 l-8 8\"/>",
                        middle - 4.0
                    )
                }
            };
            let _ = write!(
                svg,
                "<text class=\"small\" x=\"{}\" y=\"{y}\">{}</text>",
                x + entry.sign.width(),
                escape(&entry.label)
            );
            x += entry.width();
        }
        y += LEGEND_ROW;
    }
}
