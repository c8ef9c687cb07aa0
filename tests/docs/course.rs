//! The course in the guide has all cells of the notebooks, in their order.

use super::common::notebook;
use super::common::project::{self, NOTEBOOKS};
use super::page::Page;
use regex::Regex;
use std::collections::BTreeSet;

#[test]
fn the_course_has_all_cells_in_order() {
    let guide = Page::read("GUIDE.md");
    for name in NOTEBOOKS {
        let notebook = notebook::read(&project::notebook_path(name));
        let cells = notebook::code_cells(&notebook);
        let ids: Vec<&str> = cells.iter().map(|cell| cell.id()).collect();
        let table = guide
            .tables_of("Cells")
            .find(|table| table.section.ends_with(name))
            .unwrap_or_else(|| panic!("no section with a table of {name}"));
        let taught: Vec<&str> = table
            .rows
            .iter()
            .flat_map(|row| range(&ids, &row[0]))
            .collect();
        assert_eq!(taught, ids, "{name}");
    }
}

/// A cell or a figure that is spoken of is in one of the notebooks.
#[test]
fn cells_that_are_named_are_there() {
    let notebooks = NOTEBOOKS.map(|name| notebook::read(&project::notebook_path(name)));
    let ids: BTreeSet<&str> = notebooks
        .iter()
        .flat_map(|notebook| notebook["cells"].as_array().expect("cells"))
        .filter_map(|cell| cell["id"].as_str())
        .collect();
    let id = Regex::new(r"\b(?:[ABF][1-9]\d?|extra(?:-[a-z]+)+)\b").expect("a pattern");
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

/// The cells of `A2` or of `A2..A6`.
fn range<'a>(ids: &[&'a str], range: &str) -> Vec<&'a str> {
    let place = |id: &str| {
        let place = ids.iter().position(|known| *known == id);
        place.unwrap_or_else(|| panic!("{range}: there is no cell {id}"))
    };
    let (first, last) = range.split_once("..").unwrap_or((range, range));
    ids[place(first)..=place(last)].to_vec()
}
