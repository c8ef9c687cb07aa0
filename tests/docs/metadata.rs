//! The JSON of the documents: metadata that `check` understands, and the form of its report.

use super::common::notebook;
use super::common::sandbox::Sandbox;
use super::common::turn;
use super::pages;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// All blocks of JSON, each with the name of its document.
fn blocks() -> Vec<(&'static str, Map<String, Value>)> {
    let mut found = Vec::new();
    for page in pages() {
        for block in page.blocks_in("json") {
            let object = serde_json::from_str(&block.text)
                .unwrap_or_else(|error| panic!("{}: {error}\n{}", page.name, block.text));
            found.push((page.name, object));
        }
    }
    found
}

/// Each metadata is put into a cell that shows something else, so that `check` has to read it and to report a difference.
#[test]
fn check_understands_the_metadata_and_reports_in_the_form_that_is_described() {
    let _turn = turn::shared();
    let blocks = blocks();
    let (described, metadata): (Vec<_>, Vec<_>) = blocks
        .into_iter()
        .map(|(_, object)| object)
        .partition(|object| object.contains_key("notebooks"));
    let sandbox = Sandbox::new();
    let names: Vec<String> = (0..metadata.len()).map(|n| format!("cell-{n}")).collect();
    let cells = names
        .iter()
        .map(|name| (name.as_str(), "println!(\"new\");"));
    let mut checked = notebook::of(cells);
    for (index, metadata) in metadata.iter().enumerate() {
        let cell = &mut checked["cells"][index];
        cell["metadata"] = json!(metadata);
        cell["execution_count"] = json!(1);
    }
    notebook::write(&sandbox.work().join("checked.ipynb"), &checked);
    sandbox
        .run(["check", "checked.ipynb", "--json", "report.json"])
        .expect_code(1);

    let report = notebook::read(&sandbox.work().join("report.json"));
    for (index, metadata) in metadata.iter().enumerate() {
        let class = metadata
            .get("threadbook")
            .and_then(|own| own["class"].as_str());
        let rule = report["notebooks"][0]["cells"][index]["rule"]
            .as_str()
            .expect("a rule");
        let used = rule.split(", ").next();
        assert_eq!(used, Some(class.unwrap_or("exact")), "{metadata:?}");
    }
    let [described] = &described[..] else {
        panic!(
            "the form of the report is described once, not {} times",
            described.len()
        );
    };
    assert_eq!(form(&json!(described)), form(&report));
}

/// The names of all members of objects, at all depths.
fn form(value: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    collect("", value, &mut found);
    found
}

fn collect(place: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(place, item, found)),
        Value::Object(members) => {
            let mut names: Vec<String> = members.keys().cloned().collect();
            names.sort();
            found.insert(place.to_owned(), names);
            for (name, member) in members {
                collect(&format!("{place}/{name}"), member, found);
            }
        }
        _ => {}
    }
}
