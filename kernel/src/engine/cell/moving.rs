//! Finds the closures and `async` blocks of a text that move what they capture.

use super::references::BEFORE;
use ra_ap_parser::{Edition, SyntaxKind, T};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxNode, SyntaxToken};
use std::ops::Range;

/// Returns the bytes of all `move` closures and `async move` blocks in a text of statements that are not inside of another one.
pub fn moving(text: &str, edition: Edition) -> Vec<Range<usize>> {
    let parsed = SourceFile::parse(&format!("{BEFORE}{text}\n}}"), edition);
    let tokens = parsed.syntax_node().descendants_with_tokens();
    let moves = tokens
        .filter_map(|part| part.into_token())
        .filter(|token| token.kind() == T![move]);
    let mut found: Vec<Range<usize>> = Vec::new();
    for range in moves.filter_map(|token| around(&token)) {
        let range = range.start - BEFORE.len()..range.end - BEFORE.len();
        if !found.iter().any(|outer| outer.end >= range.end) {
            found.push(range);
        }
    }
    found
}

fn around(token: &SyntaxToken) -> Option<Range<usize>> {
    let parent = token.parent()?;
    if parent.kind() == SyntaxKind::TOKEN_TREE {
        return Some(in_macro(token));
    }
    let is_it = |node: &SyntaxNode| {
        ast::ClosureExpr::can_cast(node.kind()) || ast::BlockExpr::can_cast(node.kind())
    };
    let range = parent.ancestors().find(is_it)?.text_range();
    Some(range.start().into()..range.end().into())
}

/// Returns the bytes from `move`, or the `async` before it, to the end of the argument of a macro.
fn in_macro(token: &SyntaxToken) -> Range<usize> {
    let before = token
        .siblings_with_tokens(ra_ap_syntax::Direction::Prev)
        .skip(1);
    let before = before.filter_map(NodeOrToken::into_token);
    let asynchronous = before
        .skip_while(|token| token.kind().is_trivia())
        .take(1)
        .find(|token| token.kind() == T![async]);
    let start = asynchronous.as_ref().unwrap_or(token).text_range().start();
    let mut end = token.text_range().end();
    for part in token.siblings_with_tokens(ra_ap_syntax::Direction::Next) {
        match part.kind() {
            T![,] | T![;] | T![')'] | T![']'] | T!['}'] => break,
            kind if kind.is_trivia() => {}
            _ => end = part.text_range().end(),
        }
    }
    start.into()..end.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_found_in_code_and_macros() {
        for (text, expected) in [
            ("f(move |x| x + k, |y| y);", &["move |x| x + k"][..]),
            (
                "vec![move |x| x * k, B { c: Box::new(move || k) }];",
                &["move |x| x * k", "move || k"],
            ),
            (
                "async move { (move || 1)() }.await;",
                &["async move { (move || 1)() }"],
            ),
            ("join!(async move { 1 }, 2);", &["async move { 1 }"]),
            ("|x| x;", &[]),
        ] {
            let found = moving(text, Edition::CURRENT);
            let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
            assert_eq!(found, expected);
        }
    }
}
