//! Draws a timeline as SVG: no scripts, light and dark, of fixed size.

use super::model::{Arrow, ArrowKind, Hold, Lane, Span, Timeline};
use super::scale::Scale;
use crate::page::html::escape;
use crate::server::wait_reason::WaitReason;
use std::fmt::Write;

/// In pixels.
const WIDTH: f64 = 960.0;
const NAMES: f64 = 190.0;
const LANE: f64 = 32.0;
const BAR: f64 = 14.0;
const TOP: f64 = 34.0;
const STRIPE: f64 = 3.0;
const LEGEND_ROW: f64 = 18.0;

/// More locks that a thread holds at once share the last stripe.
const MAX_STRIPES: usize = 3;

/// What an SVG without a page around it needs. The picture follows the reader's light or dark.
const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #5b636d } .axis { stroke: #dfe2e6 } \
.run { fill: #5fa777 } .lock { fill: #c8553d } .channel { fill: #3d78c8 } .sleep { fill: #c9ccd1 } .join { fill: #a7b4c9 } \
.outside { fill: #d9b44a } .other { fill: #9a79b8 } .print { fill: #1f2328 } .spawn { stroke: #5b636d; fill: none } \
.gap { stroke: #1f2328; fill: none } .hold0 { fill: #8a3ffc } .hold1 { fill: #007d79 } .hold2 { fill: #b28600 } .hold3 { fill: #d12771 } .hold4 { fill: #0f62fe } .hold5 { fill: #6f6f6f } \
.arrow { fill: none; stroke-width: 1.2 } .unlock { stroke: #c8553d } .message { stroke: #3d78c8 } .notification { stroke: #9a79b8 } \
.end { stroke: #7d8797 } .lost { stroke: #d1242f; stroke-width: 2; fill: none } marker path { fill: context-stroke; stroke: none } \
@media (prefers-color-scheme: dark) { text { fill: #e3e6ea } .small { fill: #a3abb5 } .axis { stroke: #353a42 } .run { fill: #4f9467 } \
.sleep { fill: #454b55 } .join { fill: #56627a } .print { fill: #e3e6ea } .spawn { stroke: #a3abb5 } .gap { stroke: #e3e6ea } .hold0 { fill: #be95ff } .hold1 { fill: #08bdba } .hold2 { fill: #f1c21b } .hold3 { fill: #ff7eb6 } .hold4 { fill: #78a9ff } .hold5 { fill: #c6c6c6 } \
.lost { stroke: #ff8389 } }";

/// How many locks have a colour of their own while they are held; further ones share them.
const HOLD_COLOURS: usize = 6;

/// The head of an arrow.
const HEAD: &str = "<defs><marker id=\"head\" viewBox=\"0 0 6 6\" refX=\"6\" refY=\"3\" markerWidth=\"6\" markerHeight=\"6\" \
orient=\"auto\"><path d=\"M0 0 L6 3 L0 6 z\"/></marker></defs>";

const LEGEND: [(&str, &str); 7] = [
    ("run", "runs"),
    ("lock", "lock"),
    ("channel", "message"),
    ("sleep", "sleeps"),
    ("join", "join"),
    ("outside", "outside"),
    ("other", "other waits"),
];

pub fn draw(timeline: &Timeline, scale: &Scale) -> String {
    let locks = locks(timeline);
    let legend = legend(timeline, &locks);
    // Where the lines of the axis end.
    let bottom = TOP + timeline.lanes.len() as f64 * LANE + 4.0;
    let height = bottom + 10.0 + legend.len() as f64 * LEGEND_ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <style>{STYLE}</style>{HEAD}"
    );
    axis(&mut svg, scale, timeline.duration, bottom);
    for number in 0..timeline.lanes.len() {
        draw_lane(&mut svg, timeline, scale, number);
        let holds = &timeline.lanes[number].holds;
        for hold in holds {
            let outer = holds.iter().filter(|outer| is_within(hold, outer)).count();
            draw_hold(
                &mut svg,
                timeline,
                scale,
                (number, outer.min(MAX_STRIPES - 1)),
                hold,
                &locks,
            );
        }
    }
    for arrow in &timeline.arrows {
        draw_arrow(&mut svg, scale, arrow);
    }
    draw_gap(&mut svg, scale, bottom);
    draw_legend(&mut svg, &legend, bottom + LEGEND_ROW);
    svg.push_str("</svg>");
    svg
}

fn x(scale: &Scale, time: u64) -> f64 {
    NAMES + scale.position(time) * (WIDTH - NAMES - 12.0)
}

fn top_of(lane: usize) -> f64 {
    TOP + lane as f64 * LANE
}

/// About five lines with their times, at round numbers.
fn axis(svg: &mut String, scale: &Scale, duration: u64, bottom: f64) {
    let step = round_step(scale.rest() / 5);
    let mut time = 0;
    while time <= duration {
        if let Some(gap) = scale.gap()
            && gap.contains(&time)
        {
            time = gap.end.next_multiple_of(step);
            continue;
        }
        let x = x(scale, time);
        // A label in the middle of the last line would not fit.
        let anchor = if x > WIDTH - 40.0 { "end" } else { "middle" };
        let _ = write!(
            svg,
            "<line class=\"axis\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"20\" y2=\"{bottom}\"/>\
             <text class=\"small\" x=\"{x:.1}\" y=\"14\" text-anchor=\"{anchor}\">{}</text>",
            shown_in_steps(time, step)
        );
        time += step;
    }
}

/// Returns a time as people write it, with the digits in which it differs from the next one.
fn shown_in_steps(time: u64, step: u64) -> String {
    let (unit, name) = match time {
        1_000_000_000.. => (1_000_000_000, "s"),
        1_000_000.. => (1_000_000, "ms"),
        _ => return shown(time),
    };
    let decimals = match step {
        _ if step.is_multiple_of(unit) => 0,
        _ => (unit.ilog10() - step.ilog10()) as usize,
    };
    format!("{:.decimals$} {name}", time as f64 / unit as f64)
}

/// Two zigzags through all lanes, with the length of the shortened time between them.
fn draw_gap(svg: &mut String, scale: &Scale, bottom: f64) {
    let Some(gap) = scale.gap() else {
        return;
    };
    let length = shown(gap.end - gap.start);
    let middle = (x(scale, gap.start) + x(scale, gap.end)) / 2.0;
    for left in [middle - 5.0, middle + 5.0] {
        let mut path = format!("M{left:.1} 20");
        let (mut y, mut side) = (20.0, 3.0);
        while y + 6.0 <= bottom {
            y += 6.0;
            let _ = write!(path, " L{:.1} {y}", left + side);
            side = -side;
        }
        let _ = write!(
            svg,
            "<path class=\"gap\" d=\"{path}\"><title>shortened: {length}</title></path>"
        );
    }
    let _ = write!(
        svg,
        "<text class=\"small\" x=\"{middle:.1}\" y=\"14\" text-anchor=\"middle\">{length}</text>"
    );
}

/// Returns the next number of the form 1, 2 or 5 times a power of ten.
fn round_step(at_least: u64) -> u64 {
    let mut power = 1;
    loop {
        for factor in [1, 2, 5] {
            if factor * power >= at_least {
                return factor * power;
            }
        }
        power *= 10;
    }
}

fn draw_lane(svg: &mut String, timeline: &Timeline, scale: &Scale, number: usize) {
    let lane = &timeline.lanes[number];
    let (top, begin, end) = (top_of(number), x(scale, lane.begin), x(scale, lane.end));
    let _ = write!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\
         <rect class=\"run\" x=\"{begin:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\"><title>{}</title></rect>",
        NAMES - 10.0,
        top + 11.0,
        escape(&lane.name),
        (end - begin).max(1.0),
        escape(&format!("{} runs", lane.name)),
    );
    for wait in &lane.waits {
        let (from, to) = (x(scale, wait.begin), x(scale, wait.end));
        let _ = write!(
            svg,
            "<rect class=\"{}\" x=\"{from:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\"><title>{}</title></rect>",
            class(&wait.reason),
            (to - from).max(1.0),
            escape(&title(lane, wait)),
        );
    }
    for print in &lane.prints {
        let _ = write!(
            svg,
            "<rect class=\"print\" x=\"{:.1}\" y=\"{}\" width=\"2\" height=\"4\"><title>{} prints</title></rect>",
            x(scale, *print),
            top + BAR + MAX_STRIPES as f64 * STRIPE,
            escape(&lane.name)
        );
    }
    for lost in &lane.lost_updates {
        let (left, up) = (x(scale, lost.time) - 3.0, top + BAR / 2.0 - 3.0);
        let _ = write!(
            svg,
            "<path class=\"lost\" d=\"M{left:.1} {up} l6 6 m0 -6 l-6 6\"><title>{} {}</title></path>",
            escape(&lane.name),
            escape(&lost.text)
        );
    }
    if let Some(start) = &lane.started_by {
        let (at, from) = (x(scale, start.time), top_of(start.lane) + BAR);
        let line = start.place.as_ref().map_or(String::new(), |place| {
            format!(" in line {}: {}", place.line, place.text.trim())
        });
        let _ = write!(
            svg,
            "<path class=\"spawn\" d=\"M{at:.1} {from} V{:.1} H{begin:.1}\"><title>{}</title></path>",
            top + BAR / 2.0,
            escape(&format!(
                "started by {}{line}",
                timeline.lanes[start.lane].name
            ))
        );
    }
}

/// Returns the names of the locks that are held at some time.
fn locks(timeline: &Timeline) -> Vec<&str> {
    let holds = timeline.lanes.iter().flat_map(|lane| &lane.holds);
    let mut locks: Vec<&str> = holds.map(|hold| &*hold.lock).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
}

/// Returns a name without the backticks, which say in texts that it is the cell's.
fn plain(name: &str) -> String {
    name.replace('`', "")
}

fn hold_class(locks: &[&str], lock: &str) -> String {
    let index = locks.iter().position(|other| *other == lock);
    format!("hold{}", index.unwrap_or_default() % HOLD_COLOURS)
}

/// Whether a lock is taken while another one is held.
fn is_within(inner: &Hold, outer: &Hold) -> bool {
    (outer.begin, &outer.lock) < (inner.begin, &inner.lock) && inner.begin < outer.end
}

/// A stripe below the lane's bar, and below those of locks that the thread has taken before.
fn draw_hold(
    svg: &mut String,
    timeline: &Timeline,
    scale: &Scale,
    (number, stripe): (usize, usize),
    hold: &Hold,
    locks: &[&str],
) {
    let (begin, end) = (x(scale, hold.begin), x(scale, hold.end));
    let times = match hold.count {
        1 => String::new(),
        count => format!("{count} times, "),
    };
    let place = hold.place.as_ref().map_or(String::new(), |place| {
        format!("\nline {}: {}", place.line, place.text.trim())
    });
    let title = format!(
        "{} holds {}: {times}{}{place}",
        timeline.lanes[number].name,
        hold.lock,
        shown(hold.held)
    );
    let _ = write!(
        svg,
        "<rect class=\"{}\" x=\"{begin:.1}\" y=\"{}\" width=\"{:.1}\" height=\"{STRIPE}\"><title>{}</title></rect>",
        hold_class(locks, &hold.lock),
        top_of(number) + BAR + stripe as f64 * STRIPE,
        (end - begin).max(1.0),
        escape(&title)
    );
}

fn draw_arrow(svg: &mut String, scale: &Scale, arrow: &Arrow) {
    let class = match arrow.kind {
        ArrowKind::Unlock => "unlock",
        ArrowKind::Message => "message",
        ArrowKind::Notification => "notification",
        ArrowKind::End => "end",
    };
    let end = |(lane, time): (usize, u64), side: f64| (x(scale, time), top_of(lane) + BAR * side);
    // Between the bars, not through them.
    let (below, above) = if arrow.from.0 < arrow.to.0 {
        (1.0, 0.0)
    } else {
        (0.0, 1.0)
    };
    let ((x1, y1), (x2, y2)) = (end(arrow.from, below), end(arrow.to, above));
    let _ = write!(
        svg,
        "<path class=\"arrow {class}\" d=\"M{x1:.1} {y1:.1} L{x2:.1} {y2:.1}\" marker-end=\"url(#head)\"><title>{}</title></path>",
        escape(&arrow.text)
    );
}

fn title(lane: &Lane, wait: &Span) -> String {
    let times = match wait.count {
        1 => String::new(),
        count => format!("{count} times, "),
    };
    let place = wait.place.as_ref().map_or(String::new(), |place| {
        format!("\nline {}: {}", place.line, place.text.trim())
    });
    format!(
        "{} waits for {}: {times}{}{place}",
        lane.name,
        wait.reason,
        shown(wait.waited)
    )
}

/// An entry of the legend: the class of its sign, and its text.
type Entry = (String, String);

/// Returns the rows of the legend, which names only what occurs.
fn legend(timeline: &Timeline, locks: &[&str]) -> Vec<Vec<Entry>> {
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

fn draw_legend(svg: &mut String, rows: &[Vec<Entry>], mut y: f64) {
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

/// Returns the name of the colour for a wait.
pub fn class(reason: &WaitReason) -> &'static str {
    match reason {
        WaitReason::Mutex
        | WaitReason::Read
        | WaitReason::Write
        | WaitReason::Lock(_)
        | WaitReason::NamedLock { .. } => "lock",
        WaitReason::Receive
        | WaitReason::Send
        | WaitReason::MessageFrom(_)
        | WaitReason::RoomIn(_) => "channel",
        WaitReason::Sleep => "sleep",
        WaitReason::Join(_) | WaitReason::Scope | WaitReason::Child => "join",
        WaitReason::System(_) => "outside",
        _ => "other",
    }
}

/// Returns a time in nanoseconds as people write it.
pub fn shown(nanoseconds: u64) -> String {
    match nanoseconds {
        0 => "0".to_owned(),
        1..1_000_000 => format!("{} µs", nanoseconds / 1000),
        1_000_000..1_000_000_000 => format!("{} ms", nanoseconds / 1_000_000),
        _ => format!("{:.1} s", nanoseconds as f64 / 1e9),
    }
}
