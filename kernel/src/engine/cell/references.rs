//! Finds a statement's references to variables that it does not define itself.

use super::macro_calls::{MacroCalls, macro_calls};
use super::tokens::captured;
use ra_ap_parser::{Edition, SyntaxKind};
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{SourceFile, SyntaxNode, SyntaxToken};
use std::ops::Range;

/// A place in a statement's text that refers to a variable.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    pub name: String,
    /// In bytes.
    pub range: Range<usize>,
    pub kind: Kind,
}

/// The form of a reference to a variable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Expression,
    /// A shorthand field, as in `Point { x }`.
    Field,
    /// Captured in a format string. The range is where an argument can be added to the macro call.
    Captured,
}

pub const BEFORE: &str = "fn f() {";

/// Returns all references to variables in a text of statements, without names that a closure, a loop, a `match` or a block of the
/// text binds.
pub fn references(text: &str, edition: Edition) -> Vec<Reference> {
    let text = format!("{BEFORE}{text}\n}}");
    let calls = macro_calls(&text, edition);
    let parsed = SourceFile::parse(&calls.text, edition);
    let tokens = parsed.syntax_node().descendants_with_tokens();
    let tokens = tokens.filter_map(|part| part.into_token());
    let found = tokens.flat_map(|token| match token.kind() {
        SyntaxKind::IDENT => reference(&token, &calls).into_iter().collect(),
        SyntaxKind::STRING => captures(&token, &calls),
        _ => Vec::new(),
    });
    found.collect()
}

/// Renames a variable that a text of statements refers to.
pub fn renamed(text: &str, name: &str, other: &str, edition: Edition) -> String {
    let mut found = references(text, edition);
    found.retain(|reference| reference.name == name);
    // In reverse, so that the other offsets stay valid.
    found.sort_by_key(|reference| std::cmp::Reverse(reference.range.start));
    let mut text = text.to_owned();
    for Reference { range, kind, .. } in found {
        let with = match kind {
            Kind::Expression => other.to_owned(),
            Kind::Field => format!("{name}: {other}"),
            Kind::Captured if text[..range.start].trim_end().ends_with(',') => {
                format!("{name} = {other}")
            }
            Kind::Captured => format!(", {name} = {other}"),
        };
        text.replace_range(range, &with);
    }
    text
}

fn reference(token: &SyntaxToken, calls: &MacroCalls) -> Option<Reference> {
    let is_field = is_shorthand(token);
    let is_reference = is_field || is_variable(token) || is_in_macro(token);
    let is_name = calls.is_macro_name(token) || calls.is_argument_name(token);
    if !is_reference || is_name || is_bound(token, token.text()) {
        return None;
    }
    let range = token.text_range();
    let at = |offset| usize::from(offset).checked_sub(BEFORE.len());
    Some(Reference {
        name: token.text().to_owned(),
        range: at(range.start())?..at(range.end())?,
        kind: if is_field {
            Kind::Field
        } else {
            Kind::Expression
        },
    })
}

/// Returns the variables that a format string in a macro call captures.
fn captures(string: &SyntaxToken, calls: &MacroCalls) -> Vec<Reference> {
    let Some(arguments) = calls.arguments(string) else {
        return Vec::new();
    };
    let Some(closing) = arguments.last_token() else {
        return Vec::new();
    };
    let end = usize::from(closing.text_range().start());
    let mut names = captured(string.text());
    names.sort();
    names.dedup();
    let arguments = calls.argument_names(&arguments);
    names.retain(|name| !arguments.contains(name) && !is_bound(string, name));
    let found = names.into_iter();
    let found = found.filter_map(|name| {
        let at = end.checked_sub(BEFORE.len())?;
        Some(Reference {
            name,
            range: at..at,
            kind: Kind::Captured,
        })
    });
    found.collect()
}

