//! Completion without a compiler: names of variables and items, and words that the notebook already
//! contains.

mod inspect;

pub use inspect::inspect;

use crate::cell::commands::{COMMANDS, code_start};
use crate::cell::cursor::word_before;
use crate::cell::{Space, items};
use crate::completion::{Completion, Completions, Variable};
use crate::crates::HelperRequest;
use crate::prebuilt::embedded_file;
use regex::Regex;
use std::sync::LazyLock;

/// What is known about the notebook.
pub struct NotebookNames<'a> {
    pub variables: &'a [Variable],
    /// The executed cells, the oldest first.
    pub cells: &'a [std::sync::Arc<str>],
}

/// Names that every cell can use.
const COMMON: [(&str, &[&str]); 4] = [
    (
        "keyword",
        &[
            "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "enum",
            "extern", "false", "fn", "for", "if", "impl", "in", "let", "loop", "match", "mod",
            "move", "mut", "pub", "ref", "return", "self", "Self", "static", "struct", "super",
            "trait", "true", "type", "unsafe", "use", "where", "while",
        ],
    ),
    (
        "class",
        &[
            "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "str", "u8",
            "u16", "u32", "u64", "u128", "usize", "Box", "Clone", "Copy", "Default", "Drop", "Fn",
            "FnMut", "FnOnce", "From", "Into", "Iterator", "Option", "Result", "Send", "Some",
            "String", "Sync", "ToString", "Vec",
        ],
    ),
    (
        "function",
        &[
            "assert",
            "assert_eq",
            "dbg",
            "drop",
            "eprintln",
            "format",
            "panic",
            "print",
            "println",
            "todo",
            "unreachable",
            "vec",
            "Err",
            "None",
            "Ok",
        ],
    ),
    ("module", &["std", "threadbook"]),
];

/// Returns the completions at a byte offset of a cell.
pub fn complete(code: &str, offset: usize, known: &NotebookNames<'_>) -> Completions {
    if let Some(found) = complete_command(code, offset) {
        return found;
    }
    let word = word_before(code, offset);
    let typed = &code[word.clone()];
    let mut found = CompletionList {
        typed,
        completions: Vec::new(),
    };
    // After `.` or `::`, offer only words that follow the same separator elsewhere.
    let before = code[..word.start].trim_end();
    let after = [".", "::"]
        .into_iter()
        .find(|after| before.ends_with(after));
    match after {
        Some(after) => {
            let texts = known.cells.iter().map(|cell| &**cell).chain([code]);
            texts.for_each(|text| found.add_words(text, Some(after)));
        }
        None => found.add_names(code, known),
    }
    Completions {
        start: word.start,
        end: word.end,
        completions: found.completions,
    }
}

/// Returns whether a command precedes the offset on its line. Commands precede the cell's Rust code, if it has
/// any.
pub fn is_command(code: &str, offset: usize) -> bool {
    typed_command(code, offset).is_some()
}

fn typed_command(code: &str, offset: usize) -> Option<&str> {
    let line = code[..offset].rfind('\n').map_or(0, |end| end + 1);
    let typed = code[line..offset].trim_start_matches(' ');
    (typed.starts_with(':') && line <= code_start(code)).then_some(typed)
}

/// Returns the commands at an offset, or `None` where no command can be.
fn complete_command(code: &str, offset: usize) -> Option<Completions> {
    let typed = typed_command(code, offset)?;
    let completions = match typed.contains(' ') {
        true => Vec::new(),
        false => COMMANDS
            .iter()
            .filter(|(name, _)| name.starts_with(typed))
            .map(|(name, description)| completion(name, "magic", description))
            .collect(),
    };
    Some(Completions {
        start: offset - typed.len(),
        end: offset,
        completions,
    })
}

struct CompletionList<'a> {
    typed: &'a str,
    completions: Vec<Completion>,
}

impl CompletionList<'_> {
    fn add_names(&mut self, code: &str, known: &NotebookNames<'_>) {
        for variable in known.variables {
            self.add(&variable.name, "instance", &variable.written);
        }
        for text in known.cells.iter().rev().map(|cell| &**cell).chain([code]) {
            for item in items(text) {
                if let Some((space, name)) = &item.name {
                    self.add(name, kind(*space), &item.signature);
                }
            }
        }
        if self.typed.is_empty() {
            return;
        }
        self.add_words(code, None);
        for name in known
            .cells
            .iter()
            .find_map(|cell| prelude_names(cell))
            .unwrap_or_default()
        {
            self.add(&name, "class", "");
        }
        for (kind, names) in COMMON {
            names.iter().for_each(|name| self.add(name, kind, ""));
        }
        for text in known.cells.iter().rev() {
            self.add_words(text, None);
        }
    }

    /// Adds the words of a text, or only those that follow `after`.
    fn add_words(&mut self, text: &str, after: Option<&str>) {
        static WORD: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"[\p{L}_][\p{L}\p{N}_]*").expect("a valid expression"));
        for word in WORD.find_iter(text) {
            if after.is_none_or(|after| text[..word.start()].ends_with(after)) {
                self.add(word.as_str(), "instance", "");
            }
        }
    }

    fn add(&mut self, name: &str, kind: &str, signature: &str) {
        let is_new = || self.completions.iter().all(|other| other.text != name);
        if name.starts_with(self.typed) && name != self.typed && is_new() {
            self.completions.push(completion(name, kind, signature));
        }
    }
}

fn completion(text: &str, kind: &str, signature: &str) -> Completion {
    Completion {
        text: text.to_owned(),
        kind: kind.to_owned(),
        signature: signature.to_owned(),
    }
}

fn kind(space: Space) -> &'static str {
    match space {
        Space::Types => "class",
        Space::Values | Space::Macros => "function",
    }
}

/// Returns the names in the helper crate's prelude, if the cell asks for the helper crate.
fn prelude_names(cell: &str) -> Option<Vec<String>> {
    static NAME: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(\w+)\s*[,;}]").expect("a valid expression"));
    const PRELUDE: &str = "src/prelude.rs";
    static EMBEDDED: LazyLock<Option<String>> = LazyLock::new(|| embedded_file(PRELUDE));
    let request = HelperRequest::of_cell(cell)?;
    let folder = std::env::current_dir().unwrap_or_default();
    let prelude = match request.project(&folder) {
        Some(project) => std::fs::read_to_string(project.join(PRELUDE)).ok()?,
        None => EMBEDDED.clone()?,
    };
    let names = NAME.captures_iter(&prelude);
    Some(names.map(|name| name[1].to_owned()).collect())
}

#[cfg(test)]
mod tests;
