use std::fs;

use nbformat::v4;

use super::*;

/// A notebook with content that is easily lost: keys of other programs, attachments of a raw cell, all kinds of line
/// endings, numbers with several spellings, and ids and texts that nbformat's types reject.
const WRITTEN_BY_PYTHON: &str = include_str!("written_by_python.ipynb");

fn in_file<T>(content: &str, look: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notebook.ipynb");
    fs::write(&path, content).unwrap();
    look(&path)
}

fn read(content: &str) -> Result<Document, NotebookError> {
    in_file(content, Document::read)
}

fn rewritten(content: &str) -> String {
    in_file(content, |path| {
        Document::read(path).unwrap().write(path).unwrap();
        fs::read_to_string(path).unwrap()
    })
}

fn refusal(content: &str) -> String {
    in_file(content, |path| {
        let message = Document::read(path).unwrap_err().to_string();
        assert!(!message.contains('\n'), "one line: {message}");
        message.replace(&path.display().to_string(), "FILE")
    })
}

fn notebook(cells: Value) -> String {
    json!({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).to_string()
}

#[test]
fn what_python_wrote_is_written_the_same() {
    assert_eq!(rewritten(WRITTEN_BY_PYTHON), WRITTEN_BY_PYTHON);
}

#[test]
fn older_minor_versions_stay_as_they_are() {
    let mut old: Value = serde_json::from_str(WRITTEN_BY_PYTHON).unwrap();
    old["nbformat_minor"] = json!(4);
    for cell in old["cells"].as_array_mut().unwrap() {
        cell.as_object_mut().unwrap().shift_remove("id");
    }
    let written: Value = serde_json::from_str(&rewritten(&old.to_string())).unwrap();
    assert_eq!(written, old);
}

#[test]
fn the_typed_form_holds_all_that_its_types_can() {
    let document = read(WRITTEN_BY_PYTHON).unwrap();
    let view = document.view().unwrap();
    let kernelspec = view.metadata().kernelspec.as_ref();
    assert_eq!(kernelspec.unwrap().name, "rust");
    let cells: Vec<_> = view.cells().collect();
    let v4::Cell::Code {
        metadata,
        source,
        outputs,
        ..
    } = &cells[2]
    else {
        panic!("{:?}", cells[2]);
    };
    // The format allows "auto", the type does not.
    assert_eq!(metadata.scrolled, None);
    assert_eq!(metadata.collapsed, Some(false));
    assert_eq!(source.len(), 6);
    assert_eq!(outputs.len(), 5);
    let v4::Output::DisplayData(display) = &outputs[2] else {
        panic!("{:?}", outputs[2]);
    };
    let mut mimes: Vec<_> = display
        .data
        .content
        .iter()
        .map(|media| media.mime_type())
        .collect();
    mimes.sort_unstable();
    assert_eq!(
        mimes,
        [
            "application/javascript",
            "application/json",
            "application/pdf",
            "application/vnd.other.v1+json",
            "image/png",
            "image/svg+xml",
            "text/html",
            "text/plain",
            "text/x-unknown",
        ]
    );
}

#[test]
fn missing_and_repeated_ids_are_given_in_the_typed_form_only() {
    let cell = |id: &str| json!({"cell_type": "raw", "id": id, "metadata": {}, "source": "x"});
    let mut without_id = cell("");
    without_id.as_object_mut().unwrap().shift_remove("id");
    let content = notebook(json!([
        cell("a"),
        cell("a"),
        without_id,
        cell("no id!"),
        cell("cell-2")
    ]));
    let document = read(&content).unwrap();
    let view = document.view().unwrap();
    let ids: Vec<_> = view.cells().map(|cell| cell.id().to_string()).collect();
    assert_eq!(ids, view.ids());
    assert_eq!(ids, ["a", "cell-2", "cell-3", "cell-4", "cell-5"]);
    let written: Value = serde_json::from_str(&rewritten(&content)).unwrap();
    assert_eq!(written["cells"][1]["id"], "a");
    assert_eq!(written["cells"][2].get("id"), None);
}

#[test]
fn what_the_format_asks_for_is_filled_in() {
    let document = read(r#"{"nbformat": 4, "cells": [{"cell_type": "code"}]}"#).unwrap();
    assert_eq!(
        document.cells()[0],
        json!({"cell_type": "code", "metadata": {}, "source": "", "outputs": [], "execution_count": null})
    );
}

#[test]
fn outputs_that_break_the_format_are_still_shown() {
    let outputs = json!([
        {"output_type": "execute_result", "execution_count": null, "data": {"text/plain": ["a\n", "b"]}},
        {"output_type": "display_data", "data": {"text/plain": 3, "text/html": "h"}, "metadata": null},
    ]);
    let content = notebook(json!([{"cell_type": "code", "source": "", "outputs": outputs}]));
    let document = read(&content).unwrap();
    let cells: Vec<_> = document.view().unwrap().cells().collect();
    let v4::Cell::Code { outputs, .. } = &cells[0] else {
        panic!()
    };
    let shown: Vec<_> = outputs
        .iter()
        .map(|output| match output {
            v4::Output::DisplayData(display) => display.data.content.clone(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(
        shown[0],
        [jupyter_protocol::MediaType::Plain("a\nb".to_owned())]
    );
    assert_eq!(
        shown[1],
        [jupyter_protocol::MediaType::Html("h".to_owned())]
    );
}

#[test]
fn format_3_becomes_format_4() {
    let old = json!({
        "metadata": {"name": "", "signature": "sha256:0"},
        "nbformat": 3,
        "nbformat_minor": 0,
        "worksheets": [{"metadata": {}, "cells": [
            {"cell_type": "heading", "level": 2, "metadata": {}, "source": ["Title"]},
            {"cell_type": "code", "collapsed": false, "input": ["1 +\n", "1"], "language": "python",
             "metadata": {}, "prompt_number": 4, "outputs": [
                {"output_type": "stream", "stream": "stdout", "text": ["a\n", "b\n"]},
                {"output_type": "pyout", "prompt_number": 4, "metadata": {}, "text": ["2"]}]},
        ]}],
    });
    let document = read(&old.to_string()).unwrap();
    let cells = document.cells();
    assert_eq!(cells[0]["source"], "## Title");
    assert_eq!(cells[1]["source"], "1 +\n1");
    assert_eq!(cells[1]["outputs"][0]["text"], "a\nb\n");
    assert_eq!(cells[1]["outputs"][1]["data"], json!({"text/plain": "2"}));
    let written: Value = serde_json::from_str(&rewritten(&old.to_string())).unwrap();
    assert_eq!(written["nbformat"], 4);
    assert_eq!(written["metadata"].get("signature"), None);
}

#[test]
fn what_is_no_notebook_is_refused_in_one_line() {
    assert!(
        refusal("<<<<<<< HEAD\n{}")
            .starts_with("FILE is not a notebook, because it is not valid JSON: expected value")
    );
    assert_eq!(
        refusal("[]"),
        "FILE is not a notebook: it has no `nbformat` number"
    );
    assert_eq!(
        refusal("{\"nbformat\": 4}"),
        "FILE is not a notebook: it has no list of `cells`"
    );
    assert_eq!(
        refusal(&notebook(json!([1]))),
        "FILE is not a notebook: cell 1 is not an object"
    );
    assert!(
        refusal(&notebook(json!([{"cell_type": "heading"}])))
            .starts_with("FILE is not a notebook: cell 1 is invalid: unknown variant `heading`")
    );
    assert!(
        refusal(&notebook(
            json!([{"cell_type": "code", "outputs": [{"output_type": "pyout"}]}])
        ))
        .starts_with(
            "FILE is not a notebook: an output of cell 1 is invalid: unknown variant `pyout`"
        )
    );
    assert_eq!(
        refusal("{\"nbformat\": 5, \"cells\": []}"),
        "FILE has the notebook format 5, newer than 4; update threadbook, or save it as format 4"
    );
    assert!(refusal("{\"nbformat\": 2}").contains("open it in Jupyter and save it once"));
}

#[test]
fn a_read_only_notebook_stays_as_it_is() {
    in_file(WRITTEN_BY_PYTHON, |path| {
        let document = Document::read(path).unwrap();
        let mut permissions = fs::metadata(path).unwrap().permissions();
        permissions.set_readonly(true);
        fs::set_permissions(path, permissions).unwrap();
        let error = document.write(path).unwrap_err().to_string();
        assert_eq!(
            error,
            format!("cannot write {}: the file is read-only", path.display())
        );
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    });
}

#[test]
fn what_other_programs_write_is_read_and_nothing_is_lost() {
    let cell = json!({"cell_type": "code", "id": null, "metadata": {"score": "X"}, "source": "1", "outputs": [], "execution_count": null});
    let content = notebook(json!([cell])).replace("\"X\"", "[NaN, \"\\ud83d\"]");
    let written = rewritten(&format!("\u{FEFF}{content}"));
    assert!(
        written.contains("NaN") && written.contains("\\ud83d"),
        "{written}"
    );
    assert!(
        !written.contains("\"id\"") && !written.starts_with('\u{FEFF}'),
        "{written}"
    );
}
