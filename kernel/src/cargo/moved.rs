//! Variables that are not there any more at the end of a cell.
//!
//! evcxr stores a cell's variables unless rustc says that they are moved, and then compiles the cell once more without storing
//! them. Where rustc has said so before, asked for the types of the variables, evcxr is told that in rustc's words at once.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::source::FILE;

/// A file with their names, a line each.
pub struct Moved(PathBuf);

impl Moved {
    /// Those of the cell that is compiled in the crate in this folder.
    pub fn of(folder: &Path) -> Moved {
        Moved(folder.join("moved"))
    }

    /// Notes them. Without the note, the cell is compiled once more than necessary.
    pub fn tell(&self, names: &BTreeSet<String>) {
        if !names.is_empty() {
            let lines: String = names.iter().map(|name| format!("{name}\n")).collect();
            let _ = std::fs::write(&self.0, lines);
        }
    }

    /// Another cell begins.
    pub fn forget(&self) {
        // Most cells move nothing.
        let _ = std::fs::remove_file(&self.0);
    }

    /// Whether there are none, as in most cells.
    pub fn is_empty(&self) -> bool {
        !self.0.exists()
    }

    /// What rustc would say of a source in which any of them is stored, a line each; `None` if none is.
    pub fn messages(&self, source: &str) -> Option<String> {
        let names = std::fs::read_to_string(&self.0).ok()?;
        let messages: String = source
            .lines()
            .zip(1..)
            .filter_map(|(line, number)| Some((stored(line)?, number)))
            .filter(|(name, _)| names.lines().any(|moved| moved == *name))
            .map(|(name, number)| message(name, number) + "\n")
            .collect();
        (!messages.is_empty()).then_some(messages)
    }
}

/// The variable that a line of evcxr's stores.
fn stored(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("evcxr_variable_store.put_variable::<")?;
    let (_, arguments) = rest.split_once(">(stringify!(")?;
    let (name, value) = arguments.split_once("), ")?;
    (value.strip_suffix(");")? == name).then_some(name)
}

/// rustc's error, in its form (The rustc book, "JSON output").
fn message(name: &str, line: usize) -> String {
    let message = format!("use of moved value: `{name}`");
    let span = json!({
        "file_name": FILE, "line_start": line, "line_end": line, "column_start": 1, "column_end": 1,
        "is_primary": true, "label": "value used here after move", "text": [],
    });
    json!({
        "$message_type": "diagnostic", "level": "error", "code": { "code": "E0382" }, "message": message,
        "spans": [span], "children": [], "rendered": format!("error[E0382]: {message}\n"),
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SOURCE: &str = "fn f() {\nhandles;\n\
        evcxr_variable_store.put_variable::<std::vec::Vec<(u8, i32)>>(stringify!(handles), handles);\n\
        evcxr_variable_store.put_variable::<i32>(stringify!(k), k);\n}\n";

    #[test]
    fn what_is_stored_but_moved_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let moved = Moved::of(folder.path());
        assert_eq!(moved.messages(SOURCE), None);
        moved.tell(&BTreeSet::from(["handles".to_owned(), "other".to_owned()]));
        let told = moved.messages(SOURCE).unwrap();
        let told: Vec<serde_json::Value> = told
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0]["code"]["code"], "E0382");
        assert_eq!(told[0]["spans"][0]["line_start"], 3);
        assert_eq!(moved.messages(&SOURCE.replace("handles", "h")), None);
        moved.forget();
        assert_eq!(moved.messages(SOURCE), None);
    }
}
