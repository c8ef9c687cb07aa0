//! The kernel answers every request of the Jupyter protocol and drops unknown messages.

use serde_json::{Value, json};
use std::os::unix::fs::PermissionsExt;
use support::kernel::{BOUND, Executed, Kernel};
use support::sandbox::Sandbox;
use support::tools::need;
use support::venv::Venv;

fn kernel() -> (Sandbox, Kernel) {
    let sandbox = Sandbox::new();
    let kernel = Kernel::start(&Venv::open(), &sandbox);
    (sandbox, kernel)
}

/// Returns the content of an `execute_request` with default values.
fn cell(code: &str) -> Value {
    json!({
        "code": code, "silent": false, "store_history": true, "user_expressions": {}, "allow_stdin": false,
        "stop_on_error": true,
    })
}

fn with(mut content: Value, field: &str, value: impl Into<Value>) -> Value {
    content[field] = value.into();
    content
}

/// Returns the types of the iopub messages, in order.
fn published(executed: &Executed) -> Vec<&str> {
    let messages = executed.0.iter();
    messages
        .filter(|message| message.channel == "iopub")
        .map(|message| message.kind.as_str())
        .collect()
}

#[test]
fn the_kernel_reports_its_info_and_ports() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    for channel in ["shell", "control"] {
        let info = kernel.ask(channel, "kernel_info_request", json!({}));
        assert_eq!(info["protocol_version"], "5.5");
        assert_eq!(info["supported_features"], json!([]));
        assert_eq!(info["language_info"]["name"], "rust");
        let ports = kernel.ask(channel, "connect_request", json!({}));
        for port in ["shell", "iopub", "stdin", "control", "hb"] {
            assert!(
                ports[format!("{port}_port")].as_u64() > Some(1023),
                "{ports}"
            );
        }
    }
}

#[test]
fn code_is_incomplete_complete_or_invalid() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    let mut status = |code: &str| {
        let reply = kernel.ask("shell", "is_complete_request", json!({ "code": code }));
        (
            reply["status"].as_str().unwrap().to_owned(),
            reply["indent"].clone(),
        )
    };
    assert_eq!(
        status("fn f() {\n    if x {"),
        ("incomplete".into(), "        ".into())
    );
    assert_eq!(status("let x = 1").0, "complete");
    assert_eq!(status("fn f) {").0, "invalid");
}

#[test]
fn the_history_outlives_the_kernel() {
    need!(python);
    let (sandbox, mut first) = kernel();
    first.execute("let größe = 6 * 7;").ok();
    first.execute("größe").ok();
    first.tell(
        "shell",
        "execute_request",
        with(cell("let hidden = 1;"), "silent", true),
    );
    first.tell(
        "shell",
        "execute_request",
        with(cell("let unlisted = 1;"), "store_history", false),
    );
    let n = json!({"hist_access_type": "tail", "n": 5, "output": true, "raw": true});
    let here = first.ask("shell", "history_request", n.clone());
    assert_eq!(
        here["history"],
        json!([
            [1, 1, ["let größe = 6 * 7;", null]],
            [1, 2, ["größe", "42"]]
        ])
    );
    drop(first);

    let mut second = Kernel::start(&Venv::open(), &sandbox);
    second.execute("1 + 1").ok();
    let mut history = |content: Value| {
        let mut content = content;
        content["output"] = false.into();
        content["raw"] = true.into();
        second.ask("shell", "history_request", content)["history"].clone()
    };
    assert_eq!(
        history(json!({"hist_access_type": "tail", "n": 2})),
        json!([[1, 2, "größe"], [2, 1, "1 + 1"]])
    );
    assert_eq!(
        history(json!({"hist_access_type": "range", "session": -1, "start": 1, "stop": 2})),
        json!([[1, 1, "let größe = 6 * 7;"]])
    );
    assert_eq!(
        history(json!({"hist_access_type": "range", "session": 0, "start": 0})),
        json!([[2, 1, "1 + 1"]])
    );
    assert_eq!(
        history(json!({"hist_access_type": "search", "pattern": "gr??e"})),
        json!([[1, 2, "größe"]])
    );
    let file = sandbox.path("home/.local/share/threadbook/history.jsonl");
    let mode = std::fs::metadata(&file)
        .expect("the history")
        .permissions()
        .mode();
    assert_eq!(mode & 0o077, 0, "{mode:o}");
    let wrong = second.ask(
        "shell",
        "history_request",
        json!({"hist_access_type": "dance"}),
    );
    assert_eq!(wrong["status"], "error");
}

