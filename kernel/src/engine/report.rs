//! What a failed cell shows: compile errors as rustc draws them, and the other ends of a cell.

use super::cell::Cell;
use crate::ipc::CellError;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use evcxr::CompilationError;
use regex::{Captures, Regex};
use serde_json::Value;
use std::sync::LazyLock;

/// How wide a report may be, in columns: the width of a cell's output in JupyterLab.
const WIDTH: usize = 100;

/// The error of a cell that does not compile; `source` is what was compiled.
pub fn compile_errors(errors: &[CompilationError], cell: &Cell, source: &str) -> CellError {
    // Warnings come along, also about earlier cells, and are not why it does not compile.
    let is_error = |error: &&CompilationError| error.level() != "warning";
    let errors: Vec<_> = errors.iter().filter(is_error).collect();
    let first = errors.first();
    let code = first.and_then(|error| error.code());
    let text = cell.text();
    let with_lines = |text: &str| closures_in_cell(text, source, cell.original());
    CellError {
        ename: code.map_or("CompileError".to_owned(), |code| format!("error[{code}]")),
        evalue: first.map_or("the cell does not compile".to_owned(), |error| {
            with_lines(&error.message())
        }),
        traceback: errors
            .iter()
            .flat_map(|error| lines(&with_lines(&draw(error, cell, &text))))
            .collect(),
    }
}

/// rustc names a closure by its place in the source, which nobody but us has seen: here by its line in the cell.
fn closures_in_cell(text: &str, source: &str, code: &str) -> String {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"@src/lib\.rs:(\d+):\d+: \d+:\d+\}").expect("a valid pattern")
    });
    let replaced = PLACE.replace_all(text, |found: &Captures| {
        let line = found[1].parse().ok();
        match line.and_then(|line| line_in_cell(source, line, code)) {
            Some(line) => format!("@cell:{line}}}"),
            None => "}".to_owned(),
        }
    });
    replaced.into_owned()
}

/// The error of a cell that ended the process in which cells run; `text` is what evcxr says.
pub fn runtime_died(text: &str) -> CellError {
    let how = text.rsplit("status: ").next().unwrap_or(text);
    CellError::new(
        "ProcessEnded",
        format!("the cell ended its process ({how}); a new one was started, without variables"),
    )
}

/// The error of a cell whose expressions are nested beyond reason.
pub fn too_deep() -> CellError {
    CellError::new(
        "SyntaxError",
        "this cell's expressions lie too deep in each other; give some of them names by `let`",
    )
}

/// The error of a cell that would keep a closure.
pub fn closure(name: &str) -> CellError {
    CellError::new(
        "Error",
        format!(
            "The variable `{name}` is a closure, which cannot be persisted.\n\
             You can however persist closures if you box them. e.g.:\n\
             let f: Box<dyn Fn()> = Box::new(|| {{println!(\"foo\")}});\n\
             Alternatively, you can prevent evcxr from attempting to persist\n\
             the variable by wrapping your code in braces."
        ),
    )
}

/// The error of a cell that would keep a value whose type is made of closures.
pub fn made_of_closures(name: &str) -> CellError {
    CellError::new(
        "Error",
        format!(
            "The type of the variable `{name}` is made of closures, which have no names, so it \
             cannot be persisted.\n\
             An iterator can be collected, e.g. into a `Vec`, or boxed as `Box<dyn Iterator<Item = …>>`.\n\
             Or wrap the code in braces, so that the variable ends with the cell."
        ),
    )
}

/// The line of `code` that line `line` of `source` was made from; both count from 1.
///
/// evcxr copies a cell's statements line by line and puts code of its own around them. A line of
/// which there are several is told from the others by its place among them.
pub fn line_in_cell(source: &str, line: usize, code: &str) -> Option<usize> {
    let generated: Vec<&str> = source.lines().map(str::trim).collect();
    let wanted = *generated.get(line.checked_sub(1)?)?;
    if wanted.is_empty() {
        return None;
    }
    let place = generated[..line - 1]
        .iter()
        .filter(|other| **other == wanted)
        .count();
    let candidates = code
        .lines()
        .enumerate()
        .filter(|(_, text)| contains(text, wanted));
    let places: Vec<usize> = candidates.map(|(index, _)| index + 1).collect();
    places.get(place).or(places.last()).copied()
}

