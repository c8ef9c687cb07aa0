use bytes::Bytes;
use zeromq::ZmqMessage;

use super::*;
use crate::jupyter::wire::Key;

/// Two code cells, started by the requests `first` and `second`.
struct Run {
    document: Document,
    outputs: Outputs,
}

impl Run {
    fn new() -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        let cell = json!({
            "cell_type": "code", "source": "x", "execution_count": 9,
            "outputs": [{"output_type": "stream", "name": "stdout", "text": "old"}],
        });
        let notebook = json!({"nbformat": 4, "nbformat_minor": 4, "cells": [cell, cell]});
        std::fs::write(file.path(), notebook.to_string()).unwrap();
        let mut run = Self {
            document: Document::read(file.path()).unwrap(),
            outputs: Outputs::default(),
        };
        run.outputs.begin(&mut run.document, 0, "first".to_owned());
        run.outputs.begin(&mut run.document, 1, "second".to_owned());
        run
    }

    fn send(&mut self, parent: &str, msg_type: &str, content: Value) {
        let header = json!({"msg_type": msg_type});
        let parent = json!({"msg_id": parent});
        let mut message = ZmqMessage::from("<IDS|MSG>");
        for frame in [
            "".to_owned(),
            header.to_string(),
            parent.to_string(),
            "{}".to_owned(),
            content.to_string(),
        ] {
            message.push_back(Bytes::from(frame));
        }
        let message = RawMessage::open(message, &Key::new(b"")).unwrap();
        self.outputs.add(&mut self.document, message);
    }

    fn display(&mut self, parent: &str, msg_type: &str, id: &str, text: &str) {
        let content = json!({
            "data": {"text/plain": text}, "metadata": {}, "transient": {"display_id": id},
        });
        self.send(parent, msg_type, content);
    }

    fn print(&mut self, parent: &str, name: &str, text: &str) {
        self.send(parent, "stream", json!({"name": name, "text": text}));
    }

    /// Returns the outputs of the cell: `name:text` of a stream, the text of a display, or the name of an error.
    fn shown(&self, cell: usize) -> Vec<String> {
        let outputs = self.document.cells()[cell]["outputs"]
            .as_array()
            .unwrap()
            .iter();
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        outputs
            .map(|output| match output["output_type"].as_str().unwrap() {
                "stream" => format!("{}:{}", text(&output["name"]), text(&output["text"])),
                "error" => text(&output["ename"]),
                _ => text(&output["data"]["text/plain"]),
            })
            .collect()
    }
}

#[test]
fn a_cell_is_empty_when_it_begins() {
    let run = Run::new();
    assert_eq!(run.shown(0), [""; 0]);
    assert_eq!(run.document.cells()[0]["execution_count"], Value::Null);
}

#[test]
fn consecutive_text_of_one_stream_is_one_output() {
    let mut run = Run::new();
    for (name, text) in [
        ("stdout", "a"),
        ("stdout", "b\n"),
        ("stderr", "!"),
        ("stdout", "c"),
        ("stdout", ""),
    ] {
        run.print("first", name, text);
    }
    assert_eq!(run.shown(0), ["stdout:ab\n", "stderr:!", "stdout:c"]);
}

#[test]
fn late_text_goes_to_the_cell_it_belongs_to() {
    let mut run = Run::new();
    run.print("second", "stdout", "2");
    run.print("first", "stdout", "1");
    run.print("another client", "stdout", "3");
    assert_eq!(
        (run.shown(0), run.shown(1)),
        (vec!["stdout:1".to_owned()], vec!["stdout:2".to_owned()])
    );
}

#[test]
fn an_update_changes_every_display_of_its_id() {
    let mut run = Run::new();
    run.display("first", "display_data", "bar", "0 %");
    run.display("first", "display_data", "other", "x");
    run.display("second", "display_data", "bar", "50 %");
    assert_eq!(
        (run.shown(0), run.shown(1)),
        (vec!["50 %".into(), "x".into()], vec!["50 %".to_owned()])
    );
    run.display("second", "update_display_data", "bar", "100 %");
    run.display("second", "update_display_data", "unknown", "nowhere");
    assert_eq!(
        (run.shown(0), run.shown(1)),
        (vec!["100 %".into(), "x".into()], vec!["100 %".to_owned()])
    );
}

#[test]
fn clearing_forgets_the_displays_of_the_cell() {
    let mut run = Run::new();
    run.display("first", "display_data", "bar", "a");
    run.send("first", "clear_output", json!({"wait": false}));
    assert_eq!(run.shown(0), [""; 0]);
    run.print("first", "stdout", "b");
    run.display("first", "update_display_data", "bar", "c");
    assert_eq!(run.shown(0), ["stdout:b"]);
}

#[test]
fn clearing_can_wait_for_something_new() {
    let mut run = Run::new();
    run.print("first", "stdout", "a");
    run.send("first", "clear_output", json!({"wait": true}));
    assert_eq!(run.shown(0), ["stdout:a"]);
    run.print("second", "stdout", "other cell");
    assert_eq!(run.shown(0), ["stdout:a"]);
    run.print("first", "stdout", "b");
    assert_eq!(run.shown(0), ["stdout:b"]);
    run.print("first", "stdout", "c");
    assert_eq!(run.shown(0), ["stdout:bc"]);
}

#[test]
fn results_and_errors_are_kept_as_they_are() {
    let mut run = Run::new();
    run.send(
        "first",
        "execute_input",
        json!({"code": "x", "execution_count": 4}),
    );
    let data = json!({"text/plain": "1", "application/vnd.dataresource+json": {"no": "table"}});
    run.send(
        "first",
        "execute_result",
        json!({"data": data, "metadata": {"a": 1}, "execution_count": 4}),
    );
    run.send(
        "first",
        "error",
        json!({"ename": "E", "evalue": "v", "traceback": ["t"], "extra": 0}),
    );
    run.send("first", "display_data", json!({"data": null}));
    let cell = &run.document.cells()[0];
    assert_eq!(cell["execution_count"], 4);
    assert_eq!(
        cell["outputs"],
        json!([
            {"output_type": "execute_result", "data": data, "metadata": {"a": 1}, "execution_count": 4},
            {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t"]},
            {"output_type": "display_data", "data": {}, "metadata": {}},
        ])
    );
    assert!(has_error(&mut run.document, 0));
    assert_eq!(take_last_error(&mut run.document, 0), None);
}