#[test]
fn comms_to_unknown_targets_are_closed() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    let info = kernel.ask("shell", "comm_info_request", json!({}));
    assert_eq!(info["comms"], json!({}));
    let open = json!({"comm_id": "c1", "target_name": "jupyter.widget", "data": {"x": 1}});
    let opened = kernel.tell("shell", "comm_open", open);
    assert_eq!(published(&opened), ["status", "comm_close", "status"]);
    assert_eq!(
        opened
            .0
            .iter()
            .find(|message| message.kind == "comm_close")
            .unwrap()
            .content["comm_id"],
        "c1"
    );
    for kind in ["comm_msg", "comm_close"] {
        let executed = kernel.tell("shell", kind, json!({"comm_id": "c9", "data": {}}));
        assert_eq!(published(&executed), ["status", "status"]);
    }
    kernel.execute("1").ok();
}

#[test]
fn debug_requests_are_declined() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    for channel in ["control", "shell"] {
        let request = json!({"type": "request", "seq": 3, "command": "attach", "arguments": {}});
        let reply = kernel.ask(channel, "debug_request", request);
        assert_eq!(reply["success"], false);
        assert_eq!(reply["request_seq"], 3);
        assert_eq!(reply["command"], "attach");
    }
}

#[test]
fn invalid_contents_are_answered_and_unknown_types_dropped() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    for (channel, kind, content) in [
        ("shell", "execute_request", json!({"code": 1})),
        ("shell", "execute_request", json!({})),
        ("shell", "complete_request", json!({"code": "a"})),
        (
            "shell",
            "complete_request",
            json!({"code": "a", "cursor_pos": -1}),
        ),
        (
            "shell",
            "inspect_request",
            json!({"code": [], "cursor_pos": "x"}),
        ),
        ("shell", "history_request", json!({})),
        ("shell", "comm_info_request", json!({"target_name": 7})),
        ("control", "shutdown_request", json!({"restart": "maybe"})),
    ] {
        let reply = kernel.ask(channel, kind, content.clone());
        assert_eq!(reply["status"], "error", "{kind} {content}");
        assert!(
            reply["evalue"]
                .as_str()
                .is_some_and(|why| why.contains(kind)),
            "{reply}"
        );
        assert!(reply["traceback"].is_array(), "{reply}");
    }
    let reply = kernel.ask("shell", "is_complete_request", json!({"code": null}));
    assert_eq!(reply["status"], "unknown");
    for channel in ["shell", "control"] {
        let executed = kernel.tell(channel, "unknown_request", json!({"a": [1]}));
        assert_eq!(published(&executed), ["status", "status"]);
        assert_eq!(executed.0.len(), 2);
    }
    kernel.execute("1").ok();
}

