//! Reports where the time of each cell went.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::execution::ExecutedCell;
use super::selection::name_of;
use crate::notebook::Document;

/// Returns a table of the cells that ran; all times in seconds.
pub fn table(document: &Document, ran: &[ExecutedCell]) -> String {
    let names: Vec<_> = ran
        .iter()
        .map(|cell| name_of(document, cell.index))
        .collect();
    let width = names.iter().map(|name| name.chars().count()).max();
    let width = width.unwrap_or_default().max("cell".len());
    let mut table = format!(
        "  {:width$}  {:>8}  {:>8}  {:>8}  {:>8}  {:>8}  {:>5}  {:>6}\n",
        "cell", "all", "analysis", "compile", "link", "run", "rustc", "reused"
    );
    for (name, cell) in names.iter().zip(ran) {
        let all = cell.elapsed.as_secs_f64();
        // Writing to a string cannot fail.
        let _ = write!(table, "  {name:width$}  {all:8.3}");
        let Some(timings) = cell.timings else {
            table.push('\n');
            continue;
        };
        let link = timings
            .link
            .map_or_else(|| "-".to_owned(), |link| format!("{link:.3}"));
        let _ = writeln!(
            table,
            "  {:8.3}  {:8.3}  {link:>8}  {:8.3}  {:5}  {:6}",
            timings.analysis, timings.compile, timings.run, timings.rustc, timings.reused
        );
    }
    table
}

/// Returns the same figures as one line per cell, by cell id.
pub fn notes(document: &Document, ran: &[ExecutedCell]) -> BTreeMap<String, String> {
    let told = ran.iter().filter_map(|cell| Some((cell, cell.timings?)));
    told.map(|(cell, timings)| {
        let all = cell.elapsed.as_secs_f64();
        let link = timings.link.map(|link| format!(", link {link:.3} s"));
        let note = format!(
            "{all:.3} s: analysis {:.3} s, compile {:.3} s{}, run {:.3} s",
            timings.analysis,
            timings.compile,
            link.unwrap_or_default(),
            timings.run
        );
        (name_of(document, cell.index), note)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::ipc::Timings;

    #[test]
    fn a_cell_is_a_line() {
        let code = |id: &str| json!({"cell_type": "code", "id": id, "source": "", "metadata": {}, "outputs": [], "execution_count": null});
        let notebook = json!({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code("setup"), code("b")]});
        let file = tempfile::NamedTempFile::with_suffix(".ipynb").unwrap();
        std::fs::write(file.path(), notebook.to_string()).unwrap();
        let document = Document::read(file.path()).unwrap();
        let timings = Timings {
            analysis: 0.01,
            compile: 0.2,
            link: Some(0.0254),
            run: 1.5,
            rustc: 2,
            reused: 1,
        };
        let ran = [(0, Some(timings)), (1, None)].map(|(index, timings)| ExecutedCell {
            index,
            elapsed: Duration::from_millis(1750),
            timings,
        });
        assert_eq!(
            table(&document, &ran),
            "  cell        all  analysis   compile      link       run  rustc  reused\n  \
             setup     1.750     0.010     0.200     0.025     1.500      2       1\n  \
             b         1.750\n"
        );
        assert_eq!(
            notes(&document, &ran),
            BTreeMap::from([(
                "setup".to_owned(),
                "1.750 s: analysis 0.010 s, compile 0.200 s, link 0.025 s, run 1.500 s".to_owned()
            )])
        );
    }
}
