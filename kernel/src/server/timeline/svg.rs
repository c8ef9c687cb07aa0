//! Draws a timeline as SVG: no scripts, light and dark, of fixed size.

use super::model::{Arrow, Hold, Lane, Span, Timeline};
use super::scale::Scale;
use super::style::{
    BAR, DEFINITIONS, LANE, LEGEND_ROW, MAX_STRIPES, NAMES, STRIPE, STYLE, TOP, WIDTH, arrow_class,
    class, hold_class,
};
use super::time::{shown, shown_in_steps};
use super::{labels, legend};
use crate::page::html::escape;
use crate::server::picture;
use std::fmt::Write;

pub fn draw(timeline: &Timeline, scale: &Scale) -> String {
    let locks = locks(timeline);
    let legend = legend::rows(timeline, &locks);
    // Where the lines of the axis end.
    let bottom = TOP + timeline.lanes.len() as f64 * LANE + 4.0;
    let height = bottom + 10.0 + legend.len() as f64 * LEGEND_ROW;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{height}\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\">\
         <style>{}{STYLE}</style>{DEFINITIONS}",
        picture::STYLE
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
    legend::draw(&mut svg, &legend, bottom + LEGEND_ROW);
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
        escape(&labels::of_lane(&lane.name)),
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
        if let Some(word) = labels::in_bar(wait, to - from) {
            draw_word(svg, class(&wait.reason), &word, from, top);
        }
    }
    for print in &lane.prints {
        let _ = write!(
            svg,
            "<rect class=\"print\" x=\"{:.1}\" y=\"{}\" width=\"{:.1}\" height=\"4\"><title>{} prints{}</title></rect>",
            x(scale, print.begin),
            top + BAR + MAX_STRIPES as f64 * STRIPE,
            (x(scale, print.end) - x(scale, print.begin)).max(2.0),
            escape(&lane.name),
            match print.count {
                1 => String::new(),
                count => format!(": {count} times"),
            }
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

/// Writes a word at the beginning of a bar, without the bar's pattern behind it.
fn draw_word(svg: &mut String, class: &str, word: &str, left: f64, top: f64) {
    let _ = write!(
        svg,
        "<rect class=\"in-{class}\" x=\"{:.1}\" y=\"{top}\" width=\"{:.1}\" height=\"{BAR}\"/>\
         <text class=\"word word-{class}\" x=\"{:.1}\" y=\"{}\">{}</text>",
        left + 1.0,
        labels::width(word) - 2.0,
        left + 5.0,
        top + 10.5,
        escape(word)
    );
}

/// Returns the names of the locks that are held at some time.
fn locks(timeline: &Timeline) -> Vec<&str> {
    let holds = timeline.lanes.iter().flat_map(|lane| &lane.holds);
    let mut locks: Vec<&str> = holds.map(|hold| &*hold.lock).collect();
    locks.sort_unstable();
    locks.dedup();
    locks
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
        "<path class=\"hold {}\" d=\"M{begin:.1} {} h{:.1}\"><title>{}</title></path>",
        hold_class(locks, &hold.lock),
        top_of(number) + BAR + (stripe as f64 + 0.5) * STRIPE,
        (end - begin).max(1.0),
        escape(&title)
    );
}

fn draw_arrow(svg: &mut String, scale: &Scale, arrow: &Arrow) {
    let class = arrow_class(arrow.kind);
    let end = |(lane, time): (usize, u64), side: f64| (x(scale, time), top_of(lane) + BAR * side);
    // Between the bars, not through them.
    let (below, above) = if arrow.from.0 < arrow.to.0 {
        (1.0, 0.0)
    } else {
        (0.0, 1.0)
    };
    let ((x1, y1), (x2, y2)) = (end(arrow.from, below), end(arrow.to, above));
    if arrow.count > 1 {
        let (x3, x4) = (x(scale, arrow.last.1), x(scale, arrow.last.0));
        // Bands in both directions have their counts beside each other.
        let part = if arrow.from.0 < arrow.to.0 {
            0.35
        } else {
            0.65
        };
        let _ = write!(
            svg,
            "<path class=\"band {class}\" d=\"M{x1:.1} {y1:.1} L{x2:.1} {y2:.1} H{x3:.1} L{x4:.1} {y1:.1} z\"><title>{}</title></path>\
             <text class=\"small\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}×</text>",
            escape(&arrow.text),
            x1.min(x2) + (x3.max(x4) - x1.min(x2)) * part,
            (y1 + y2) / 2.0 + 4.0,
            arrow.count
        );
        return;
    }
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