/// Whether a token is an expression path of one segment.
fn is_variable(token: &SyntaxToken) -> bool {
    let path = token.parent_ancestors().find_map(ast::Path::cast);
    path.is_some_and(|path| {
        let is_expression = path
            .syntax()
            .parent()
            .is_some_and(|parent| ast::PathExpr::can_cast(parent.kind()));
        is_expression && path.as_single_name_ref().is_some()
    })
}

fn is_shorthand(token: &SyntaxToken) -> bool {
    let field = token
        .parent_ancestors()
        .take(5)
        .find_map(ast::RecordExprField::cast);
    field.is_some_and(|field| {
        field.colon_token().is_none() && field.syntax().text_range() == token.text_range()
    })
}

/// Whether a token in a macro call may be a variable: not a field, a method or a part of a path.
fn is_in_macro(token: &SyntaxToken) -> bool {
    let is_tree = |node: SyntaxNode| node.kind() == SyntaxKind::TOKEN_TREE;
    let significant = |mut next: Option<SyntaxToken>, forward: bool| loop {
        match next {
            Some(token) if token.kind().is_trivia() => {
                next = if forward {
                    token.next_token()
                } else {
                    token.prev_token()
                }
            }
            found => return found.map(|token| token.kind()),
        }
    };
    let before = significant(token.prev_token(), false);
    let after = significant(token.next_token(), true);
    let joins =
        |kind: Option<SyntaxKind>| matches!(kind, Some(SyntaxKind::COLON | SyntaxKind::COLON2));
    token.parent().is_some_and(is_tree)
        && before != Some(SyntaxKind::DOT)
        && !joins(before)
        && !joins(after)
        && after != Some(SyntaxKind::BANG)
}

/// Whether something around the token binds `name`.
fn is_bound(token: &SyntaxToken, name: &str) -> bool {
    token.parent_ancestors().any(|node| {
        let binds = |pattern: Option<&SyntaxNode>| {
            let nodes = pattern.into_iter().flat_map(SyntaxNode::descendants);
            let mut names = nodes
                .filter_map(ast::IdentPat::cast)
                .filter_map(|bound| bound.name());
            names.any(|bound| bound.text() == name)
        };
        let parts = |node: &SyntaxNode| node.children().collect::<Vec<_>>();
        match node.kind() {
            SyntaxKind::CLOSURE_EXPR | SyntaxKind::FN => parts(&node)
                .iter()
                .any(|part| part.kind() == SyntaxKind::PARAM_LIST && binds(Some(part))),
            SyntaxKind::MATCH_ARM | SyntaxKind::FOR_EXPR => {
                let pattern = parts(&node)
                    .into_iter()
                    .find(|part| ast::Pat::can_cast(part.kind()));
                let is_inside =
                    |pattern: &SyntaxNode| pattern.text_range().end() < token.text_range().start();
                binds(pattern.filter(is_inside).as_ref())
            }
            SyntaxKind::IF_EXPR | SyntaxKind::WHILE_EXPR => {
                let lets = parts(&node)
                    .into_iter()
                    .flat_map(|part| part.descendants().collect::<Vec<_>>());
                let before =
                    |node: &SyntaxNode| node.text_range().end() <= token.text_range().start();
                lets.filter(|part| part.kind() == SyntaxKind::LET_EXPR)
                    .filter(before)
                    .any(|part| binds(Some(&part)))
            }
            SyntaxKind::STMT_LIST if is_inner(&node) => parts(&node).iter().any(|statement| {
                statement.kind() == SyntaxKind::LET_STMT
                    && statement.text_range().end() <= token.text_range().start()
                    && binds(
                        ast::LetStmt::cast(statement.clone())
                            .and_then(|found| found.pat())
                            .as_ref()
                            .map(AstNode::syntax),
                    )
            }),
            SyntaxKind::TOKEN_TREE => binds_in_closure(&node, token, name),
            _ => false,
        }
    })
}

