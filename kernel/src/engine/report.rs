//! The reports of failed cells: compile errors as rustc draws them, and other failures.

mod hints;
mod places;
mod suggestions;

use super::cell::Cell;
use super::lost_value::{as_missing, as_moved};
use super::rustc::Diagnostic;
use super::session::{Selection, Session};
use super::source::{Origin, PROBE_TYPE, Source, Use};
use crate::ipc::CellError;
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{Group, Level, Renderer};
use regex::{Captures, Regex};
use std::collections::HashMap;
use std::process::ExitStatus;
use std::sync::LazyLock;
use suggestions::corrected;

/// The maximum width of a report, in columns: that of a cell's output in JupyterLab.
const WIDTH: usize = 100;

/// Errors about something that may have been there in an earlier cell (The Rust error codes index).
const IS_MISSING: [&str; 8] = [
    "E0381", "E0405", "E0412", "E0422", "E0423", "E0425", "E0433", "E0599",
];

/// Draws the errors of a cell that does not compile.
pub struct Reporter<'a> {
    pub cell: &'a Cell,
    pub session: &'a Session,
    /// What the source contains of earlier cells.
    pub selection: &'a Selection,
    /// The texts of earlier cells.
    pub earlier: &'a HashMap<u32, String>,
    /// The source that rustc compiled.
    pub source: &'a Source,
}

