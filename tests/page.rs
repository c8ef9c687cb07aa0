//! The notebooks' pages in a real browser without a network.
//!
//! The tests leave screenshots and PDFs of the pages in `screenshots` below cargo's directory for test files.

use regex::Regex;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use support::browser::screenshots;
use support::project::{self, NOTEBOOKS};
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::{self, need};
use support::venv::Venv;
use support::{notebook, run};

/// The mean colour difference, from 0 to 255, that fonts and image scaling may cause. Two figures that differ only in a few
/// numbers are twice as far apart.
const TOLERANCE: f64 = 3.0;

/// Opens a page with `tests/python/page.py` and returns what the browser shows.
#[track_caller]
fn open(sandbox: &Sandbox, page: &Path, pictures: &[PathBuf]) -> Value {
    let mut command = Venv::open().python(sandbox, "page.py");
    command
        .env("CHROMIUM", tools::chromium().expect("Chromium"))
        .arg(page)
        .arg(screenshots())
        .args(pictures);
    let ended = run::to_end(&mut command, BOUND).expect_code(0);
    sandbox.expect_nothing_left();
    serde_json::from_str(&ended.stdout).expect("the script prints JSON")
}

/// Checks that the page loads nothing but itself and that the browser reports no errors.
#[track_caller]
fn check_self_contained(shown: &Value) {
    assert_eq!(shown["requests"], json!([shown["address"]]));
    assert_eq!(shown["complaints"], json!([]));
}

#[test]
fn pages_of_a_run_are_self_contained_and_readable_in_light_dark_and_print() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let folder = sandbox.path("pages");
    let paths = NOTEBOOKS.map(project::notebook_path);
    let run = [
        "run".into(),
        "--jobs=3".into(),
        "--html".into(),
        folder.clone().into_os_string(),
    ];
    sandbox
        .run(run.into_iter().chain(paths.map(PathBuf::into_os_string)))
        .expect_code(0);
    for name in NOTEBOOKS {
        let shown = open(&sandbox, &folder.join(name).with_extension("html"), &[]);
        check_self_contained(&shown);
        let code_cells = notebook::code_cells(&notebook::read(&project::notebook_path(name))).len();
        for (medium, look) in shown["looks"].as_object().expect("looks by medium") {
            let (text, background) = (brightness(&look["text"]), brightness(&look["background"]));
            if medium == "dark" {
                assert!(text > background + 128.0, "{name}, dark: {look}");
            } else {
                assert!(background > text + 128.0, "{name}, {medium}: {look}");
            }
            // A wider page would scroll sideways.
            assert!(
                look["wide"].as_u64() <= shown["width"].as_u64(),
                "{name}, {medium}: {look}"
            );
            assert!(
                look["loaded"]
                    .as_array()
                    .expect("pictures")
                    .iter()
                    .all(|loaded| loaded == true)
            );
            assert!(
                look["blocks"].as_u64() >= Some(code_cells as u64),
                "{name}, {medium}: {look}"
            );
        }
        // Paper does not scroll, so nothing may be cut off.
        assert_eq!(shown["looks"]["paper"]["cut"], json!([]), "{name}");
    }
}

#[test]
fn figures_on_the_page_match_their_files() {
    need!(python, chromium);
    let sandbox = Sandbox::new();
    let folder = sandbox.path("pages");
    let path = project::notebook_path(NOTEBOOKS[1]);
    let html = [
        "html".as_ref(),
        path.as_os_str(),
        "--output-dir".as_ref(),
        folder.as_os_str(),
    ];
    sandbox.run(html).expect_code(0);
    let figures: Vec<PathBuf> = (1..=19)
        .map(|number| root().join(format!("notebooks/figures/F{number}.png")))
        .collect();
    let page = folder.join(NOTEBOOKS[1]).with_extension("html");
    let shown = open(&sandbox, &page, &figures);
    check_self_contained(&shown);
    let differences: Vec<(f64, f64)> =
        serde_json::from_value(shown["differences"].clone()).expect("pairs of numbers");
    assert_eq!(differences.len(), figures.len());
    for (figure, (own, next)) in figures.iter().zip(differences) {
        let name = figure.display();
        assert!(
            own < TOLERANCE,
            "{name}: differs by {own} from the figure on the page"
        );
        // Another figure must not pass.
        assert!(
            next > TOLERANCE,
            "{name}: the next figure differs by only {next}"
        );
    }
}

/// Returns the brightness of a CSS colour, from 0 (black) to 255 (white).
#[track_caller]
fn brightness(colour: &Value) -> f64 {
    let colour = colour.as_str().expect("a colour");
    let number = Regex::new(r"\d+").expect("a pattern");
    let parts: Vec<f64> = number
        .find_iter(colour)
        .take(3)
        .map(|part| part.as_str().parse().expect("digits"))
        .collect();
    assert!(colour.starts_with("rgb(") && parts.len() == 3, "{colour}");
    parts.iter().sum::<f64>() / 3.0
}
