//! A cell's text, and what is changed in it before evcxr gets it. Lines stay lines.

use super::lets::{Let, find_lets};
use crate::cell::commands::{self, code_start, helper_path};
use std::collections::HashMap;
use std::ops::Range;
use std::path::PathBuf;

/// What of the helper needs its network library.
const NETWORK_NAMES: [&str; 3] = ["requests", "youtube", "YouTube"];

pub struct Cell {
    /// What the user wrote.
    original: String,
    /// The same, with the lines that we take care of ourselves blanked.
    remaining: String,
    /// Where `remaining` turns from commands into Rust, as a byte offset.
    code_start: usize,
    lets: Vec<Let>,
    insertions: Vec<Insertion>,
}

/// Text put into `remaining` at a byte offset.
struct Insertion {
    offset: usize,
    text: String,
}

impl Cell {
    pub fn new(code: &str) -> Cell {
        let code_start = code_start(code);
        Cell {
            original: code.to_owned(),
            remaining: code.to_owned(),
            code_start,
            lets: find_lets(&code[code_start..], code_start),
            insertions: Vec::new(),
        }
    }

    pub fn original(&self) -> &str {
        &self.original
    }

    /// What evcxr is to execute.
    pub fn text(&self) -> String {
        let mut text = self.remaining.clone();
        for insertion in self.insertions.iter().rev() {
            text.insert_str(insertion.offset, &insertion.text);
        }
        text
    }

    /// Takes the line `:dep threadbook = { path = "…" }` out of the cell; the path it names.
    pub fn take_helper(&mut self) -> Option<PathBuf> {
        let mut found = None;
        let lines: Vec<_> = commands::lines(&self.remaining[..self.code_start]).collect();
        for line in lines {
            if let Some(path) = helper_path(&self.remaining[line.clone()]) {
                found = Some(path);
                blank(&mut self.remaining, line);
            }
        }
        found
    }

    /// Takes all other commands out of the cell, for them to be executed first.
    pub fn take_commands(&mut self) -> Option<String> {
        let commands = self.remaining[..self.code_start].to_owned();
        blank(&mut self.remaining, 0..self.code_start);
        (!commands.trim().is_empty()).then_some(commands)
    }

    /// Whether the cell names what needs the helper's network library. A cell that only calls a
    /// function of an earlier cell does not, but that cell did.
    pub fn speaks_of_network(&self) -> bool {
        self.original
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .any(|word| NETWORK_NAMES.contains(&word))
    }

    /// The byte offset of the first `let` without a written type.
    pub fn first_let_to_type(&self) -> Option<usize> {
        let mut lets = self.lets.iter();
        Some(lets.find(|found| !found.is_typed)?.range.start)
    }

    /// The variables that the cell leaves behind, each with whether its type is written.
    pub fn variables(&self) -> HashMap<&str, bool> {
        // A variable that is defined twice is the last one.
        self.definitions()
            .map(|(found, (name, _))| (name.as_str(), found.is_typed))
            .collect()
    }

    /// Gives variable `name` the type `written`, by a `let` behind the one that defines it.
    pub fn annotate(&mut self, name: &str, written: &str) {
        let named = self.definitions().filter(|(_, (other, _))| other == name);
        let Some((found, (_, mutable))) = named.last() else {
            return;
        };
        let offset = found.range.end;
        let mutable = if *mutable { "mut " } else { "" };
        let text = format!(" let {mutable}{name}: {written} = {name};");
        let place = self
            .insertions
            .partition_point(|other| other.offset <= offset);
        self.insertions.insert(place, Insertion { offset, text });
    }

    /// Turns a byte offset in [`Cell::text`] into one in the original.
    pub fn original_offset(&self, offset: usize) -> usize {
        let mut inserted = 0;
        for insertion in &self.insertions {
            let start = insertion.offset + inserted;
            if offset <= start {
                break;
            }
            if offset < start + insertion.text.len() {
                return insertion.offset;
            }
            inserted += insertion.text.len();
        }
        offset - inserted
    }

    /// The variables of the cell, each with the `let` that defines it.
    fn definitions(&self) -> impl Iterator<Item = (&Let, &(String, bool))> {
        let defines = |found| {
            (found as &Let)
                .variables
                .iter()
                .map(move |variable| (found, variable))
        };
        self.lets.iter().flat_map(defines)
    }
}

/// Puts spaces in place of all but the ends of lines.
fn blank(text: &mut String, range: Range<usize>) {
    let spaces: String = text[range.clone()]
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    text.replace_range(range, &spaces);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn annotated(code: &str, types: &[(&str, &str)]) -> String {
        let mut cell = Cell::new(code);
        types
            .iter()
            .for_each(|(name, written)| cell.annotate(name, written));
        cell.text()
    }

    #[test]
    fn a_let_is_followed_by_its_type() {
        assert_eq!(
            annotated("let v = vec![1];\nv.len()", &[("v", "Vec<i32>")]),
            "let v = vec![1]; let v: Vec<i32> = v;\nv.len()"
        );
    }

    #[test]
    fn all_variables_of_a_pattern_are_typed() {
        assert_eq!(
            annotated(
                "let (mut a, P { b }) = f();",
                &[("a", "u8"), ("b", "&'static str")]
            ),
            "let (mut a, P { b }) = f(); let mut a: u8 = a; let b: &'static str = b;"
        );
    }

    #[test]
    fn the_last_definition_counts() {
        assert_eq!(
            annotated("let x = 1; let x = \"a\";", &[("x", "&'static str")]),
            "let x = 1; let x = \"a\"; let x: &'static str = x;"
        );
    }

    #[test]
    fn a_type_that_is_written_later_counts() {
        let cell = Cell::new("let x = 1; let x: u8 = 2; let y = 3;");
        assert_eq!(cell.variables(), HashMap::from([("x", true), ("y", false)]));
    }

    #[test]
    fn the_helper_line_is_taken_and_its_line_stays() {
        let mut cell =
            Cell::new(":dep threadbook = { path = \"..\" }\nuse threadbook::prelude::*;");
        assert_eq!(cell.take_helper(), Some(PathBuf::from("..")));
        let lines: Vec<String> = cell.text().lines().map(str::to_owned).collect();
        assert_eq!(
            lines,
            [" ".repeat(33), "use threadbook::prelude::*;".to_owned()]
        );
    }

    #[test]
    fn other_dependencies_are_evcxrs() {
        let mut cell = Cell::new(":dep itoa = \"1\"\nlet s = itoa::Buffer::new();");
        assert_eq!(cell.take_helper(), None);
        assert_eq!(cell.take_commands().as_deref(), Some(":dep itoa = \"1\"\n"));
        assert_eq!(cell.text().trim_start(), "let s = itoa::Buffer::new();");
    }

    #[test]
    fn offsets_are_turned_back() {
        let mut cell = Cell::new("let v = vec![1]; v.no();");
        cell.annotate("v", "Vec<i32>");
        let text = cell.text();
        let at = text.find("no").unwrap();
        assert_eq!(
            cell.original_offset(at),
            cell.original().find("no").unwrap()
        );
        assert_eq!(cell.original_offset(4), 4);
        assert_eq!(cell.original_offset(text.find("Vec").unwrap()), 16);
    }
}
