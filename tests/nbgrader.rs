//! nbgrader with the configuration in `deploy`: an assignment in Rust, from the source to the pages for students.

use serde_json::{Value, json};
use support::sandbox::{BOUND, Sandbox, root};
use support::tools::{self, need};
use support::venv::Venv;
use support::{notebook, run};

/// The time limit of a cell, in seconds. Two cells use it up.
const CELL_TIMEOUT: &str = "5";

#[test]
fn what_a_student_breaks_costs_that_question_only() {
    need!(python, nbgrader);
    let packages = tools::nbgrader().unwrap_or_else(|reason| panic!("{reason}"));
    let (venv, sandbox) = (Venv::open(), Sandbox::new());
    let setup = sandbox.work().join("setup.ipynb");
    notebook::write(
        &setup,
        &notebook::of_sources(&["use threadbook::prelude::*;"]),
    );
    sandbox
        .run(["fetch".into(), setup.into_os_string()])
        .expect_code(0);

    let mut round = venv.python(&sandbox, "grade.py");
    let others = venv.search_path();
    let search_path = std::iter::once(packages.join("bin")).chain(std::env::split_paths(&others));
    round
        .arg(root().join("deploy/nbgrader_config.py"))
        .arg(CELL_TIMEOUT)
        .env("PATH", std::env::join_paths(search_path).expect("a PATH"))
        .env("PYTHONPATH", &packages);
    let ended = run::to_end(&mut round, BOUND).expect_code(0);
    let graded: Value = serde_json::from_str(&ended.stdout).expect("grades");

    let points = |sum: f64, square: f64, even: f64, shout: f64, last: f64, first: f64| {
        json!({
            "sum": sum, "square": square, "even": even, "shout": shout, "last": last, "first": first,
        })
    };
    assert_eq!(
        graded["points"],
        json!({
            // What is written to stderr costs nothing.
            "kim": points(2.0, 1.0, 3.0, 1.0, 1.0, 1.0),
            // The hidden test fails and the deleted one too, two values of three are right, one answer does not compile, and
            // one ends the process.
            "sam": points(0.0, 0.0, 2.0, 0.0, 0.0, 1.0),
            // An endless loop, an abort, a flood, an overflow of the stack and a wrong pointer.
            "alex": points(0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
        })
    );

    let released = graded["released"].as_str().expect("a notebook");
    for (marker, times) in [("BEGIN", 0), ("END", 0), ("sum(&[])", 0), ("todo!();", 6)] {
        assert_eq!(released.matches(marker).count(), times, "{released}");
    }
    assert_eq!(graded["returned"], 3, "pages for students");
    for (student, texts) in [
        ("kim", ["Score: 9.0 / 9.0", "numbers.last()"]),
        ("sam", ["Score: 3.0 / 9.0", "not yet implemented"]),
        ("alex", ["Score: 1.0 / 9.0", "Interrupted"]),
    ] {
        let page = graded["pages"][student].as_str().expect("a page");
        for text in texts {
            assert!(
                page.contains(text),
                "{student} does not read {text}: {page}"
            );
        }
    }
    sandbox.expect_nothing_left();
}
