//! Checks a notebook that was executed, by whichever kernel and client.

use super::{notebook, rows};
use serde_json::Value;

/// Judges what every code cell printed and whether it failed; all that is wrong is told at once.
#[track_caller]
pub fn judge_all(executed: &Value, original_id: impl Fn(&str) -> String) {
    let wrong: Vec<String> = notebook::code_cells(executed)
        .iter()
        .filter_map(|cell| {
            let id = original_id(cell.id());
            let verdict =
                rows::judge(&id, &cell.shown()).and_then(|()| rows::judge_error(&id, cell));
            Some(format!("cell {}: {}", cell.id(), verdict.err()?))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Nothing was written to stderr, and the cells are counted from 1.
#[track_caller]
pub fn check_sound(executed: &Value) {
    for (index, cell) in notebook::code_cells(executed).iter().enumerate() {
        assert_eq!(cell.stream("stderr"), "", "{}", cell.id());
        assert_eq!(cell.0["execution_count"], index + 1, "{}", cell.id());
    }
}
