//! Plays a user's actions in JupyterLab in a real browser, and checks what the page shows.
//!
//! Screenshots stay in `screenshots` below cargo's directory for temporary files of tests (`target/tmp`).

use regex::Regex;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;
use support::browser::{self, Shown};
use support::executed::{check_sound, judge_all};
use support::project::{self, NOTEBOOKS};
use support::sandbox::{BOUND, Sandbox};
use support::tools::{self, need};
use support::venv::Venv;
use support::{notebook, run};

/// Plays a scenario of `tests/python/lab.py` with a notebook; returns what the page showed.
///
/// Also checks that the browser reports no errors and sends requests only to JupyterLab, and that nothing is left behind.
#[track_caller]
fn play(sandbox: &Sandbox, scenario: &str, path: &Path, argument: Option<&str>) -> Value {
    let venv = Venv::open();
    let mut command = venv.python(sandbox, "lab.py");
    command
        .env("CHROMIUM", tools::chromium().expect("Chromium"))
        .args([scenario.as_ref(), path, &sandbox.path("jupyter")])
        .arg(browser::screenshots())
        .args(argument);
    let ended = run::to_end(&mut command, BOUND).expect_code(0);
    let shown: Value = serde_json::from_str(&ended.stdout).expect("the scenario prints JSON");
    assert_eq!(shown["complaints"], json!([]));
    assert_eq!(shown["away"], json!([]));
    sandbox.expect_nothing_left();
    shown
}

/// Writes a notebook with these code cells into the sandbox; returns its path.
fn write_notebook<const N: usize>(
    sandbox: &Sandbox,
    cells: [(&str, &str); N],
) -> std::path::PathBuf {
    let path = sandbox.work().join("lesson.ipynb");
    notebook::write(&path, &notebook::of(cells));
    path
}

fn step_through(name: &str) {
    let sandbox = Sandbox::new();
    let mut lesson = notebook::read(&project::notebook_path(name));
    notebook::clear(&mut lesson);
    let path = project::mirror(&sandbox.path("project")).join(name);
    notebook::write(&path, &lesson);
    let shown = play(&sandbox, "step", &path, None);

    // JupyterLab did not ask for a kernel or anything else.
    assert_eq!(shown["dialogs"], json!([]));
    let cells = browser::cells(&shown["cells"]);
    let executed = browser::executed(&lesson, &cells);
    judge_all(&executed, str::to_owned);
    check_sound(&executed);
    for (cell, shown) in lesson["cells"]
        .as_array()
        .expect("cells")
        .iter()
        .zip(&cells)
    {
        let attached = cell["attachments"]
            .as_object()
            .map_or(0, |files| files.len());
        assert_eq!(shown.pictures.len(), attached, "{}", shown.id);
        assert!(
            shown.pictures.iter().all(|width| *width > 0),
            "{}: a picture has not loaded",
            shown.id
        );
        assert!(
            shown.outputs.iter().all(|output| output.height > 0.0),
            "{}: an output is hidden",
            shown.id
        );
    }
    for bar in cells.iter().filter(|cell| is_bar(cell)) {
        let values = values_while_it_ran(bar);
        assert!(
            values.len() >= 3,
            "the bar of {} was seen only at {values:?}",
            bar.id
        );
    }
    let bars = cells.iter().filter(|cell| is_bar(cell)).count();
    assert_eq!(bars, 2, "cells with bars in {name}");
}

fn is_bar(cell: &Shown) -> bool {
    ["A9", "A13", "B19", "B20"].contains(&&cell.id[..])
}

/// Returns the percentages that a bar showed while its cell was running.
fn values_while_it_ran(cell: &Shown) -> BTreeSet<u32> {
    let percentage = Regex::new(r"(\d+)%\|").expect("a pattern");
    let running = cell.seen.iter().filter(|state| state.prompt == "[*]:");
    running
        .flat_map(|state| percentage.captures_iter(&state.shown))
        .map(|found| found[1].parse().expect("digits"))
        .collect()
}

#[test]
fn multithreading_can_be_stepped_through() {
    need!(python, chromium);
    step_through(NOTEBOOKS[0]);
}

#[test]
fn threads_and_processes_can_be_stepped_through() {
    need!(python, chromium);
    step_through(NOTEBOOKS[1]);
}

