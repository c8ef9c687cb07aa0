//! The notebooks as presentations: the slide type of each cell, and the slides that nbconvert makes.

use regex::Regex;
use serde_json::Value;
use support::notebook::{self, Cell, joined};
use support::project::{self, NOTEBOOKS};
use support::sandbox::{BOUND, Sandbox};
use support::tools::need;
use support::venv::Venv;

/// About how many lines of text fit on one of nbconvert's slides.
const MAX_LINES: usize = 26;
/// About how many lines a figure takes.
const FIGURE_LINES: usize = 16;
/// Characters in a line of prose on a slide.
const LINE_CHARS: usize = 80;

#[test]
fn each_cell_has_a_slide_type() {
    for name in NOTEBOOKS {
        let cells = cells(name);
        for cell in &cells {
            let slide_type = slide_type(cell);
            let known = ["slide", "subslide", "fragment", "-", "skip"].contains(&slide_type);
            assert!(known, "{name}: {} is {slide_type:?}", cell["id"]);
            // Only those who run the notebook need the cell that loads the crate.
            assert_eq!(
                slide_type == "skip",
                cell["id"] == "setup",
                "{name}: {}",
                cell["id"]
            );
            let heading = !notebook::is_code(cell) && joined(&cell["source"]).starts_with('#');
            assert_eq!(
                slide_type == "slide",
                heading,
                "{name}: a section begins at {}",
                cell["id"]
            );
        }
        assert_eq!(slide_type(shown(&cells)[0]), "slide", "{name}");
    }
}

/// A slide ends after code or a figure, which stands alone if it does not fit beside its explanation.
#[test]
fn no_slide_is_overfull() {
    for name in NOTEBOOKS {
        let cells = cells(name);
        for slide in slides(&cells) {
            let ids: Vec<&Value> = slide.iter().map(|cell| &cell["id"]).collect();
            let (_, before) = slide.split_last().expect("a slide has a cell");
            let only_prose = |cell: &&&Value| !notebook::is_code(cell) && figures(cell) == 0;
            assert_eq!(
                before.iter().filter(only_prose).count(),
                before.len(),
                "{name}: {ids:?}"
            );
            let lines: usize = slide.iter().map(|cell| lines(cell)).sum();
            assert!(
                before.is_empty() || lines <= MAX_LINES,
                "{name}: {ids:?} have {lines} lines"
            );
        }
    }
}

#[test]
fn nbconvert_keeps_the_notebooks_order() {
    need!(python);
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let out = sandbox.path("slides");
    let paths = NOTEBOOKS.map(project::notebook_path);
    let mut arguments = vec![
        "nbconvert",
        "--to",
        "slides",
        "--SlidesExporter.reveal_scroll=True",
        "--output-dir",
    ];
    arguments.push(out.to_str().expect("UTF-8"));
    arguments.extend(paths.iter().filter_map(|path| path.to_str()));
    venv.run(&sandbox, "jupyter", &arguments, BOUND)
        .expect_code(0);
    let part = Regex::new(r#"<section>|class="fragment"|id="cell-id=([^"]+)""#).expect("a pattern");
    for name in NOTEBOOKS {
        let page = out.join(name).with_extension("slides.html");
        let page = std::fs::read_to_string(page).expect("the slides");
        let made: Vec<&str> = part
            .captures_iter(&page)
            .map(|found| {
                found.get(1).map_or_else(
                    || &page[found.get(0).expect("a match").range()],
                    |id| id.as_str(),
                )
            })
            .collect();
        let cells = cells(name);
        let mut wanted = Vec::new();
        for cell in shown(&cells) {
            // A slide opens a column of slides, of which it is the first.
            let opened: &[&str] = match slide_type(cell) {
                "slide" => &["<section>", "<section>"],
                "subslide" => &["<section>"],
                "fragment" => &["class=\"fragment\""],
                _ => &[],
            };
            wanted.extend_from_slice(opened);
            wanted.push(cell["id"].as_str().expect("an id"));
        }
        assert_eq!(made, wanted, "{name}");
    }
}

fn cells(name: &str) -> Vec<Value> {
    let notebook = notebook::read(&project::notebook_path(name));
    notebook["cells"].as_array().expect("cells").clone()
}

fn slide_type(cell: &Value) -> &str {
    cell["metadata"]["slideshow"]["slide_type"]
        .as_str()
        .unwrap_or_else(|| panic!("{} has no slide type", cell["id"]))
}

fn shown(cells: &[Value]) -> Vec<&Value> {
    cells
        .iter()
        .filter(|cell| slide_type(cell) != "skip")
        .collect()
}

/// Returns the cells of each slide.
fn slides(cells: &[Value]) -> Vec<Vec<&Value>> {
    let mut slides: Vec<Vec<&Value>> = Vec::new();
    for cell in shown(cells) {
        match slides.last_mut() {
            Some(slide) if ["fragment", "-"].contains(&slide_type(cell)) => slide.push(cell),
            _ => slides.push(vec![cell]),
        }
    }
    slides
}

fn figures(cell: &Value) -> usize {
    cell["attachments"]
        .as_object()
        .map_or(0, |attachments| attachments.len())
}

/// Returns how many lines a cell takes on a slide, including its output.
fn lines(cell: &Value) -> usize {
    let text = joined(&cell["source"]);
    let source: usize = text
        .lines()
        .map(|line| line.chars().count().div_ceil(LINE_CHARS).max(1))
        .sum();
    let cell_of_code = Cell(cell.clone());
    let printed = if notebook::is_code(cell) {
        let error = cell_of_code
            .error()
            .map_or(0, |error| error.traceback.lines().count());
        cell_of_code.shown().lines().count() + error
    } else {
        0
    };
    source + printed + figures(cell) * FIGURE_LINES
}
