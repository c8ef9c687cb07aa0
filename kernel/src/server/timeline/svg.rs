//! Draws a timeline as SVG: no scripts, light and dark, of fixed size.

use super::model::{Lane, Span, Timeline};
use super::scale::Scale;
use crate::page::html::escape;
use crate::server::wait_reason::WaitReason;
use std::fmt::Write;

/// In pixels.
const WIDTH: f64 = 960.0;
const NAMES: f64 = 190.0;
const LANE: f64 = 30.0;
const BAR: f64 = 14.0;
const TOP: f64 = 34.0;

/// What an SVG without a page around it needs. The picture follows the reader's light or dark.
const STYLE: &str = "\
text { font: 12px system-ui, sans-serif; fill: #1f2328 } .small { font-size: 11px; fill: #5b636d } .axis { stroke: #dfe2e6 } \
.run { fill: #5fa777 } .lock { fill: #c8553d } .channel { fill: #3d78c8 } .sleep { fill: #c9ccd1 } .join { fill: #a7b4c9 } \
.outside { fill: #d9b44a } .other { fill: #9a79b8 } .print { fill: #1f2328 } .spawn { stroke: #5b636d; fill: none } \
.gap { stroke: #1f2328; fill: none } \
@media (prefers-color-scheme: dark) { text { fill: #e3e6ea } .small { fill: #a3abb5 } .axis { stroke: #353a42 } .run { fill: #4f9467 } \
.sleep { fill: #454b55 } .join { fill: #56627a } .print { fill: #e3e6ea } .spawn { stroke: #a3abb5 } .gap { stroke: #e3e6ea } }";

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
    let height = TOP + timeline.lanes.len() as f64 * LANE + 34.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <style>{STYLE}</style>"
    );
    axis(&mut svg, scale, timeline.duration, height);
    for number in 0..timeline.lanes.len() {
        draw_lane(&mut svg, timeline, scale, number);
    }
    draw_gap(&mut svg, scale, height);
    legend(&mut svg, timeline, height - 10.0);
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
fn axis(svg: &mut String, scale: &Scale, duration: u64, height: f64) {
    let step = round_step(scale.rest() / 5);
    let mut time = 0;
    while time <= duration {
        if let Some(gap) = scale.gap()
            && gap.contains(&time)
        {
            time = gap.end.next_multiple_of(step);
            continue;
        }
        let (x, bottom) = (x(scale, time), height - 30.0);
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
    if time < 1_000_000_000 || step >= 100_000_000 {
        return shown(time);
    }
    let decimals = 9 - step.ilog10() as usize;
    format!("{:.decimals$} s", time as f64 / 1e9)
}

/// Two zigzags through all lanes, with the length of the shortened time between them.
fn draw_gap(svg: &mut String, scale: &Scale, height: f64) {
    let Some(gap) = scale.gap() else {
        return;
    };
    let length = shown(gap.end - gap.start);
    let middle = (x(scale, gap.start) + x(scale, gap.end)) / 2.0;
    let bottom = height - 30.0;
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
            "<rect class=\"print\" x=\"{:.1}\" y=\"{}\" width=\"2\" height=\"4\"><title>prints</title></rect>",
            x(scale, *print),
            top + BAR + 2.0
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

/// Names only what occurs.
fn legend(svg: &mut String, timeline: &Timeline, y: f64) {
    let mut x = NAMES;
    let occurs = |name: &str| {
        let waits = || timeline.lanes.iter().flat_map(|lane| &lane.waits);
        name == "run" || waits().any(|wait| class(&wait.reason) == name)
    };
    for (class, label) in LEGEND.iter().filter(|(class, _)| occurs(class)) {
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{x}\" y=\"{}\" width=\"10\" height=\"10\"/><text class=\"small\" x=\"{}\" y=\"{y}\">{label}</text>",
            y - 9.0,
            x + 14.0
        );
        x += 90.0;
    }
}

/// Returns the name of the colour for a wait.
pub fn class(reason: &WaitReason) -> &'static str {
    match reason {
        WaitReason::Mutex | WaitReason::Read | WaitReason::Write | WaitReason::Lock(_) => "lock",
        WaitReason::Receive | WaitReason::Send => "channel",
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
