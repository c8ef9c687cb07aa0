//! The pages of the notebooks in a real browser that has no network.
//!
//! Pictures of the pages, and the pages on paper, are left in `screenshots` below cargo's folder for what tests leave.

mod common;

use common::browser::screenshots;
use common::project::{self, NOTEBOOKS};
use common::sandbox::{BOUND, Sandbox, root};
use common::venv::Venv;
use common::{notebook, run, turn};
use regex::Regex;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

/// The mean difference of a colour, from 0 to 255, that fonts and the scaling of a picture may make. Two figures that
/// differ in a few numbers only are twice as far from each other.
const TOLERANCE: f64 = 3.0;

/// Opens a page by `tests/python/page.py`; gives what is to be seen there.
#[track_caller]
fn open(sandbox: &Sandbox, page: &Path, pictures: &[PathBuf]) -> Value {
    let mut command = Venv::open().python(sandbox, "page.py");
    command.arg(page).arg(screenshots()).args(pictures);
    let ended = run::to_end(&mut command, BOUND).expect_code(0);
    sandbox.expect_nothing_left();
    serde_json::from_str(&ended.stdout).expect("the script tells JSON")
}

/// The page asks for nothing but itself, and the browser complains of nothing.
#[track_caller]
fn check_alone(shown: &Value) {
    assert_eq!(shown["requests"], json!([shown["address"]]));
    assert_eq!(shown["complaints"], json!([]));
}

#[test]
fn pages_of_a_run_load_nothing_and_are_shown_in_light_in_dark_and_on_paper() {
    let _turn = turn::alone();
    let sandbox = Sandbox::new();
    let folder = sandbox.path("pages");
    let paths = NOTEBOOKS.map(project::notebook_path);
    let run = [
        "run".into(),
        "--html".into(),
        folder.clone().into_os_string(),
    ];
    sandbox
        .run(run.into_iter().chain(paths.map(PathBuf::into_os_string)))
        .expect_code(0);
    for name in NOTEBOOKS {
        let shown = open(&sandbox, &folder.join(name).with_extension("html"), &[]);
        check_alone(&shown);
        let code_cells = notebook::code_cells(&notebook::read(&project::notebook_path(name))).len();
        for (medium, look) in shown["looks"].as_object().expect("looks by medium") {
            let (text, background) = (brightness(&look["text"]), brightness(&look["background"]));
            if medium == "dark" {
                assert!(text > background + 128.0, "{name} in the dark: {look}");
            } else {
                assert!(background > text + 128.0, "{name}, {medium}: {look}");
            }
            // Else the page could be moved to the side.
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
        // What is cut off on paper cannot be scrolled into view.
        assert_eq!(shown["looks"]["paper"]["cut"], json!([]), "{name}");
    }
}

#[test]
fn figures_look_on_the_page_as_their_files_do() {
    let _turn = turn::shared();
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
    check_alone(&shown);
    let differences: Vec<(f64, f64)> =
        serde_json::from_value(shown["differences"].clone()).expect("pairs of numbers");
    assert_eq!(differences.len(), figures.len());
    for (figure, (own, next)) in figures.iter().zip(differences) {
        let name = figure.display();
        assert!(
            own < TOLERANCE,
            "{name}: differs by {own} from what the page shows"
        );
        // Nor would any other picture do.
        assert!(
            next > TOLERANCE,
            "{name}: the next figure differs by {next} only"
        );
    }
}

/// From 0 for black to 255 for white.
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