/// Whether a closure in the tokens of a macro call has a parameter of this name, before the token or there.
fn binds_in_closure(tree: &SyntaxNode, token: &SyntaxToken, name: &str) -> bool {
    let tokens = tree.descendants_with_tokens();
    let tokens = tokens.filter_map(|part| part.into_token());
    let mut is_parameter = false;
    let mut follows_operand = false;
    for found in tokens.filter(|found| !found.kind().is_trivia()) {
        if found.text_range().start() > token.text_range().start() {
            break;
        }
        match found.kind() {
            SyntaxKind::PIPE => is_parameter = !is_parameter && !follows_operand,
            SyntaxKind::IDENT if is_parameter && found.text() == name => return true,
            _ => {}
        }
        follows_operand = match found.kind() {
            SyntaxKind::IDENT | SyntaxKind::R_PAREN | SyntaxKind::R_BRACK => true,
            kind => kind.is_literal(),
        };
    }
    false
}

/// Whether a statement list is nested in the text, not the text itself.
fn is_inner(list: &SyntaxNode) -> bool {
    usize::from(list.text_range().start()) >= BEFORE.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the text with brackets around each reference to `s`.
    fn marked(text: &str) -> String {
        let mut marked = text.to_owned();
        let mut all = references(text, Edition::CURRENT);
        all.sort_by_key(|found| std::cmp::Reverse(found.range.start));
        for found in all.iter().filter(|found| found.name == "s") {
            let with = match found.kind {
                Kind::Expression => "[s]",
                Kind::Field => "s: [s]",
                Kind::Captured => ", s = [s]",
            };
            marked.replace_range(found.range.clone(), with);
        }
        marked
    }

    #[test]
    fn references_are_found_in_code_and_macros() {
        assert_eq!(
            marked("s.len() + f(&s, a.s, s::b(), S { s, t: s });"),
            "[s].len() + f(&[s], a.s, s::b(), S { s: [s], t: [s] });"
        );
        assert_eq!(
            marked("println!(\"{s}\", s, a.s, s.t, s::u);"),
            "println!(\"{s}\", [s], a.s, [s].t, s::u, s = [s]);"
        );
        assert_eq!(marked("let t = s; let s = 1;"), "let t = [s]; let s = 1;");
    }

    #[test]
    fn a_variable_is_renamed() {
        assert_eq!(
            renamed(
                "let r = f(&s, || println!(\"{s}\"), s.s);",
                "s",
                "t",
                Edition::CURRENT
            ),
            "let r = f(&t, || println!(\"{s}\", s = t), t.s);"
        );
    }

    #[test]
    fn names_that_the_text_binds_are_not_references() {
        for text in [
            "f(|s| s.len());",
            "for s in a { s; }",
            "match a { Some(s) if s > 1 => s, _ => b };",
            "if let Some(s) = a { println!(\"{}\", s); }",
            "while let Some(s) = a { s; }",
            "{ let s = 1; s };",
            "fn f(s: u8) -> u8 { s }",
            "println!(\"{}\", a.map(|s| s + 1));",
            "println!(\"{:?}\", vec![a.map(|(s, t): (u8, u8)| s + t)]);",
            "assert_eq!(a.map(|s| format!(\"{s}\")), b, \"{}\", match a { s => s });",
            "println!(\"{s}\", s = 1);",
            "custom!(a.map(|s| s + 1));",
        ] {
            assert_eq!(marked(text), text);
        }
        assert_eq!(
            marked("println!(\"{}\", s.map(|t| s | t | s));"),
            "println!(\"{}\", [s].map(|t| [s] | t | [s]));"
        );
        assert_eq!(marked("custom!(s | t | s);"), "custom!([s] | t | [s]);");
        assert_eq!(marked("vec![s; 3];"), "vec![[s]; 3];");
        assert_eq!(marked("for t in s { s; }"), "for t in [s] { [s]; }");
        assert_eq!(marked("{ let t = s; s };"), "{ let t = [s]; [s] };");
        assert_eq!(
            marked("if let Some(s) = s { s }"),
            "if let Some(s) = [s] { s }"
        );
    }
}