impl Reporter<'_> {
    pub fn report(&self, errors: &[Diagnostic]) -> CellError {
        // A mistake in the cell may cause errors in the code around it.
        let is_here = |error: &&Diagnostic| {
            let mut places = error.spans.iter().map(|span| span.in_source());
            places.any(|place| self.source.in_cell(&place).is_some())
        };
        let here: Vec<Diagnostic> = errors.iter().filter(is_here).cloned().collect();
        let errors = if here.is_empty() { errors } else { &here };
        let errors: Vec<Diagnostic> = errors.iter().map(|error| self.of_lost(error)).collect();
        let first = errors.first();
        let code = first.map_or("", Diagnostic::code);
        CellError {
            ename: if code.is_empty() {
                "CompileError".to_owned()
            } else {
                format!("error[{code}]")
            },
            evalue: first.map_or("the cell does not compile".to_owned(), |error| {
                self.in_terms_of_cell(&error.message)
            }),
            traceback: errors
                .iter()
                .flat_map(|error| lines(&self.draw(error)))
                .collect(),
        }
    }

    /// Returns the error in other words if it is about a variable that an earlier cell has moved or lost.
    fn of_lost(&self, error: &Diagnostic) -> Diagnostic {
        let name = missing(error).unwrap_or_default();
        match self.session.ended.contains_key(name) {
            true if self.session.moved(name).is_some() => as_moved(error, name),
            true if error.code() == "E0381" => as_missing(error, name),
            _ => error.clone(),
        }
    }

    fn draw(&self, error: &Diagnostic) -> String {
        let mut title = Level::ERROR.primary_title(self.in_terms_of_cell(&error.message));
        if !error.code().is_empty() {
            title = title.id(error.code());
        }
        let (mut footers, mut below) = (Vec::new(), Vec::new());
        let children = error.children.iter();
        for child in children.filter(|child| !self.is_no_help(error, child)) {
            match self.below(child) {
                Some(group) => below.push(group),
                None => footers.extend(self.footer(child)),
            }
        }
        let origins = self.origins(error).into_iter();
        footers.extend(origins.map(|text| (Level::NOTE, text)));
        footers.extend(self.hint(error).map(|text| (Level::HELP, text)));
        let footers = footers.into_iter().map(|(level, text)| level.message(text));
        let group = Group::with_title(title)
            .elements(self.annotated(error))
            .elements(footers);
        let groups: Vec<Group> = std::iter::once(group).chain(below).collect();
        let renderer = Renderer::styled()
            .term_width(WIDTH)
            .decor_style(DecorStyle::Ascii);
        renderer.render(&groups)
    }

    /// Returns what is drawn below the error: a cell as rustc suggests it, or a note about a place in one.
    fn below<'b>(&'b self, child: &'b Diagnostic) -> Option<Group<'b>> {
        let message = self.in_terms_of_cell(&child.message);
        if let Some((cell, alternatives)) = self.suggested(child) {
            let corrected = alternatives
                .into_iter()
                .map(|changes| corrected(&cell, changes));
            return Some(Level::HELP.secondary_title(message).elements(corrected));
        }
        let place = self.place(child.primary()?)?;
        let level = match child.level.as_str() {
            "note" => Level::NOTE,
            "help" if place.cell.is_some() => Level::HELP,
            _ => return None,
        };
        let group = level.secondary_title(message);
        Some(group.elements(self.annotated(child)))
    }

    /// Whether a child of an error is of no use to the reader.
    fn is_no_help(&self, error: &Diagnostic, child: &Diagnostic) -> bool {
        // Another name is no help if a note says where this one is.
        let guesses = [
            "with a similar name",
            "consider importing",
            "introduce a new binding",
        ];
        let is_guess = guesses.iter().any(|words| child.message.contains(words));
        let is_known = missing(error).is_some_and(|name| self.session.ended.contains_key(name));
        is_guess && is_known || is_internal(&child.message)
    }

    /// Returns a note or help of rustc's that is not drawn, the latter with its suggestions, unless it is about a generated line.
    fn footer(&self, child: &Diagnostic) -> Option<(Level<'static>, String)> {
        let level = match child.level.as_str() {
            "note" => Level::NOTE,
            "help" => Level::HELP,
            _ => return None,
        };
        let is_ours = |span: &super::rustc::Span| self.source.in_cell(&span.in_source()).is_none();
        let replacements = child
            .spans
            .iter()
            .filter_map(|span| span.suggested_replacement.as_deref().map(str::trim));
        let mut replacements = replacements
            .filter(|replacement| !replacement.is_empty())
            .peekable();
        // A suggested import can be written in the cell.
        let is_import = replacements
            .peek()
            .is_some_and(|replacement| replacement.starts_with("use "));
        if !child.spans.is_empty() && child.spans.iter().all(is_ours) && !is_import {
            return None;
        }
        let mut text = self.in_terms_of_cell(&child.message);
        let replacements: Vec<_> = replacements
            .map(|replacement| format!("`{replacement}`"))
            .collect();
        if !replacements.is_empty() {
            text.push_str(&format!(
                ": {}",
                replacements.join(if is_import { ", " } else { " … " })
            ));
        }
        Some((level, text))
    }

    /// Returns notes on where the variables and items in the error come from, if the cell does not show it.
    fn origins(&self, error: &Diagnostic) -> Vec<String> {
        let mut notes = Vec::new();
        for span in &error.spans {
            let Some(segment) = self.source.segment_at(span.byte_start) else {
                continue;
            };
            if let Origin::Variable(Use::Take, name) = &segment.origin
                && let Some(variable) = self.session.variable(name)
            {
                let mutable = if variable.is_mut { "mut " } else { "" };
                notes.push(format!(
                    "cell {} defines `let {mutable}{name}: {}`",
                    variable.cell, variable.shown
                ));
            }
        }
        let waited = error
            .primary()
            .and_then(|span| self.source.segment_at(span.in_source().start));
        if let Some(segment) =
            waited.filter(|segment| matches!(segment.origin, Origin::Deferred(_)))
        {
            let text = &self.source.text()[segment.range.clone()];
            notes.push(format!(
                "in `{text}` of an earlier cell, whose type is inferred from this cell"
            ));
        }
        if error.code() == "E0382"
            && let Some(variable) = self
                .named(error)
                .and_then(|name| self.session.variable(name))
        {
            let moved = variable.moved_parts.iter();
            notes.extend(moved.map(|path| format!("an earlier cell moved `{path}`")));
        }
        let moved = self.named(error).and_then(|name| self.session.moved(name));
        let moved = moved.filter(|_| error.code() == "E0382");
        let gone = missing(error).and_then(|name| self.session.ended.get(name));
        notes.extend(moved.or(gone).cloned());
        notes.dedup();
        notes
    }

    /// Returns the variable that the error is about, unless the cell defines it.
    fn named<'b>(&self, error: &'b Diagnostic) -> Option<&'b str> {
        let path = error.quoted().next()?;
        let name = path.split(['.', '[']).next()?;
        let variables = self.cell.variables();
        (!variables.iter().any(|(_, own, _)| *own == name)).then_some(name)
    }

    /// Translates rustc's text from the generated source, which the user has not seen, to the cell: a closure is named by its
    /// line in the cell.
    fn in_terms_of_cell(&self, text: &str) -> String {
        static PLACE: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(r"@src/lib\.rs:(\d+):\d+: \d+:\d+\}").expect("a valid pattern")
        });
        let replaced = PLACE.replace_all(text, |found: &Captures| {
            let line = found[1].parse().ok();
            match line.and_then(|line| self.source.line_in_cell(line)) {
                Some(offset) => format!("@cell:{}}}", line_of(&self.cell.code, offset)),
                None => "}".to_owned(),
            }
        });
        // The function around the cell stands for a program's `main`.
        let replaced = replaced
            .replace("threadbook_cell::CellError", "CellError")
            .replace("CellError", "Box<dyn Error>")
            .replace("in this crate", "in this notebook");
        let anchored = self
            .session
            .variables
            .iter()
            .filter(|variable| variable.is_anchored);
        anchored.fold(replaced, |text, variable| {
            text.replace(
                &format!("`*{}", variable.name),
                &format!("`{}", variable.name),
            )
        })
    }
}

/// Returns the name that the error says is missing.
fn missing(error: &Diagnostic) -> Option<&str> {
    let quoted = error.quoted().next();
    quoted.filter(|_| IS_MISSING.contains(&error.code()))
}

/// Returns the line of a byte, counted from 1.
pub fn line_of(code: &str, offset: usize) -> usize {
    code.bytes()
        .take(offset)
        .filter(|byte| *byte == b'\n')
        .count()
        + 1
}

/// Whether a text names generated code.
fn is_internal(text: &str) -> bool {
    text.contains("threadbook_") || text.contains(PROBE_TYPE)
}

/// Returns the error of a cell that ended the runtime.
pub fn runtime_died(status: Option<ExitStatus>) -> CellError {
    let how = status.map_or_else(
        || "exit status unknown".to_owned(),
        |status| status.to_string(),
    );
    CellError::new(
        "ProcessEnded",
        format!("the cell ended its process ({how}); a new process was started, without variables"),
    )
}

/// Returns the error of a cell whose expressions are nested too deeply.
pub fn too_deep() -> CellError {
    CellError::new(
        "SyntaxError",
        "the expressions of this cell are nested too deeply; bind some of them with `let`",
    )
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::to_owned).collect()
}
