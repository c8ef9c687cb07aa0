//! Draws a timeline with characters.

use super::model::{Lane, Timeline};
use super::scale::Scale;
use super::style::class;
use super::time::shown;

/// How many characters the whole time takes.
const COLUMNS: usize = 60;

const LEGEND: [(&str, char, &str); 7] = [
    ("run", '█', "runs"),
    ("lock", 'L', "waits for a lock"),
    ("channel", 'm', "waits for a message or for room"),
    ("sleep", '·', "sleeps"),
    ("join", 'j', "waits for the end of another"),
    ("outside", 'o', "waits for something from outside"),
    ("other", 'w', "waits"),
];

pub fn draw(timeline: &Timeline, scale: &Scale) -> String {
    let width = timeline.lanes.iter().map(|lane| lane.name.chars().count());
    let width = width.max().unwrap_or_default();
    let bars: Vec<String> = timeline.lanes.iter().map(|lane| bar(scale, lane)).collect();
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
    let gap = scale.gap().map_or(String::new(), |gap| {
        let (length, begin) = (shown(gap.end - gap.start), shown(gap.start));
        format!("\n{:width$} shortened: {length}, from {begin} on", "")
    });
    let missing = match timeline.missing {
        0 => String::new(),
        missing => format!("\n{:width$} {missing} later events are not shown", ""),
    };
    let notes: String = timeline
        .notes
        .iter()
        .map(|note| format!("\n{note}"))
        .collect();
    format!(
        "{}\n{:width$} 0 to {}; {}{gap}{missing}{notes}",
        rows.join("\n"),
        "",
        shown(timeline.duration),
        legend.join(", ")
    )
}

/// Returns a character for each part of the time: what the thread did for most of it.
fn bar(scale: &Scale, lane: &Lane) -> String {
    let column = |time: u64| {
        let column = (scale.position(time) * COLUMNS as f64) as usize;
        column.min(COLUMNS - 1)
    };
    let begin_of = |column: usize| scale.time(column as f64 / COLUMNS as f64);
    let mut bar = vec![' '; COLUMNS];
    bar[column(lane.begin)..=column(lane.end)].fill('█');
    for wait in &lane.waits {
        let mark = LEGEND
            .iter()
            .find(|(name, ..)| *name == class(&wait.reason));
        for (at, shown) in bar
            .iter_mut()
            .enumerate()
            .take(column(wait.end) + 1)
            .skip(column(wait.begin))
        {
            let (from, to) = (begin_of(at), begin_of(at + 1));
            let part = wait.end.min(to).saturating_sub(wait.begin.max(from));
            if part * 2 >= to - from {
                *shown = mark.map_or('w', |(_, mark, _)| *mark);
            }
        }
    }
    bar.into_iter().collect::<String>().trim_end().to_owned()
}
