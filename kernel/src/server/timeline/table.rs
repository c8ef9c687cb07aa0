//! The table below the picture: for what each thread waited, in which line, how often and how long.

use super::model::{Span, Timeline};
use super::time::shown;
use crate::page::html::{escape, escape_with_code};
use std::fmt::Write;

/// More rows help nobody.
const MAX_ROWS: usize = 40;

/// The waits of one thread for one thing in one line.
struct Row<'a> {
    name: &'a str,
    /// One of them.
    wait: &'a Span,
    count: u64,
    waited: u64,
    longest: u64,
}

/// Returns the table, to be unfolded; nothing if no thread waited. What took longest comes first.
pub fn html(timeline: &Timeline) -> String {
    let mut rows = rows(timeline);
    if rows.is_empty() {
        return String::new();
    }
    rows.sort_by_key(|row| std::cmp::Reverse(row.waited));
    let mut html = "<details><summary>Waits</summary><table><thead><tr><th>thread</th><th>waits for</th><th>line</th><th>times</th>\
                    <th>in all</th><th>longest</th></tr></thead><tbody>"
        .to_owned();
    for row in rows.iter().take(MAX_ROWS) {
        let line = row.wait.place.as_ref().map_or(String::new(), |place| {
            format!("{}: <code>{}</code>", place.line, escape(place.text.trim()))
        });
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{line}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape(row.name),
            escape_with_code(&row.wait.reason.to_string()),
            row.count,
            shown(row.waited),
            shown(row.longest)
        );
    }
    html.push_str("</tbody></table>");
    html.push_str(&contentions(timeline));
    html.push_str("</details>");
    html
}

/// Returns the table of who waited for whom at a lock; nothing if nobody did.
fn contentions(timeline: &Timeline) -> String {
    if timeline.contentions.is_empty() {
        return String::new();
    }
    let mut rows: Vec<_> = timeline.contentions.iter().collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.waited));
    let mut html = "<table><thead><tr><th>lock</th><th>taken</th><th>waits</th><th>for</th><th>times</th><th>in all</th>\
                    <th>longest</th></tr></thead><tbody>"
        .to_owned();
    for row in rows.iter().take(MAX_ROWS) {
        let _ = write!(
            html,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            escape_with_code(&row.lock),
            row.taken,
            escape(&row.waiter),
            row.holder.as_deref().map_or(String::new(), escape),
            row.count,
            shown(row.waited),
            shown(row.longest)
        );
    }
    html.push_str("</tbody></table>");
    html
}

fn rows(timeline: &Timeline) -> Vec<Row<'_>> {
    let mut rows: Vec<Row> = Vec::new();
    for lane in &timeline.lanes {
        let first = rows.len();
        for wait in &lane.waits {
            let same = rows[first..]
                .iter_mut()
                .find(|row| (&row.wait.reason, &row.wait.place) == (&wait.reason, &wait.place));
            match same {
                Some(row) => {
                    row.count += wait.count;
                    row.waited += wait.waited;
                    row.longest = row.longest.max(wait.longest);
                }
                None => rows.push(Row {
                    name: &lane.name,
                    wait,
                    count: wait.count,
                    waited: wait.waited,
                    longest: wait.longest,
                }),
            }
        }
    }
    rows
}
