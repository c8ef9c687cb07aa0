//! Checks that the tables of commands, options and variables are complete and name only what exists.

use super::page::{Page, code_in};
use super::pages;
use regex::Regex;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use support::run::{self, Ended};
use support::sandbox::{BOUND, Sandbox, root};

type Names = BTreeSet<String>;

/// Variables that Threadbook's processes set for each other, and one for debugging.
const INTERNAL: [&str; 8] = [
    "THREADBOOK_STD_BRIDGE",
    "THREADBOOK_LOG",
    "THREADBOOK_NETWORK_LIBRARY",
    "THREADBOOK_RUNTIME",
    "THREADBOOK_SOCKET",
    "THREADBOOK_TIMINGS",
    "THREADBOOK_TRACE",
    "THREADBOOK_WATCH",
];

#[test]
fn all_commands_are_in_the_guide() {
    let guide = Page::read("GUIDE.md");
    let in_table: Names = first_columns(&guide, "Command")
        .iter()
        .filter_map(|code| {
            Some(
                code.strip_prefix("threadbook ")?
                    .split(' ')
                    .next()?
                    .to_owned(),
            )
        })
        .collect();
    assert_eq!(in_table, commands());
}

#[test]
fn all_options_are_in_the_guide() {
    let guide = Page::read("GUIDE.md");
    for command in commands() {
        let in_tables: Names = guide
            .tables
            .iter()
            .filter(|table| {
                table.head[0].starts_with("Option of") && code_in(&table.head[0]).contains(&command)
            })
            .flat_map(|table| &table.rows)
            .flat_map(|row| options_in(&code_in(&row[0]).join(" ")))
            .collect();
        assert_eq!(in_tables, options(&command), "options of {command}");
    }
}

/// Includes options in sentences and commands.
#[test]
fn all_documented_options_exist() {
    for page in pages() {
        for command in commands() {
            let known = options(&command);
            let calls = Regex::new(&format!(r"threadbook {command}\b[^`\n]*")).expect("a pattern");
            for call in calls.find_iter(&page.text) {
                let unknown: Names = &options_in(call.as_str()) - &known;
                assert!(
                    unknown.is_empty(),
                    "{}: {}: {unknown:?}",
                    page.name,
                    call.as_str()
                );
            }
        }
    }
}

#[test]
fn all_variables_are_in_the_guide() {
    let guide = Page::read("GUIDE.md");
    let in_table: Names = first_columns(&guide, "Variable")
        .into_iter()
        .filter(|code| code.starts_with("THREADBOOK_"))
        .collect();
    let mut in_sources = Names::new();
    for folder in ["src", "network/src", "kernel/src"] {
        collect_variables(&root().join(folder), &mut in_sources);
    }
    for name in INTERNAL {
        assert!(in_sources.remove(name), "{name} is not in the sources");
    }
    assert_eq!(in_table, in_sources);
}

#[test]
fn all_classes_and_masks_are_in_the_guide() {
    let guide = Page::read("GUIDE.md");
    for (option, head) in [("--class", "Class"), ("--mask", "Mask")] {
        let error = threadbook(&["check", option, "nonsense", "."])
            .expect_code(2)
            .stderr;
        // `the classes are: ...` or `the masks are: ...`
        let (_, names) = error.split_once("s are: ").expect("the names");
        let names = names.lines().next().unwrap_or_default();
        let in_table: Names = first_columns(&guide, head)
            .into_iter()
            .filter(|code| !code.starts_with('{'))
            .collect();
        assert_eq!(
            in_table,
            names.split(", ").map(str::to_owned).collect(),
            "{option}"
        );
    }
}

/// Returns the code spans in the first columns of the tables with this head.
fn first_columns(page: &Page, head: &str) -> Names {
    let rows = page.tables_of(head).flat_map(|table| &table.rows);
    rows.flat_map(|row| code_in(&row[0])).collect()
}

/// Returns the commands in the program's help.
fn commands() -> Names {
    let help = threadbook(&["--help"]).expect_code(0).stdout;
    let (_, after) = help.split_once("Commands:\n").expect("commands");
    let (list, _) = after.split_once("\n\n").expect("the end of the list");
    let names = list
        .lines()
        .filter_map(|line| line.split_whitespace().next());
    names
        .filter(|name| *name != "help")
        .map(str::to_owned)
        .collect()
}

/// Returns the options in a command's help, except `--help`.
fn options(command: &str) -> Names {
    let help = threadbook(&[command, "--help"]).expect_code(0).stdout;
    let begins = Regex::new(r"(?m)^ {2,6}(-[a-z], )?--[a-z-]+").expect("a pattern");
    let options = begins
        .find_iter(&help)
        .flat_map(|begin| options_in(begin.as_str()));
    options
        .filter(|option| !["-h", "--help"].contains(&option.as_str()))
        .collect()
}

/// Returns all options in a text, such as `--jobs` and `-j`.
fn options_in(text: &str) -> Names {
    let option = Regex::new(r"(?:^|[\s\[])(--[a-z][a-z-]*|-[a-z])\b").expect("a pattern");
    option
        .captures_iter(text)
        .map(|found| found[1].to_owned())
        .collect()
}

fn threadbook(arguments: &[&str]) -> Ended {
    let sandbox = Sandbox::new();
    run::to_end(sandbox.threadbook().args(arguments), BOUND)
}

fn collect_variables(folder: &Path, found: &mut Names) {
    let name = Regex::new(r"\bTHREADBOOK_[A-Z_]+\b").expect("a pattern");
    for entry in fs::read_dir(folder).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect_variables(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source");
            found.extend(name.find_iter(&source).map(|name| name.as_str().to_owned()));
        }
    }
}
