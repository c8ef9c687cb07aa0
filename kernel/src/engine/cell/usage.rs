//! Checks by tokens whether a cell may move a variable.

use super::Cell;
use ra_ap_parser::{LexedStr, SyntaxKind, T};
use std::ops::Range;

/// Formatting macros, which borrow their arguments (`std::fmt`, `assert_eq!`).
pub const FORMATTING_MACROS: [&str; 17] = [
    "assert",
    "assert_eq",
    "assert_ne",
    "debug_assert",
    "debug_assert_eq",
    "debug_assert_ne",
    "eprint",
    "eprintln",
    "format",
    "format_args",
    "print",
    "println",
    "write",
    "writeln",
    "panic",
    "todo",
    "unreachable",
];

/// Methods of the standard library that do not take `self` by value.
const BORROWING_METHODS: [&str; 60] = [
    "as_mut",
    "as_ref",
    "as_slice",
    "as_str",
    "borrow",
    "borrow_mut",
    "capacity",
    "chars",
    "clear",
    "clone",
    "contains",
    "contains_key",
    "drain",
    "elapsed",
    "entry",
    "extend",
    "fetch_add",
    "fetch_sub",
    "first",
    "get",
    "get_mut",
    "insert",
    "is_empty",
    "is_finished",
    "is_none",
    "is_some",
    "iter",
    "iter_mut",
    "keys",
    "last",
    "len",
    "lines",
    "load",
    "lock",
    "next",
    "notify_all",
    "notify_one",
    "peek",
    "pop",
    "pop_front",
    "push",
    "push_back",
    "push_str",
    "read",
    "recv",
    "remove",
    "retain",
    "reverse",
    "send",
    "sort",
    "split_whitespace",
    "starts_with",
    "store",
    "swap",
    "to_string",
    "trim",
    "truncate",
    "try_lock",
    "values",
    "write",
];

/// Whether the statements from byte `from` on may move the variable. If a user's own method with a well-known name takes its
/// receiver by value, rustc reports the move when the cell is compiled.
pub fn may_be_moved(cell: &Cell, name: &str, from: usize) -> bool {
    let statements = cell.statements.iter().map(|statement| &statement.range);
    let ranges = statements
        .chain(&cell.result)
        .filter(|range| range.end > from);
    ranges
        .into_iter()
        .any(|range| moves(cell, name, range.start.max(from)..range.end))
}

fn moves(cell: &Cell, name: &str, range: Range<usize>) -> bool {
    let tokens = Tokens::of(&cell.code[range], cell.edition);
    let mentions = (0..tokens.0.len()).filter(|at| tokens.text(*at) == name);
    // A `move` closure moves a variable by any use.
    let takes = tokens.0.iter().any(|(kind, _)| *kind == T![move]);
    let mut mentions = mentions.filter(|at| tokens.is_variable(*at));
    mentions.any(|at| takes || !tokens.is_borrowed(at))
}

struct Tokens<'a>(Vec<(SyntaxKind, &'a str)>);

impl<'a> Tokens<'a> {
    fn of(code: &'a str, edition: ra_ap_parser::Edition) -> Tokens<'a> {
        let lexed = LexedStr::new(edition, code);
        let tokens = (0..lexed.len()).filter(|index| !lexed.kind(*index).is_trivia());
        Tokens(
            tokens
                .map(|index| (lexed.kind(index), &code[lexed.text_range(index)]))
                .collect(),
        )
    }

    fn text(&self, at: usize) -> &str {
        self.0.get(at).map_or("", |(_, text)| text)
    }

    fn before(&self, at: usize, back: usize) -> &str {
        at.checked_sub(back).map_or("", |at| self.text(at))
    }

    /// Whether a token is not a field, a method or a part of a path.
    fn is_variable(&self, at: usize) -> bool {
        let is_path = self.before(at, 1) == ":" && self.before(at, 2) == ":";
        let is_member = self.before(at, 1) == "." && self.before(at, 2) != ".";
        !is_path && !is_member
    }

    fn is_borrowed(&self, at: usize) -> bool {
        let [before, next, third] = [self.before(at, 1), self.text(at + 1), self.text(at + 2)];
        let is_reference = before == "&" || before == "mut" && self.before(at, 2) == "&";
        let is_called =
            next == "." && BORROWING_METHODS.contains(&third) && self.text(at + 3) == "(";
        let is_index = next == "[";
        let is_assigned =
            next == "=" && third != "=" || ["+", "-", "*", "/"].contains(&next) && third == "=";
        let is_compared = ["=", "!"].contains(&next) && third == "="
            || before == "=" && self.before(at, 2) == "=";
        is_reference
            || is_called
            || is_index
            || is_assigned
            || is_compared
            || self.is_borrowed_by_macro(at)
    }

    /// Whether a token alone is an argument of a macro that borrows it.
    fn is_borrowed_by_macro(&self, at: usize) -> bool {
        let is_end = |text: &str| matches!(text, "," | ")" | "(");
        if !is_end(self.before(at, 1)) || !is_end(self.text(at + 1)) {
            return false;
        }
        let mut closed = 0;
        for index in (0..at).rev() {
            match self.text(index) {
                ")" | "]" | "}" => closed += 1,
                "(" | "[" | "{" if closed > 0 => closed -= 1,
                "(" => {
                    return self.before(index, 1) == "!"
                        && FORMATTING_MACROS.contains(&self.before(index, 2));
                }
                "[" | "{" => return false,
                _ => {}
            }
        }
        false
    }
}
