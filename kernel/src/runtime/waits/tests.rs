//! Tests of what is said in several crates, which are compiled apart; and what other tests begin with.

use super::accesses::Access;
use super::event::EventKind;
use std::collections::BTreeMap;
use std::sync::Once;

/// Starts to record waits, once for all tests of this process: each start makes new tables.
pub fn start_once() {
    static START: Once = Once::new();
    START.call_once(|| super::start().expect("shared memory"));
}

const RUNTIME: [&str; 3] = [
    include_str!("event.rs"),
    include_str!("table.rs"),
    include_str!("accesses.rs"),
];
const WATCHED_STD: &str = include_str!("../../../watched_std/events.rs");
const HELPER: [&str; 2] = [
    include_str!("../../../../src/notebook/watched.rs"),
    include_str!("../../../../src/notebook/blocked.rs"),
];

const SCHEDULE: &str = include_str!("../schedule/step.rs");
const EXPLORED_STD: &str = include_str!("../../../explored_std/steps.rs");
const EXPLORED_HELPER: &str = include_str!("../../../../src/notebook/explored.rs");

/// Returns the numbers that the block beginning with `head` gives to names, as `Name = 1` or `Name => 1`.
fn numbers(source: &str, head: &str) -> BTreeMap<String, u32> {
    let (_, block) = source.split_once(head).expect("the block");
    let (block, _) = block.split_once("\n}").expect("its end");
    let number = regex::Regex::new(r"(\w+)(?:\(_\))? =>? (\d+),").expect("a pattern");
    number
        .captures_iter(block)
        .map(|found| {
            let [name, number] = found.extract().1;
            (name.to_owned(), number.parse().expect("a number"))
        })
        .collect()
}

/// Fails unless all of these names have these numbers.
fn expect_all(known: &BTreeMap<String, u32>, used: &BTreeMap<String, u32>) {
    assert!(!used.is_empty());
    for (name, number) in used {
        assert_eq!(known.get(name), Some(number), "{name}");
    }
}

#[test]
fn all_crates_have_the_same_numbers() {
    let [event, table, accesses] = RUNTIME;
    let [watched, blocked] = HELPER;
    let events = numbers(event, "pub enum EventKind {");
    expect_all(&events, &numbers(WATCHED_STD, "pub enum Event {"));
    expect_all(&events, &numbers(watched, "pub(crate) enum Event {"));
    let unlock = format!("const UNLOCK: u32 = {};", events["Unlock"]);
    assert!(WATCHED_STD.contains(&unlock));
    let known = numbers(accesses, "enum Access {");
    assert_eq!(numbers(WATCHED_STD, "pub enum Access {"), known);
    assert_eq!(numbers(watched, "pub(crate) enum Access {"), known);
    let kinds = numbers(table, "pub enum Kind {");
    expect_all(&kinds, &numbers(blocked, "impl BlockedOn {"));
}

/// Returns the names and types of the fields of the structure beginning with `head`.
fn fields(source: &str, head: &str) -> Vec<(String, String)> {
    let (_, block) = source.split_once(head).expect("the structure");
    let (block, _) = block.split_once("\n}").expect("its end");
    let field = regex::Regex::new(r"(?m)^ +(?:pub )?(\w+): (.+),$").expect("a pattern");
    let found = field.captures_iter(block).map(|found| found.extract().1);
    found
        .map(|[name, ty]| (name.to_owned(), ty.to_owned()))
        .collect()
}

#[test]
fn all_crates_mean_the_same_steps() {
    let kinds = numbers(SCHEDULE, "pub enum Kind {");
    expect_all(&kinds, &numbers(EXPLORED_STD, "pub enum Kind {"));
    expect_all(&kinds, &numbers(EXPLORED_HELPER, "pub(crate) enum Kind {"));
    let layout = fields(SCHEDULE, "pub struct Request {");
    assert!(!layout.is_empty());
    assert_eq!(fields(EXPLORED_STD, "pub struct Step {"), layout);
    assert_eq!(fields(EXPLORED_HELPER, "struct Step {"), layout);
}

#[test]
fn numbers_stand_for_what_has_them() {
    let events = (0..100).filter_map(|number| Some((number, EventKind::of_number(number)?)));
    let mut known = 0;
    for (number, event) in events {
        assert_eq!(event as u32, number);
        known += 1;
    }
    assert_eq!(known, numbers(RUNTIME[0], "pub enum EventKind {").len());
    for number in 0..3 {
        assert_eq!(Access::of_number(number) as u32, number);
    }
}
