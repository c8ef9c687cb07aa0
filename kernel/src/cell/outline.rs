//! Parses a cell without building a syntax tree: rust-analyzer drops trees on a thread whose stack is too small for very deep
//! ones.

use super::MAX_TEXT_BYTES;
use super::commands::code_start;
use ra_ap_parser::{Edition, LexedStr, StrStep, SyntaxKind, T, TopEntryPoint};

const BEFORE: &str = "fn cell() {";

/// The nodes around the cell's own statements.
const AROUND: [SyntaxKind; 4] = [
    SyntaxKind::SOURCE_FILE,
    SyntaxKind::FN,
    SyntaxKind::BLOCK_EXPR,
    SyntaxKind::STMT_LIST,
];

/// Cells that are nested deeper are not parsed into a tree.
const MAX_DEPTH: usize = 500;

pub struct Outline {
    /// The byte offset of the first syntax error.
    pub first_error: Option<usize>,
    /// The nesting depth of the nodes.
    pub depth: usize,
    /// Whether the last statement is a `let` with a value.
    pub ends_with_let: bool,
}

/// Whether a cell can be parsed into a tree. Must run on a large stack.
pub fn has_tree(code: &str) -> bool {
    code.len() <= MAX_TEXT_BYTES && !is_too_deep(code)
}

/// Whether a cell is nested too deeply to be processed. Must run on a large stack.
pub fn is_too_deep(code: &str) -> bool {
    // Cells that are longer come from programs, which write long lists, and these are flat.
    code.len() <= MAX_TEXT_BYTES && outline(&code[code_start(code)..]).depth > MAX_DEPTH
}

/// Parses a cell. Must run on a large stack.
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

/// Follows the parser's steps through the text.
#[derive(Default)]
struct Reader {
    inside: Vec<SyntaxKind>,
    depth: usize,
    first_error: Option<usize>,
    /// The statement begun last, and whether it has a `=` of its own.
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
