//! The figures of the second notebook: their files and their cells.
//!
//! A figure is an attachment of its cell in two types: SVG for pages and nbconvert, PNG for JupyterLab, which shows
//! only bitmaps. The PNG is made from the SVG, whose hash it has in a text chunk.

use data_encoding::{BASE64, HEXLOWER};
use regex::Regex;
use ring::digest::{SHA256, digest};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use support::notebook::{self, joined};
use support::project::{self, NOTEBOOKS};
use support::sandbox::root;

/// Each figure, and the id of the cell right before it or a heading in that cell.
const PLACES: [(&str, &str); 19] = [
    ("F1", "## Multithreading Synchronization"),
    ("F2", "B7"),
    ("F3", "B11"),
    ("F4", "B12"),
    ("F5", "F4"),
    ("F6", "### Shared memory"),
    ("F7", "B13"),
    ("F8", "### Server process"),
    ("F9", "B14"),
    ("F10", "### Communication between processes"),
    ("F11", "B15"),
    ("F12", "B16"),
    ("F13", "### Process synchronization"),
    ("F14", "B17"),
    ("F15", "F14"),
    ("F16", "F15"),
    ("F17", "B21"),
    ("F18", "F17"),
    ("F19", "B22"),
];

fn cells(name: &str) -> Vec<Value> {
    let notebook = notebook::read(&project::notebook_path(name));
    notebook["cells"].as_array().expect("cells").clone()
}

fn file(name: &str) -> Vec<u8> {
    let path = root().join("notebooks/figures").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn each_figure_is_in_its_place() {
    let cells = cells(NOTEBOOKS[1]);
    let with_attachments: Vec<&str> = cells
        .iter()
        .filter(|cell| cell.get("attachments").is_some())
        .filter_map(|cell| cell["id"].as_str())
        .collect();
    assert_eq!(with_attachments, PLACES.map(|(figure, _)| figure));
    for (figure, before) in PLACES {
        let at = cells.iter().position(|cell| cell["id"] == figure);
        let at = at.unwrap_or_else(|| panic!("no cell {figure}"));
        assert_eq!(cells[at]["cell_type"], "markdown", "{figure}");
        let neighbour = &cells[at - 1];
        if before.starts_with('#') {
            let text = joined(&neighbour["source"]);
            assert!(text.lines().any(|line| line == before), "{figure}: {text}");
        } else {
            assert_eq!(neighbour["id"], before, "{figure}");
        }
    }
}

#[test]
fn each_figure_has_an_alternative_text() {
    let picture = Regex::new(r"!\[([^\[\]]*)\]\(([^()]*)\)").expect("a pattern");
    for cell in cells(NOTEBOOKS[1]) {
        let (id, text) = (cell["id"].as_str().expect("an id"), joined(&cell["source"]));
        if cell["cell_type"] == "code" {
            continue;
        }
        let pictures: Vec<_> = picture.captures_iter(&text).collect();
        if !PLACES.iter().any(|(figure, _)| *figure == id) {
            assert!(pictures.is_empty(), "{id} shows a picture");
            continue;
        }
        assert_eq!(pictures.len(), 1, "{id}");
        assert_eq!(&pictures[0][2], format!("attachment:{id}.svg"));
        let words = pictures[0][1].split_whitespace().count();
        assert!(words >= 8, "{id} has an alternative text of {words} words");
    }
}

#[test]
fn attachments_equal_the_files() {
    for cell in cells(NOTEBOOKS[1]) {
        let Some(attachments) = cell.get("attachments").and_then(Value::as_object) else {
            continue;
        };
        let id = cell["id"].as_str().expect("an id");
        let names: Vec<&String> = attachments.keys().collect();
        assert_eq!(names, [&format!("{id}.svg")]);
        let bundle = &attachments[&format!("{id}.svg")];
        // JupyterLab takes the first type, and can show only the PNG.
        let types: Vec<&String> = bundle.as_object().expect("types").keys().collect();
        assert_eq!(types, ["image/png", "image/svg+xml"], "{id}");
        for (media_type, extension) in [("image/png", "png"), ("image/svg+xml", "svg")] {
            let content = BASE64
                .decode(joined(&bundle[media_type]).as_bytes())
                .expect("base64");
            assert!(
                content == file(&format!("{id}.{extension}")),
                "{id}: {media_type}"
            );
        }
    }
}

#[test]
fn there_are_no_files_without_a_figure() {
    let entries = fs::read_dir(root().join("notebooks/figures")).expect("the figures' directory");
    let found: BTreeSet<String> = entries
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    let expected: BTreeSet<String> = PLACES
        .iter()
        .flat_map(|(figure, _)| [format!("{figure}.png"), format!("{figure}.svg")])
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn drawings_are_self_contained_and_have_a_title() {
    let address =
        Regex::new(r#"(?:href|src)\s*=|url\(\s*['"]?[^#'")]|@import|<script"#).expect("a pattern");
    for (figure, _) in PLACES {
        let svg = String::from_utf8(file(&format!("{figure}.svg"))).expect("UTF-8");
        assert!(
            svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\""),
            "{figure}"
        );
        assert!(svg.contains("<title") && svg.contains("<desc"), "{figure}");
        assert_eq!(address.find(&svg), None, "{figure}");
    }
}

#[test]
fn bitmaps_are_made_from_the_current_drawings() {
    for (figure, _) in PLACES {
        let drawing = file(&format!("{figure}.svg"));
        let hash = HEXLOWER.encode(digest(&SHA256, &drawing).as_ref());
        let source = png_text(&file(&format!("{figure}.png")), "svg-sha256");
        assert_eq!(
            source,
            Some(hash),
            "{figure}.png is not made from {figure}.svg"
        );
    }
}

/// Returns the text for `keyword` in a PNG (PNG specification, 5.3 and 11.3.4.3: a chunk is length, type, data and
/// checksum; a `tEXt` chunk contains a keyword, a zero and the text).
fn png_text(png: &[u8], keyword: &str) -> Option<String> {
    let mut chunks = png.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    while let Some((length, rest)) = chunks.split_first_chunk::<4>() {
        let (kind, rest) = rest.split_first_chunk::<4>()?;
        let (data, rest) = rest.split_at_checked(u32::from_be_bytes(*length) as usize)?;
        let text = data
            .strip_prefix(keyword.as_bytes())
            .and_then(|data| data.strip_prefix(b"\0"));
        if let (b"tEXt", Some(text)) = (kind, text) {
            return String::from_utf8(text.to_vec()).ok();
        }
        chunks = rest.get(4..)?;
    }
    None
}
