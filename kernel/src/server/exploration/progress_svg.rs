//! Draws a progress graph as SVG: no scripts, light and dark, of fixed size.

use super::progress_graph::{ProgressGraph, Region};
use super::quote;
use crate::page::html::escape;
use crate::server::picture;
use std::fmt::Write;

/// How much of a label is shown, in characters.
const MAX_LABEL: usize = 26;

/// The width of a character of a label, in pixels.
const CHARACTER: f64 = 6.2;

/// The room for the names of the threads and the heads of the axes, in pixels.
const NAMES: f64 = 30.0;

/// What the picture needs beside the style of all pictures.
const STYLE: &str = "\
.square { fill: none } .grid, .square { stroke: #dfe2e6 } .forbidden { fill: #c8553d; fill-opacity: 0.25; stroke: #c8553d } \
.path { fill: none; stroke: #3d78c8; stroke-width: 3; stroke-linejoin: round } .end { fill: #3d78c8 } .name { font-weight: 600 } \
@media (prefers-color-scheme: dark) { .grid, .square { stroke: #353a42 } .path { stroke: #78a9ff } .end { fill: #78a9ff } }";

/// Where things stand, in pixels.
struct Layout {
    /// The left edge and the lower edge of the square.
    left: f64,
    bottom: f64,
    /// The size of a step.
    step: f64,
    width: f64,
    height: f64,
}

pub fn draw(graph: &ProgressGraph) -> String {
    let layout = Layout::of(graph);
    let (width, height) = (layout.width, layout.height);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width:.0}\" height=\"{height:.0}\" viewBox=\"0 0 {width:.0} {height:.0}\" role=\"img\">\
         <style>{}{STYLE}</style>",
        picture::STYLE
    );
    grid(&mut svg, graph, &layout);
    for region in &graph.regions {
        draw_region(&mut svg, &layout, region);
    }
    labels(&mut svg, graph, &layout);
    path(&mut svg, graph, &layout);
    svg.push_str("</svg>");
    svg
}

impl Layout {
    fn of(graph: &ProgressGraph) -> Layout {
        let [right, up] = [0, 1].map(|side| graph.steps[side].len() as f64);
        let step = (360.0 / right.max(up)).clamp(22.0, 56.0);
        let longest = |side: usize| {
            let labels = graph.steps[side].iter();
            let longest = labels.map(|label| label.chars().count()).max();
            longest.unwrap_or_default().min(MAX_LABEL) as f64 * CHARACTER
        };
        let left = longest(1) + 16.0;
        let bottom = NAMES + up * step;
        // The labels below are turned by 45 degrees, and begin below the middle of their steps.
        let below = longest(0) * std::f64::consts::FRAC_1_SQRT_2;
        let right_edge = left + right * step;
        let name = graph.threads[0].chars().count() as f64 * 7.5;
        Layout {
            left,
            bottom,
            step,
            width: (right_edge + 24.0 + name).max(right_edge - step / 2.0 + below + 12.0),
            height: bottom + below + 24.0,
        }
    }

    fn x(&self, steps: f64) -> f64 {
        self.left + steps * self.step
    }

    fn y(&self, steps: f64) -> f64 {
        self.bottom - steps * self.step
    }
}

fn grid(svg: &mut String, graph: &ProgressGraph, layout: &Layout) {
    let [right, up] = [0, 1].map(|side| graph.steps[side].len());
    let (top, edge) = (layout.y(up as f64), layout.x(right as f64));
    for steps in 0..=right {
        let x = layout.x(steps as f64);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{:.1}\" y2=\"{top:.1}\"/>",
            layout.bottom
        );
    }
    for steps in 0..=up {
        let y = layout.y(steps as f64);
        let _ = write!(
            svg,
            "<line class=\"grid\" x1=\"{:.1}\" x2=\"{edge:.1}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>",
            layout.left
        );
    }
    let [right, up] = [0, 1].map(|side| escape(&graph.threads[side]));
    let _ = write!(
        svg,
        "<text class=\"name\" x=\"{:.1}\" y=\"{:.1}\">{right} →</text>\
         <text class=\"name\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">↑ {up}</text>",
        edge + 8.0,
        layout.bottom + 4.0,
        layout.left.max(40.0),
        top - 10.0
    );
}

fn draw_region(svg: &mut String, layout: &Layout, region: &Region) {
    let (left, right) = (layout.x(region.x.start), layout.x(region.x.end));
    let (top, bottom) = (layout.y(region.y.end), layout.y(region.y.start));
    let lock = escape(&region.lock);
    let _ = write!(
        svg,
        "<rect class=\"forbidden\" x=\"{left:.1}\" y=\"{top:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>both hold {lock}</title></rect>\
         <text class=\"small\" x=\"{:.1}\" y=\"{:.1}\">{lock}</text>",
        right - left,
        bottom - top,
        left + 4.0,
        top + 13.0
    );
}

fn labels(svg: &mut String, graph: &ProgressGraph, layout: &Layout) {
    let short = |label: &str| escape(&quote::without_middle(label, MAX_LABEL));
    for (index, label) in graph.steps[0].iter().enumerate() {
        let (x, y) = (layout.x(index as f64 + 0.5) - 4.0, layout.bottom + 14.0);
        let _ = write!(
            svg,
            "<text class=\"small\" x=\"{x:.1}\" y=\"{y:.1}\" transform=\"rotate(45 {x:.1} {y:.1})\">{}</text>",
            short(label)
        );
    }
    for (index, label) in graph.steps[1].iter().enumerate() {
        let _ = write!(
            svg,
            "<text class=\"small\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            layout.left - 8.0,
            layout.y(index as f64 + 0.5) + 4.0,
            short(label)
        );
    }
}

fn path(svg: &mut String, graph: &ProgressGraph, layout: &Layout) {
    let points: Vec<String> = graph
        .path
        .iter()
        .map(|(x, y)| format!("{:.1},{:.1}", layout.x(*x as f64), layout.y(*y as f64)))
        .collect();
    let _ = write!(
        svg,
        "<polyline class=\"path\" points=\"{}\"/>",
        points.join(" ")
    );
    if let Some((x, y)) = graph.path.last() {
        let _ = write!(
            svg,
            "<circle class=\"end\" cx=\"{:.1}\" cy=\"{:.1}\" r=\"5\"/>",
            layout.x(*x as f64),
            layout.y(*y as f64)
        );
    }
    for mark in &graph.marks {
        let (x, y) = (layout.x(mark.at.0) - 6.0, layout.y(mark.at.1) - 6.0);
        let _ = write!(
            svg,
            "<path class=\"lost\" d=\"M{x:.1} {y:.1} l12 12 m0 -12 l-12 12\"><title>{}</title></path>",
            escape(&mark.text.replace('`', ""))
        );
    }
}
