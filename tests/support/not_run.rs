//! Records which tests did not run for want of a tool, for all test programs of one run of cargo.

use super::built::tmp;
use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::process::parent_id;
use std::path::PathBuf;

/// The file with a line for each test that did not run: its name, a tab, and the reason.
const TESTS: &str = "tests";

/// Records that the calling test did not run. Fails it instead where `CI` or `THREADBOOK_REQUIRE_TOOLS` is set.
///
/// `_in_test` is a closure of the test, whose type tells the test's name.
#[track_caller]
pub fn record<F: Fn()>(_in_test: F, reason: &str) {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    assert!(
        !is_set("CI") && !is_set("THREADBOOK_REQUIRE_TOOLS"),
        "{reason}"
    );
    let test = std::any::type_name::<F>().trim_end_matches("::{{closure}}");
    append(TESTS, &format!("{test}\t{reason}\n"));
}

/// Remembers for this run of cargo why the tool cannot be had.
pub fn remember(tool: &str, reason: &str) {
    append(tool, reason);
}

/// Returns what this run of cargo remembers about the tool.
pub fn recall(tool: &str) -> Option<String> {
    fs::read_to_string(this_run().join(tool)).ok()
}

/// Returns the report of this run of cargo, and removes what earlier runs have recorded.
pub fn finish() -> String {
    for folder in fs::read_dir(all_runs()).into_iter().flatten().flatten() {
        let name = folder.file_name().to_string_lossy().into_owned();
        let id = name.split('-').next().and_then(|id| id.parse().ok());
        if id.is_none_or(|id| name_of_run(id) != name) {
            // Another run of cargo may remove it at the same time.
            let _ = fs::remove_dir_all(folder.path());
        }
    }
    report(&recall(TESTS).unwrap_or_default())
}

/// Returns a line for each reason in these records.
pub fn report(records: &str) -> String {
    let mut by_reason: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (test, reason) in records.lines().filter_map(|line| line.split_once('\t')) {
        by_reason.entry(reason).or_default().insert(test);
    }
    let line = |(reason, tests): (&str, BTreeSet<&str>)| {
        let first = tests.first().expect("a reason comes with a test");
        let others = match tests.len() - 1 {
            0 => String::new(),
            1 => " (and 1 other)".to_owned(),
            others => format!(" (and {others} others)"),
        };
        format!("not run: {first}{others}, because {reason}\n")
    };
    by_reason.into_iter().map(line).collect()
}

fn append(name: &str, text: &str) {
    let folder = this_run();
    fs::create_dir_all(&folder).expect("a directory");
    let file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(name));
    // One call, so that the lines of several threads do not mix.
    file.and_then(|mut file| file.write_all(text.as_bytes()))
        .expect("a file below the build directory");
}

fn all_runs() -> PathBuf {
    tmp().join("not-run")
}

fn this_run() -> PathBuf {
    all_runs().join(name_of_run(parent_id()))
}

/// Returns the id of cargo's process and the time when it started, because ids are reused (proc(5)).
fn name_of_run(cargo: u32) -> String {
    let stat = fs::read_to_string(format!("/proc/{cargo}/stat")).unwrap_or_default();
    // The name before this is in parentheses and may contain anything.
    let fields = stat.rsplit_once(") ").map_or("", |(_, fields)| fields);
    let started = fields.split(' ').nth(19).unwrap_or_default();
    format!("{cargo}-{started}")
}
