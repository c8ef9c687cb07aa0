//! rustc's diagnostics (The rustc book, "JSON output").

use serde::{Deserialize, Serialize};
use std::ops::Range;

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Diagnostic {
    pub message: String,
    pub level: String,
    pub code: Option<Code>,
    #[serde(default)]
    pub spans: Vec<Span>,
    #[serde(default)]
    pub children: Vec<Diagnostic>,
    /// The message as rustc draws it.
    #[serde(default)]
    pub rendered: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    pub code: String,
    /// What `rustc --explain` says.
    #[serde(default)]
    pub explanation: Option<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Span {
    pub file_name: String,
    pub byte_start: usize,
    pub byte_end: usize,
    pub is_primary: bool,
    pub label: Option<String>,
    #[serde(default)]
    pub suggested_replacement: Option<String>,
    /// The macro call that generated the code.
    #[serde(default)]
    pub expansion: Option<Box<Expansion>>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Expansion {
    pub span: Span,
}

impl Diagnostic {
    /// Returns the errors among rustc's output lines, without those that only count others.
    pub fn errors(lines: &str) -> Vec<Diagnostic> {
        let all = lines
            .lines()
            .filter_map(|line| serde_json::from_str::<Diagnostic>(line).ok());
        let is_error = |message: &Diagnostic| {
            message.level.starts_with("error") && !message.message.starts_with("aborting due to")
        };
        all.filter(is_error).collect()
    }

    pub fn code(&self) -> &str {
        self.code.as_ref().map_or("", |code| &code.code)
    }

    /// Whether rustc cannot infer a type (The Rust error codes index), or has assumed a wrong one: `i32` for a number that is too
    /// large for it, or `!` where a trait is needed that it lacks (The Edition Guide, "Never type fallback change").
    pub fn is_untyped(&self) -> bool {
        match self.code() {
            "E0277" => {
                self.message.starts_with("the trait bound `!: ") || self.message.starts_with("`!` ")
            }
            // A later cell may determine a larger type.
            "overflowing_literals" => self.message.ends_with("for `i32`"),
            code => matches!(code, "E0282" | "E0283" | "E0284" | "E0790"),
        }
    }

    /// Whether types do not fit each other (The Rust error codes index).
    pub fn is_about_types(&self) -> bool {
        matches!(self.code(), "E0271" | "E0277" | "E0308")
    }

    /// Whether a value of a type `impl …` has another type than what it meets.
    pub fn is_about_opaque_type(&self) -> bool {
        let labels = self.spans.iter().map(Span::label);
        let notes = self.children.iter().map(|note| note.message.as_str());
        let is_opaque = |text: &str| {
            let kinds = ["opaque type", "expected future", "found future"];
            kinds.iter().any(|kind| text.contains(kind))
        };
        let is_comparison = self.message.starts_with("can't compare");
        self.code() == "E0308" && labels.chain(notes).any(is_opaque)
            || self.code() == "E0277" && is_comparison && self.message.contains("`impl ")
    }

    /// Whether two items have the same name (The Rust error codes index).
    pub fn is_about_names(&self) -> bool {
        let codes = ["E0252", "E0254", "E0255", "E0260", "E0428"];
        codes.contains(&self.code())
    }

    /// Whether the error is about a borrow or a lifetime. Errors about lifetimes alone have no code.
    pub fn is_about_borrows(&self) -> bool {
        let codes = [
            "E0373", "E0499", "E0500", "E0501", "E0502", "E0503", "E0505", "E0506", "E0515",
            "E0521", "E0597", "E0713", "E0716",
        ];
        codes.contains(&self.code()) || self.code().is_empty() && self.message.contains("lifetime")
    }

    /// Whether the error is about a variable that changes or moves while another one borrows from it.
    pub fn is_about_conflicts(&self) -> bool {
        let codes = [
            "E0499", "E0500", "E0501", "E0502", "E0503", "E0505", "E0506", "E0713",
        ];
        codes.contains(&self.code())
    }

    /// Whether a closure cannot capture a partially moved variable.
    pub fn is_about_captures(&self) -> bool {
        let mut labels = self.spans.iter().map(Span::label);
        self.code() == "E0382" && labels.any(|label| label.ends_with("due to use in closure"))
    }

    /// Returns the type annotation that would require `'static`, if the error is about one.
    pub fn annotation(&self) -> Option<&Span> {
        self.spans
            .iter()
            .find(|span| span.label().starts_with("type annotation requires that"))
    }

    pub fn is_about_annotation(&self) -> bool {
        self.annotation().is_some()
    }

    /// Whether something in the code, which rustc labels, needs a borrow that never ends.
    pub fn requires_static(&self) -> bool {
        let mut labels = self.spans.iter().map(Span::label);
        labels.any(|label| label.ends_with("is borrowed for `'static`"))
    }

    /// Returns the variable that is borrowed from for too long, if the error names one.
    pub fn lender(&self) -> Option<&str> {
        // Its destructor would run before the borrow ends.
        let dropped = |label| {
            let (_, rest) = str::split_once(label, "drop of `")?;
            let (place, rest) = rest.split_once('`')?;
            rest.starts_with(" needs exclusive access").then_some(place)
        };
        let mut labels = self.spans.iter().map(Span::label);
        match self.code() {
            "E0713" => labels.find_map(dropped),
            _ => lender(&self.message),
        }
    }

    /// Returns the variable whose destructor conflicts with the place of the error.
    pub fn conflicting_destructor(&self) -> Option<&str> {
        let mut labels = self.spans.iter().map(Span::label);
        labels.find_map(|label| {
            let (_, rest) = label.split_once("when `")?;
            let (name, rest) = rest.split_once('`')?;
            rest.starts_with(" is dropped and runs the ")
                .then_some(name)
        })
    }

    /// Returns the texts between backticks in the message.
    pub fn quoted(&self) -> impl Iterator<Item = &str> {
        self.message.split('`').skip(1).step_by(2)
    }

    pub fn primary(&self) -> Option<&Span> {
        self.spans.iter().find(|span| span.is_primary)
    }
}

impl Span {
    /// Returns the bytes in the cell's source. If a macro generated the code, they are those of its argument that the code came from,
    /// or else those of the outermost call.
    pub fn in_source(&self) -> Range<usize> {
        let call = self.expansions().last().unwrap_or(self);
        let is_argument = |span: &&Span| {
            span.file_name == call.file_name
                && call.byte_start <= span.byte_start
                && span.byte_end <= call.byte_end
        };
        let place = self.expansions().find(is_argument).unwrap_or(call);
        place.byte_start..place.byte_end
    }

    /// Returns the span itself, and outwards those of the macro calls that generated its code.
    fn expansions(&self) -> impl Iterator<Item = &Span> {
        std::iter::successors(Some(self), |span| {
            span.expansion.as_ref().map(|expansion| &expansion.span)
        })
    }

    pub fn label(&self) -> &str {
        self.label.as_deref().unwrap_or_default()
    }
}

/// Returns the part of a variable, or the variable, that is borrowed for too long, given rustc's message.
pub fn lent_place(message: &str) -> Option<&str> {
    let quoted = message.split('`').nth(1)?;
    let is_path = |text: &str| {
        text.chars()
            .all(|letter| letter.is_alphanumeric() || "_.".contains(letter))
    };
    let names_place =
        message.ends_with(" does not live long enough") || message.contains(", but it borrows `");
    match names_place && is_path(quoted) {
        true => Some(quoted),
        false => lender(message),
    }
}

/// Returns the variable that is borrowed from, given rustc's message, which may name a part of it.
pub fn lender(message: &str) -> Option<&str> {
    let place = message.split('`').nth(1)?.trim_start_matches(['*', '(']);
    place.split(['.', '[', ')']).next()
}