/// Whether a generated line is the cell's line, or the part of it that holds one statement.
fn contains(cell_line: &str, generated: &str) -> bool {
    let code = generated.split(" let ").next().unwrap_or(generated).trim();
    cell_line.trim() == generated || (code.len() > 3 && cell_line.contains(code))
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}

fn draw(error: &CompilationError, cell: &Cell, text: &str) -> String {
    let own_label = format!("{}: {}", error.level(), error.message());
    let mut snippet = Snippet::source(cell.original()).line_start(1).path("cell");
    let mut annotated = false;
    for spanned in error.spanned_messages() {
        let Some(span) = spanned.span else { continue };
        let start = cell.original_offset(offset(text, span.start_line, span.start_column));
        let end = cell.original_offset(offset(text, span.end_line, span.end_column));
        let kind = if spanned.is_primary {
            AnnotationKind::Primary
        } else {
            AnnotationKind::Context
        };
        let mut annotation = kind.span(start..end.max(start));
        if !spanned.label.is_empty() && spanned.label != own_label {
            annotation = annotation.label(spanned.label.as_str());
        }
        snippet = snippet.annotation(annotation);
        annotated = true;
    }
    let message = error.message();
    let mut title = Level::ERROR.primary_title(message.as_str());
    if let Some(code) = error.code() {
        title = title.id(code);
    }
    let footers = footers(&error.json);
    let mut group = Group::with_title(title);
    if annotated {
        group = group.element(snippet);
    }
    for (level, text) in &footers {
        group = group.element(level.clone().message(text.as_str()));
    }
    let renderer = Renderer::styled()
        .term_width(WIDTH)
        .decor_style(DecorStyle::Ascii);
    renderer.render(&[group])
}

/// rustc's notes and helps, the latter with what they suggest to write.
fn footers(json: &Value) -> Vec<(Level<'static>, String)> {
    let children = json["children"].as_array().into_iter().flatten();
    children
        .filter_map(|child| {
            let level = match child["level"].as_str()? {
                "note" => Level::NOTE,
                "help" => Level::HELP,
                _ => return None,
            };
            let mut text = child["message"].as_str()?.to_owned();
            if let Some(replacement) = child["spans"][0]["suggested_replacement"].as_str()
                && !replacement.trim().is_empty()
            {
                text.push_str(&format!(": `{}`", replacement.trim()));
            }
            Some((level, text))
        })
        .collect()
}

/// The byte offset of a line and column (in characters), both from 1; at most the text's end.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let rest = text.get(start..).unwrap_or_default();
    let inside = rest
        .char_indices()
        .nth(column.saturating_sub(1))
        .map_or(rest.len(), |(at, _)| at);
    start + inside
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_count_characters() {
        assert_eq!(offset("äb\ncd", 1, 2), 2);
        assert_eq!(offset("äb\ncd", 2, 2), 5);
        assert_eq!(offset("äb\ncd", 9, 9), 6);
    }

    #[test]
    fn a_generated_line_is_found_in_the_cell() {
        let cell = "let v = vec![1];\nprintln!();\nv[7]; println!();\nprintln!();";
        let source = "extern\nlet v = vec![1]; \nlet v: Vec<i32> = v;\nprintln!();\nv[7]; \nprintln!();\nprintln!();\n";
        assert_eq!(line_in_cell(source, 2, cell), Some(1));
        assert_eq!(line_in_cell(source, 5, cell), Some(3));
        assert_eq!(line_in_cell(source, 1, cell), None);
        assert_eq!(line_in_cell(source, 99, cell), None);
    }

    #[test]
    fn a_closure_is_named_by_its_line_in_the_cell() {
        let cell = "let n = 1;\nspawn(move || n);";
        let source = "extern\nlet n = 1; \nspawn(move || n);\n";
        let told = |text: &str| closures_in_cell(text, source, cell);
        assert_eq!(
            told("within `{closure@src/lib.rs:3:7: 3:14}`"),
            "within `{closure@cell:2}`"
        );
        assert_eq!(told("`{closure@src/lib.rs:1:7: 1:14}`"), "`{closure}`");
    }

    #[test]
    fn the_end_of_a_process_is_told_in_words() {
        let error = runtime_died("Subprocess terminated with status: signal: 11 (SIGSEGV)");
        assert_eq!(
            error.evalue,
            "the cell ended its process (signal: 11 (SIGSEGV)); a new one was started, without variables"
        );
    }
}
