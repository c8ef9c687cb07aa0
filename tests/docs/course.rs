//! Checks that the course in the guide covers all cells of the notebooks, in order.

use super::page::Page;
use regex::Regex;
use std::collections::BTreeSet;
use support::notebook;
use support::project::{self, NOTEBOOKS};

#[test]
fn the_course_covers_all_cells_in_order() {
    let guide = Page::read("GUIDE.md");
    for name in NOTEBOOKS {
        let notebook = notebook::read(&project::notebook_path(name));
        let cells = notebook::code_cells(&notebook);
        let ids: Vec<&str> = cells.iter().map(|cell| cell.id()).collect();
        let table = guide
            .tables_of("Cells")
            .find(|table| table.section.ends_with(name))
            .unwrap_or_else(|| panic!("no section has a table for {name}"));
        let taught: Vec<&str> = table
            .rows
            .iter()
            .flat_map(|row| range(&ids, &row[0]))
            .collect();
        assert_eq!(taught, ids, "{name}");
    }
}

/// Checks that the cells and figures named in the documents are in one of the notebooks.
#[test]
fn documented_cells_and_figures_exist() {
    let notebooks = NOTEBOOKS.map(|name| notebook::read(&project::notebook_path(name)));
    let ids: BTreeSet<&str> = notebooks
        .iter()
        .flat_map(|notebook| notebook["cells"].as_array().expect("cells"))
        .filter_map(|cell| cell["id"].as_str())
        .collect();
    let id = Regex::new(r"\b(?:[ABFW][1-9]\d?|extra(?:-[a-z]+)+)\b").expect("a pattern");
    for page in super::pages() {
        for named in id.find_iter(&page.text) {
            assert!(
                ids.contains(named.as_str()),
                "{}: {}",
                page.name,
                named.as_str()
            );
        }
    }
}

/// Returns the cells of `A2` or of `A2..A6`.
fn range<'a>(ids: &[&'a str], range: &str) -> Vec<&'a str> {
    let position = |id: &str| {
        let position = ids.iter().position(|known| *known == id);
        position.unwrap_or_else(|| panic!("{range}: no cell {id}"))
    };
    let (first, last) = range.split_once("..").unwrap_or((range, range));
    ids[position(first)..=position(last)].to_vec()
}
