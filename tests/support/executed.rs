//! Checks an executed notebook, whichever kernel and client executed it.

use super::{expected_output, notebook};
use serde_json::Value;

/// Checks what every code cell printed and whether it failed; reports all problems at once.
#[track_caller]
pub fn judge_all(executed: &Value, original_id: impl Fn(&str) -> String) {
    let wrong: Vec<String> = notebook::code_cells(executed)
        .iter()
        .filter_map(|cell| {
            let id = original_id(cell.id());
            let verdict = expected_output::judge(&id, &cell.shown())
                .and_then(|()| expected_output::judge_error(&id, cell));
            Some(format!("cell {}: {}", cell.id(), verdict.err()?))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Checks that no cell wrote to stderr and that the cells are numbered from 1.
#[track_caller]
pub fn check_sound(executed: &Value) {
    for (index, cell) in notebook::code_cells(executed).iter().enumerate() {
        assert_eq!(cell.stream("stderr"), "", "{}", cell.id());
        assert_eq!(cell.0["execution_count"], index + 1, "{}", cell.id());
    }
}