#[test]
fn user_expressions_are_evaluated_and_change_nothing() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel.execute("let mut v = vec![1, 2];").ok();
    let expressions = json!({
        "all": "v", "count": "v.len()", "wrong": "nothing", "moved": "drop(v)", "changed": "v.push(3)",
        "none": "let x = 1",
    });
    let content = with(cell("v.push(7);"), "user_expressions", expressions);
    let reply = kernel.ask("shell", "execute_request", content);
    let values = &reply["user_expressions"];
    assert_eq!(
        values["all"]["data"]["text/plain"], "[1, 2, 7]",
        "{values:#}"
    );
    assert_eq!(values["count"]["data"]["text/plain"], "3");
    assert_eq!(values["count"]["metadata"], json!({}));
    for wrong in ["wrong", "moved", "changed", "none"] {
        assert_eq!(values[wrong]["status"], "error", "{wrong}: {values:#}");
        assert!(values[wrong]["traceback"].is_array());
    }
    assert_eq!(kernel.execute("v").ok().result(), Some("[1, 2, 7]"));
    // A failed cell evaluates none.
    let content = with(cell("nothing"), "user_expressions", json!({"v": "v"}));
    let reply = kernel.ask("shell", "execute_request", content);
    assert_eq!(reply["status"], "error");
    assert!(!reply["user_expressions"].is_object() || reply["user_expressions"] == json!({}));
}

#[test]
fn a_silent_cell_shows_nothing_and_is_not_counted() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    let silent = with(cell("println!(\"hidden\"); let x = 5; x"), "silent", true);
    let executed = kernel.tell("shell", "execute_request", silent);
    assert_eq!(published(&executed), ["status", "status"]);
    let uncounted = with(cell("x"), "store_history", false);
    let executed = kernel.tell("shell", "execute_request", uncounted);
    assert_eq!(executed.result(), Some("5"));
    assert_eq!(executed.reply().content["execution_count"], 0);
    assert_eq!(
        kernel.execute("x").ok().reply().content["execution_count"],
        1
    );
    // The reply contains the error even if the cell is silent.
    let failing = with(cell("nothing"), "silent", true);
    let executed = kernel.tell("shell", "execute_request", failing);
    assert_eq!(published(&executed), ["status", "status"]);
    assert_eq!(executed.reply().content["status"], "error");
}

#[test]
fn cells_queued_behind_a_failed_one_are_aborted_unless_stop_on_error_is_false() {
    need!(python);
    let (_sandbox, mut kernel) = kernel();
    kernel.execute("let x = 1;").ok();
    // It fails when the answer comes, and by then the next cell has been sent.
    let failing = cell("std::io::stdin().read_line(&mut String::new()).unwrap();\npanic!()");
    let failing = with(failing, "allow_stdin", true);
    let mut status_of_next = |stop_on_error: bool| {
        let failing = with(failing.clone(), "stop_on_error", stop_on_error);
        let first = kernel.request("shell", "execute_request", failing);
        let second = kernel.begin("x");
        kernel.answer("go");
        let status = |executed: Executed| executed.reply().content["status"].clone();
        assert_eq!(status(kernel.finish(&first, BOUND)), "error");
        status(kernel.finish(&second, BOUND))
    };
    assert_eq!(status_of_next(true), "aborted");
    assert_eq!(status_of_next(false), "ok");
}

#[test]
fn a_question_mark_shows_help() {
    need!(python, rust_src);
    let (_sandbox, mut kernel) = kernel();
    let page = |kernel: &mut Kernel, code: &str| {
        kernel.execute(code).ok().reply().content["payload"][0].clone()
    };
    let push = page(&mut kernel, "?Vec::push");
    assert_eq!(push["source"], "page");
    assert!(
        push["data"]["text/plain"]
            .as_str()
            .unwrap()
            .contains("fn push"),
        "{push}"
    );
    assert!(
        page(&mut kernel, "?:dep")["data"]["text/markdown"]
            .as_str()
            .unwrap()
            .contains("crate")
    );
    let unknown = kernel.execute("?nothing_of_this_name");
    assert_eq!(unknown.error()["ename"], "NameError");
}

#[test]
fn shutdown_is_answered() {
    need!(python);
    for restart in [true, false] {
        let (_sandbox, mut kernel) = kernel();
        let reply = kernel.ask("control", "shutdown_request", json!({ "restart": restart }));
        assert_eq!(reply, json!({"restart": restart, "status": "ok"}));
        assert_eq!(kernel.ended(BOUND), 0);
    }
}
