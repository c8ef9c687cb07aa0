use super::*;

fn parameters(given: &[&str]) -> Vec<Parameter> {
    given.iter().map(|text| text.parse().unwrap()).collect()
}

fn notebook(minor: u32, cells: &[(&str, &str)]) -> Document {
    let cell = |(number, (tag, source)): (usize, &(&str, &str))| {
        let mut cell = json!({"cell_type": "code", "metadata": {"tags": [tag]}, "source": source});
        if minor >= 5 {
            cell["id"] = json!(format!("cell-{number}"));
        }
        cell
    };
    let cells: Vec<Json> = cells.iter().enumerate().map(cell).collect();
    let file = tempfile::NamedTempFile::new().unwrap();
    let notebook = json!({"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": cells});
    std::fs::write(file.path(), notebook.to_string()).unwrap();
    Document::read(file.path()).unwrap()
}

fn sources(document: &Document) -> Vec<&str> {
    let cells = document.cells().iter();
    cells.map(|cell| cell["source"].as_str().unwrap()).collect()
}

const GIVEN: &[&str] = &["n=4", "name=a \"b\"", "x=.5", "on=true"];
const PYTHON: &str = "# Parameters\nn = 4\nname = \"a \\\"b\\\"\"\nx = .5\non = True\n";
const RUST: &str =
    "// Parameters\nlet n = 4;\nlet name = \"a \\\"b\\\"\";\nlet x = 0.5;\nlet on = true;\n";

#[test]
fn a_cell_comes_after_the_one_with_the_defaults() {
    let mut document = notebook(5, &[("setup", "a"), ("parameters", "n = 1"), ("", "b")]);
    let mut cells = vec![0, 2];
    inject(&mut document, &mut cells, &parameters(GIVEN), "python").unwrap();
    assert_eq!(sources(&document), ["a", "n = 1", PYTHON, "b"]);
    assert_eq!(cells, [0, 1, 2, 3]);
    let cell = &document.cells()[2];
    assert_eq!(cell["metadata"]["tags"], json!(["injected-parameters"]));
    assert_eq!(cell["id"], "injected-parameters");

    // The next injection replaces it.
    inject(&mut document, &mut cells, &parameters(&["n=5"]), "Python").unwrap();
    assert_eq!(
        sources(&document),
        ["a", "n = 1", "# Parameters\nn = 5\n", "b"]
    );
    assert_eq!(cells, [0, 1, 2, 3]);
}

#[test]
fn without_defaults_the_cell_comes_first() {
    let mut document = notebook(4, &[("", "a")]);
    let mut cells = vec![0];
    inject(&mut document, &mut cells, &parameters(GIVEN), "rust").unwrap();
    assert_eq!(sources(&document), [RUST, "a"]);
    assert_eq!(cells, [0, 1]);
    assert_eq!(document.cells()[0].get("id"), None);
}

#[test]
fn rust_takes_types_from_the_defaults() {
    let declared = "let a: u64 = 1;\nlet mut b = 2_u8;\nlet c: f64 = 1.0;\nlet d: String = String::new();\n\
                    let e = -3i16; let f = 1.0; let (g, h) = (1, 2);";
    let mut document = notebook(5, &[("parameters", declared)]);
    let given = parameters(&[
        "a=5",
        "b=6",
        "c=7",
        "d=x\ny",
        "e=-8",
        "f=.25",
        "g=1",
        "big=5000000000",
        "huge=9223372036854775808",
    ]);
    inject(&mut document, &mut vec![0], &given, "rust").unwrap();
    assert_eq!(
        sources(&document)[1],
        "// Parameters\nlet a: u64 = 5;\nlet mut b: u8 = 6;\nlet c: f64 = 7.0;\nlet d: String = String::from(\"x\\ny\");\n\
         let e: i16 = -8;\nlet f = 0.25;\nlet g = 1;\nlet big = 5000000000_i64;\nlet huge = 9223372036854775808_i128;\n"
    );
}

#[test]
fn what_cannot_be_a_parameter_is_refused() {
    for given in ["n", "1n=2", "a b=1", "=1", "_=1", "é=1"] {
        assert!(given.parse::<Parameter>().is_err(), "{given}");
    }
    let digits = "9".repeat(50);
    for (given, language, reason) in [
        ("n=1".to_owned(), "julia", "not in julia"),
        ("match=1".to_owned(), "rust", "Rust keyword"),
        ("self=1".to_owned(), "rust", "Rust keyword"),
        ("lambda=1".to_owned(), "python", "Python keyword"),
        (format!("n={digits}"), "rust", "too large"),
    ] {
        let mut document = notebook(5, &[("", "a")]);
        let before = document.clone();
        let error = inject(
            &mut document,
            &mut vec![0],
            &parameters(&[&given]),
            language,
        )
        .unwrap_err();
        assert!(error.contains(reason), "{error}");
        assert_eq!(document, before);
    }
}

#[test]
fn nothing_given_changes_nothing() {
    let mut document = notebook(5, &[("parameters", "a")]);
    let before = document.clone();
    inject(&mut document, &mut vec![0], &[], "julia").unwrap();
    assert_eq!(document, before);
}
