//! What a cell may ask for, and what it shows of the build.

use super::*;
use support::kernel::Kernel;
use support::tools::need;
use support::venv::Venv;

#[test]
fn two_versions_of_a_crate_can_be_used() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"0.4\"\nlet mut text = Vec::new();\nitoa::write(&mut text, 12).unwrap();\ntext.len()",
            ":dep itoa = \"1\"\nitoa::Buffer::new().format(text.len())",
        ],
    );
    assert_eq!(cells[0].result().as_deref(), Some("2"));
    let second = cells[1].shown();
    assert!(
        second.contains("`itoa` is now requested as 1, before as 0.4"),
        "{second}"
    );
    assert!(cells[1].error().is_none(), "{}", cells[1].shown());
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"\n:dep old-itoa = { package = \"itoa\", version = \"0.4\" }\n\
           let mut text = Vec::new();\nold_itoa::write(&mut text, 12).unwrap();\nitoa::Buffer::new().format(text.len())",
        ],
    );
    expect_results(&cells, &["\"2\""]);
}

#[test]
fn lines_of_older_notebooks_are_accepted() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":sccache 1\n:dep itoa\n// A comment.\n:dep itoa = \"1\"",
            "itoa::Buffer::new().format(3)",
            "extern crate fastrand;\nfastrand::Rng::with_seed(1).u8(..1)",
            "let after = 1;\n:dep serde = { version = \"1\", default_features = false }",
            "after",
        ],
    );
    assert!(
        cells[0].shown().contains("`:sccache` is not needed here"),
        "{}",
        cells[0].shown()
    );
    expect_results(&cells[1..], &["\"3\"", "0", "", "1"]);
}

#[test]
fn errors_about_crates_are_short_and_do_not_affect_other_cells() {
    let sandbox = Sandbox::new();
    write_crate(
        &sandbox,
        "broken",
        "fn unused() {}\npub fn text() -> String { 5 }\n",
    );
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"",
            ":dep no-such-crate-as-this = \"1\"",
            ":dep itoa = \"99\"",
            ":dep itoa = { version = \"1\", features = [\"none\"] }",
            ":dep broken = { path = \"broken\" }",
            ":dep gone = { path = \"../gone\" }",
            ":dep = \"1\"",
            "itoa::Buffer::new().format(1 + 1)",
        ],
    );
    expect_error(
        &cells[1],
        &["no matching package named `no-such-crate-as-this`"],
    );
    expect_error(&cells[2], &["itoa", "^99", "1."]);
    expect_error(
        &cells[3],
        &["the notebook depends on `itoa` with feature `none`"],
    );
    expect_error(&cells[4], &["E0308", "src/lib.rs:2", "build.log"]);
    expect_error(&cells[5], &["cannot find the crate `gone`", "Cargo.toml"]);
    expect_error(&cells[6], &["is not a crate name"]);
    expect_results(&cells[7..], &["\"2\""]);
    for cell in &cells[1..7] {
        let lines = cell.error().expect("an error").evalue.lines().count();
        assert!(lines <= 20, "{lines} lines: {}", cell.source());
    }
}

#[test]
fn variables_survive_the_addition_of_a_crate() {
    let sandbox = Sandbox::new();
    let cells = execute(
        &sandbox,
        &[
            ":dep itoa = \"1\"\nlet mut buffer = itoa::Buffer::new();\nlet list = vec![1, 2];",
            ":dep fastrand = \"2\"\nfastrand::Rng::with_seed(1).u8(..1)",
            "buffer.format(list.len())",
        ],
    );
    expect_results(&cells, &["", "0", "\"2\""]);
}

#[test]
fn a_build_shows_its_progress() {
    need!(python);
    let sandbox = Sandbox::with_fresh_cache();
    let mut kernel = Kernel::start(&Venv::open(), &sandbox);
    let built = kernel
        .execute(":dep itoa = \"1\"\nitoa::Buffer::new().format(5).len()")
        .ok();
    assert_eq!(built.result(), Some("1"));
    let shown = built.stream("stderr");
    assert!(
        shown.contains("Building crates, once: [") && shown.contains("] 1/"),
        "{shown}"
    );
}

#[test]
fn a_run_names_the_crates_that_it_builds() {
    let sandbox = Sandbox::with_fresh_cache();
    let path = write(
        &sandbox,
        "cells",
        &["1", ":dep itoa = \"1\"\nitoa::Buffer::new().format(5)"],
    );
    let run = || {
        sandbox
            .run(["run".as_ref(), path.as_os_str()])
            .expect_code(0)
    };
    let first = run();
    assert!(
        first
            .stderr
            .contains("building crates first: itoa (`threadbook fetch "),
        "{}",
        first.stderr
    );
    assert!(
        first.stderr.contains("threadbook fetch"),
        "{}",
        first.stderr
    );
    let second = run();
    assert!(
        !second.stderr.contains("building crates"),
        "{}",
        second.stderr
    );
}

#[test]
fn charts_and_pictures_are_shown() {
    let sandbox = Sandbox::new();
    let chart = "evcxr_figure((320, 240), |root| {\n    let mut chart = ChartBuilder::on(&root).build_cartesian_2d(0f32..1f32, 0f32..1f32)?;\n    \
                 chart.draw_series(LineSeries::new([(0.0, 0.0), (1.0, 1.0)], &RED))?;\n    Ok(())\n})";
    let cells = execute(
        &sandbox,
        &[
            &format!(
                ":dep plotters = {{ version = \"0.3\", default_features = false, features = [\"evcxr\", \"svg_backend\", \"line_series\"] }}\n\
                 :dep image = {{ version = \"0.25\", default-features = false, features = [\"png\"] }}\n{}\nuse plotters::prelude::*;",
                support::kernel::setup()
            ),
            chart,
            &format!("let shown = display({chart});"),
            "let mut picture = image::RgbImage::new(8, 4);\npicture.put_pixel(1, 2, image::Rgb([255, 0, 0]));\nlet first = display(&picture);",
            "let gray: image::DynamicImage = image::DynamicImage::ImageRgb8(picture).grayscale();\nlet second = display(&gray);\ndisplay(gray.to_rgb32f());",
            "first.update(&gray);\ndisplay(\"plain\");",
        ],
    );
    for cell in &cells {
        assert!(cell.error().is_none(), "{:?}", cell.error());
    }
    for cell in &cells[1..3] {
        let shown = format!("{:?}", cell.outputs());
        assert!(
            shown.contains("<svg") && shown.contains("polyline"),
            "{shown}"
        );
    }
    for (cell, pictures) in [(&cells[3], 1), (&cells[4], 2)] {
        let shown = format!("{:?}", cell.outputs());
        // The first bytes of a PNG in base64.
        assert_eq!(shown.matches("iVBORw0KGgo").count(), pictures, "{shown}");
        assert!(shown.contains("<image, 8 × 4>"), "{shown}");
    }
}
