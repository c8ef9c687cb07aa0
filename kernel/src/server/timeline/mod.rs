//! The picture of a watched cell: a lane for each thread and process, with what it waited for and when it printed.

mod builder;
mod labels;
mod legend;
mod model;
mod names;
mod scale;
mod style;
mod svg;
mod table;
mod text;
mod time;
mod trace;

use super::engine::Engine;
use super::{picture, rich};
use crate::cell::watching::is_drawn;
use crate::ipc::{Content, WATCH_VAR, Watched};
use crate::page::html::escape_with_code;
use jupyter_protocol::media::Media;
use model::{Lane, Timeline};
use scale::Scale;

/// Draws what the threads of a cell with this code did, for JupyterLab and pages, and as text for terminals and for those who do not see
/// pictures. Adds it to the runner's trace, if there is one.
///
/// The picture is an `<img>`, which notebooks that are not trusted show too. Where all cells are watched, one in which nothing waits has
/// none.
pub async fn draw(engine: &Engine, watched: Watched, code: &str) -> Option<Media> {
    let traces = engine.trace(watched.sites.clone()).await;
    let timeline = Timeline::of(&watched, &traces);
    if let Err(error) = trace::add(&timeline, code) {
        tracing::warn!("cannot write the trace: {error}");
    }
    let waits_in_the_cell = |lane: &Lane| lane.waits.iter().any(|wait| wait.place.is_some());
    let is_dull = timeline.lanes.len() == 1 && !timeline.lanes.iter().any(waits_in_the_cell);
    if !is_drawn(code) || is_dull && std::env::var_os(WATCH_VAR).is_some() {
        return None;
    }
    let scale = Scale::of(&timeline);
    let text = text::draw(&timeline, &scale);
    let svg = svg::draw(&timeline, &scale);
    let html = format!(
        "{}{}{}",
        picture::img(&svg, &text),
        notes(&timeline),
        table::html(&timeline)
    );
    Some(rich::bundle([
        ("text/html".to_owned(), Content::Text(html)),
        ("text/plain".to_owned(), Content::Text(text)),
    ]))
}

fn notes(timeline: &Timeline) -> String {
    let notes = timeline.notes.iter();
    notes
        .map(|note| format!("<p>⚠ {}</p>", escape_with_code(note)))
        .collect()
}
