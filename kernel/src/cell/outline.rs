//! What the parser makes of a cell, without a tree: trees are taken apart by a thread of
//! rust-analyzer's whose stack is too small for very deep ones.

use super::MAX_TEXT_BYTES;
use super::commands::code_start;
use ra_ap_parser::{Edition, LexedStr, StrStep, SyntaxKind, T, TopEntryPoint};

const BEFORE: &str = "fn cell() {";

/// The nodes in which the cell's own statements lie.
const AROUND: [SyntaxKind; 4] = [
    SyntaxKind::SOURCE_FILE,
    SyntaxKind::FN,
    SyntaxKind::BLOCK_EXPR,
    SyntaxKind::STMT_LIST,
];

/// Deeper cells are not put into a tree.
const MAX_DEPTH: usize = 500;

pub struct Outline {
    /// Where the parser first fails, as a byte offset.
    pub first_error: Option<usize>,
    /// How deep its nodes lie in each other.
    pub depth: usize,
    /// Whether the last statement is a `let` with a value.
    pub ends_with_let: bool,
}

/// Whether a cell can be put into a tree. To be called with room for many levels.
pub fn has_tree(code: &str) -> bool {
    code.len() <= MAX_TEXT_BYTES && !is_too_deep(code)
}

/// Whether a cell is too deep for what has to work with it. To be called with room for many
/// levels.
pub fn is_too_deep(code: &str) -> bool {
    // Who writes so much has a program write it, and those write long rows, which are flat.
    code.len() <= MAX_TEXT_BYTES && outline(&code[code_start(code)..]).depth > MAX_DEPTH
}

/// Parses a cell. To be called with room for many levels.
pub fn outline(code: &str) -> Outline {
    let text = format!("{BEFORE}{code}\n}}");
    let edition = Edition::Edition2024;
    let lexed = LexedStr::new(edition, &text);
    let parsed = TopEntryPoint::SourceFile.parse(&lexed.to_input(edition));
    let mut reader = Reader::default();
    lexed.intersperse_trivia(&parsed, &mut |step| reader.take(step));
    let errors = lexed
        .errors()
        .map(|(token, _)| lexed.text_start(token))
        .chain(reader.first_error);
    Outline {
        first_error: errors.map(|at| at.saturating_sub(BEFORE.len())).min(),
        depth: reader.depth,
        ends_with_let: reader.last == Some((SyntaxKind::LET_STMT, true)),
    }
}

/// Follows the parser through the text.
#[derive(Default)]
struct Reader {
    inside: Vec<SyntaxKind>,
    depth: usize,
    first_error: Option<usize>,
    /// The statement that was last begun, and whether it has a `=` of its own.
    last: Option<(SyntaxKind, bool)>,
}

impl Reader {
    fn take(&mut self, step: StrStep<'_>) {
        match step {
            StrStep::Enter { kind } => {
                if self.inside == AROUND {
                    self.last = Some((kind, false));
                }
                self.inside.push(kind);
                self.depth = self.depth.max(self.inside.len());
            }
            StrStep::Exit => {
                self.inside.pop();
            }
            StrStep::Token { kind: T![=], .. } if self.inside.len() == AROUND.len() + 1 => {
                self.last = self.last.map(|(kind, _)| (kind, true));
            }
            StrStep::Token { .. } => {}
            StrStep::Error { pos, .. } => {
                self.first_error = Some(self.first_error.map_or(pos, |first| first.min(pos)));
            }
        }
    }
}
