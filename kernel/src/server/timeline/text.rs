//! Draws a timeline with characters.

use super::model::{Lane, Timeline};
use super::svg::{class, shown};

/// How many characters the whole time takes.
const COLUMNS: u64 = 60;

const LEGEND: [(&str, char, &str); 7] = [
    ("run", '█', "runs"),
    ("lock", 'L', "waits for a lock"),
    ("channel", 'm', "waits for a message"),
    ("sleep", '·', "sleeps"),
    ("join", 'j', "waits for the end of another"),
    ("outside", 'o', "waits for something from outside"),
    ("other", 'w', "waits"),
];

pub fn draw(timeline: &Timeline) -> String {
    let width = timeline.lanes.iter().map(|lane| lane.name.chars().count());
    let width = width.max().unwrap_or_default();
    let bars: Vec<String> = timeline
        .lanes
        .iter()
        .map(|lane| bar(timeline, lane))
        .collect();
    let rows: Vec<String> = timeline
        .lanes
        .iter()
        .zip(&bars)
        .map(|(lane, bar)| format!("{:width$} {bar}", lane.name))
        .collect();
    let used = LEGEND
        .iter()
        .filter(|(_, mark, _)| bars.iter().any(|bar| bar.contains(*mark)));
    let legend: Vec<String> = used
        .map(|(_, mark, label)| format!("{mark} {label}"))
        .collect();
    let missing = match timeline.missing {
        0 => String::new(),
        missing => format!("\n{missing} later events are not shown"),
    };
    format!(
        "{}\n{:width$} 0 to {}; {}{missing}",
        rows.join("\n"),
        "",
        shown(timeline.duration),
        legend.join(", ")
    )
}

/// Returns a character for each part of the time: what the thread did for most of it.
fn bar(timeline: &Timeline, lane: &Lane) -> String {
    let column = |time: u64| (time * COLUMNS / timeline.duration).min(COLUMNS - 1);
    let mut bar = vec![' '; COLUMNS as usize];
    for at in column(lane.begin)..=column(lane.end) {
        bar[at as usize] = '█';
    }
    for wait in &lane.waits {
        let mark = LEGEND
            .iter()
            .find(|(name, ..)| *name == class(&wait.reason));
        for at in column(wait.begin)..=column(wait.end) {
            let (from, to) = (
                at * timeline.duration / COLUMNS,
                (at + 1) * timeline.duration / COLUMNS,
            );
            let part = wait.end.min(to).saturating_sub(wait.begin.max(from));
            if part * 2 >= to - from {
                bar[at as usize] = mark.map_or('w', |(_, mark, _)| *mark);
            }
        }
    }
    bar.into_iter().collect::<String>().trim_end().to_owned()
}
