//! Every link inside of the project leads to a file, and to a heading of it if it names one.

use super::common::sandbox::root;
use super::{PAGES, expect_none, pages};

#[test]
fn links_lead_somewhere() {
    let pages = pages();
    let anchors = |name: &str| {
        let page = pages.iter().find(|page| page.name == name);
        page.map(|page| page.anchors.as_slice()).unwrap_or_default()
    };
    let mut wrong = Vec::new();
    for page in &pages {
        for link in &page.links {
            if link.starts_with("https://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let file = if file.is_empty() { page.name } else { file };
            if !root().join(file).exists() {
                wrong.push(format!("{}: {link} names no file", page.name));
            }
            if !anchor.is_empty() && !anchors(file).iter().any(|heading| heading == anchor) {
                wrong.push(format!("{}: {link} names no heading", page.name));
            }
        }
    }
    expect_none(&wrong);
}

#[test]
fn each_document_is_reached_from_the_readme() {
    let links = &pages()[0].links;
    for name in &PAGES[1..] {
        assert!(links.iter().any(|link| link == name), "no link to {name}");
    }
}
