//! Checks a notebook that was executed, by whichever kernel and client.

use super::{notebook, rows};
use serde_json::Value;

/// Judges every code cell; all that is wrong is told at once.
#[track_caller]
pub fn judge_all(executed: &Value, original_id: impl Fn(&str) -> String) {
    let wrong: Vec<String> = notebook::code_cells(executed)
        .iter()
        .filter_map(|cell| {
            let why = rows::judge(&original_id(cell.id()), &cell.shown()).err()?;
            Some(format!("cell {}: {why}", cell.id()))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Nothing failed, nothing was written to stderr, and the cells are counted from 1.
#[track_caller]
pub fn check_sound(executed: &Value) {
    for (index, cell) in notebook::code_cells(executed).iter().enumerate() {
        assert!(cell.error().is_none(), "{}: {:?}", cell.id(), cell.error());
        assert_eq!(cell.stream("stderr"), "", "{}", cell.id());
        assert_eq!(cell.0["execution_count"], index + 1, "{}", cell.id());
    }
}