#[test]
fn the_stop_button_ends_a_loop_and_the_next_cell_runs() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let path = write_notebook(
        &sandbox,
        [
            ("kept", "let kept = vec![1, 2];"),
            (
                "loop",
                "println!(\"looping\");\nloop { std::hint::spin_loop(); }",
            ),
            ("after", "kept"),
        ],
    );
    let shown = play(&sandbox, "interrupt", &path, Some("looping"));
    let cells = browser::cells(&shown["cells"]);
    let [_, stopped, after] = &cells[..] else {
        panic!("{cells:#?}")
    };
    assert_eq!(stopped.outputs[0].text, "looping\n");
    assert!(
        stopped.outputs[1].text.starts_with("Interrupted: "),
        "{stopped:#?}"
    );
    assert_eq!(after.result(), Some("[1, 2]"));
    assert_eq!(after.prompt.as_deref(), Some("[3]:"));
}

#[test]
fn the_kernel_menu_restarts_and_runs_all() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let path = write_notebook(
        &sandbox,
        [
            ("first", "let n = 20;"),
            ("second", "println!(\"{}\", n * 2);"),
            ("third", "n + 1"),
        ],
    );
    let shown = play(&sandbox, "restart", &path, None);
    for round in ["first", "again"] {
        let cells = browser::cells(&shown[round]);
        let prompts: Vec<_> = cells
            .iter()
            .filter_map(|cell| cell.prompt.as_deref())
            .collect();
        assert_eq!(prompts, ["[1]:", "[2]:", "[3]:"], "{round}");
        assert_eq!(cells[1].outputs[0].text, "40\n", "{round}");
        assert_eq!(cells[2].result(), Some("21"), "{round}");
    }
    // The restarted kernel has no variables.
    let alone = &shown["alone"]["outputs"][0]["text"];
    assert!(
        alone.as_str().expect("a text").starts_with("error[E0425]"),
        "{alone}"
    );
}

#[test]
fn tab_offers_names_and_shift_tab_explains() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let functions = "/// The first of two.\nfn alike_one(n: u8) -> u8 { n }\n\
        /// The second of two.\nfn alike_two(n: u8) -> u8 { n }";
    let path = write_notebook(&sandbox, [("functions", functions), ("empty", "")]);
    let shown = play(&sandbox, "help", &path, Some("alike_"));
    assert_eq!(shown["offered"], json!(["alike_one", "alike_two"]));
    assert_eq!(shown["chosen"], "alike_two");
    let tooltip = shown["tooltip"].as_str().expect("a text");
    for part in ["fn alike_two(n: u8) -> u8", "The second of two."] {
        assert!(tooltip.contains(part), "{tooltip}");
    }
}

#[test]
fn the_launcher_shows_the_icon_and_opens_a_notebook_for_rust() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let path = sandbox.work().join("new.ipynb");
    let shown = play(&sandbox, "launcher", &path, Some("let answer = 42;"));
    assert!(
        shown["icon"].as_u64() > Some(0),
        "the icon has not loaded: {shown}"
    );
    assert_ne!(shown["keyword"], shown["plain"], "`let` is not highlighted");
}

#[test]
fn the_file_menu_exports_a_page_with_the_outputs() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let path = write_notebook(&sandbox, [("answer", "println!(\"answer: {}\", 6 * 7);")]);
    let page = sandbox.path("lesson.html");
    let shown = play(&sandbox, "export", &path, page.to_str());
    assert_eq!(shown["name"], "lesson.html");
    let page = std::fs::read_to_string(page).expect("the downloaded page");
    assert!(
        page.contains("answer: 42\n"),
        "the output is missing: {page}"
    );
}

#[test]
fn an_order_can_be_gone_through_in_a_notebook_that_is_not_trusted() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let mut lesson = notebook::read(&project::notebook_path(NOTEBOOKS[0]));
    let cells = lesson["cells"].as_array_mut().expect("cells");
    cells.retain(|cell| cell["id"] == "extra-every-order");
    let path = sandbox.work().join("lesson.ipynb");
    notebook::write(&path, &lesson);
    let shown = play(&sandbox, "unfold", &path, None);
    let steps: Vec<Vec<String>> = serde_json::from_value(shown["seen"].clone()).expect("lists");
    let numbers = steps.iter().map(|steps| {
        let numbers = steps.iter().map(|step| step.split(' ').next());
        numbers.map(Option::unwrap_or_default).collect::<Vec<_>>()
    });
    assert_eq!(
        numbers.collect::<Vec<_>>(),
        [
            vec!["1"],
            vec!["1", "2"],
            vec!["2", "3"],
            vec!["3", "4"],
            vec!["2", "3"]
        ],
        "{steps:?}"
    );
    assert!(
        shown["width"].as_u64() > Some(0),
        "the graph has not loaded"
    );
}
