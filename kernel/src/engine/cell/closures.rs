//! Finds the closures of a text.

use super::macro_calls::macro_calls;
use super::references::BEFORE;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode};
use std::ops::Range;

/// Returns the bytes of the closure that begins at byte `start` of a text of statements.
pub fn closure_at(text: &str, start: usize, edition: Edition) -> Option<Range<usize>> {
    let calls = macro_calls(&format!("{BEFORE}{text}\n}}"), edition);
    let parsed = SourceFile::parse(&calls.text, edition);
    let nodes = parsed.syntax_node().descendants();
    let mut closures = nodes.filter_map(ast::ClosureExpr::cast).map(|closure| {
        let range = closure.syntax().text_range();
        let at = |offset| usize::from(offset) - BEFORE.len();
        at(range.start())..at(range.end())
    });
    closures.find(|range| range.start == start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closure_is_found_by_its_start() {
        let text = "let a = f(move |x| x + 1, || ());";
        let found = |start| closure_at(text, start, Edition::CURRENT).map(|range| &text[range]);
        assert_eq!(found(10), Some("move |x| x + 1"));
        assert_eq!(found(26), Some("|| ()"));
        assert_eq!(found(0), None);
        let text = "let v = vec![(1..3).map(|x| x + 1)];";
        assert_eq!(closure_at(text, 24, Edition::CURRENT), Some(24..33));
    }
}
