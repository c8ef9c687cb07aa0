//! Checks the documented JSON: metadata that `check` accepts, and the form of its report.

use super::pages;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use support::notebook;
use support::sandbox::Sandbox;

/// Returns all blocks of JSON, each with the name of its document.
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

/// Puts each documented metadata into a cell whose output differs from the stored one, so that `check` reads it and
/// reports a difference.
#[test]
fn check_accepts_the_documented_metadata_and_writes_the_documented_report() {
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
            "the form of the report must be described once, not {} times",
            described.len()
        );
    };
    assert_eq!(form(&json!(described)), form(&report));
}

/// Returns the names of the members of all objects, by the path of the object.
fn form(value: &Value) -> BTreeMap<String, Vec<String>> {
    let mut found = BTreeMap::new();
    collect("", value, &mut found);
    found
}

fn collect(path: &str, value: &Value, found: &mut BTreeMap<String, Vec<String>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, found)),
        Value::Object(members) => {
            let mut names: Vec<String> = members.keys().cloned().collect();
            names.sort();
            found.insert(path.to_owned(), names);
            for (name, member) in members {
                collect(&format!("{path}/{name}"), member, found);
            }
        }
        _ => {}
    }
}
