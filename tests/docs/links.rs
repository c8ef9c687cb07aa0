//! Checks that every link within the project leads to an existing file, and to an existing heading if it has an anchor.

use super::{PAGES, expect_none, pages};
use std::path::Path;
use support::sandbox::root;

#[test]
fn links_resolve() {
    let pages = pages();
    let anchors = |name: &str| {
        let page = pages.iter().find(|page| page.name == name);
        page.map(|page| page.anchors.as_slice()).unwrap_or_default()
    };
    let mut problems = Vec::new();
    for page in &pages {
        for link in &page.links {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let folder = Path::new(page.name).parent().unwrap_or(Path::new(""));
            let file = match file {
                "" => page.name.into(),
                _ => folder.join(file),
            };
            if !root().join(&file).exists() {
                problems.push(format!("{}: {link}: no such file", page.name));
            }
            let anchors = file.to_str().map(&anchors).unwrap_or_default();
            if !anchor.is_empty() && !anchors.iter().any(|heading| heading == anchor) {
                problems.push(format!("{}: {link}: no such heading", page.name));
            }
        }
    }
    expect_none(&problems);
}

#[test]
fn the_readme_links_to_each_document() {
    let links = &pages()[0].links;
    for name in &PAGES[1..] {
        assert!(links.iter().any(|link| link == name), "no link to {name}");
    }
}
