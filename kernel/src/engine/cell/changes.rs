//! Finds the variables that a text of statements may change.

use super::macro_calls::{MacroCalls, macro_calls};
use super::purity::METHODS;
use super::references::{BEFORE, Kind, references};
use ra_ap_parser::{Edition, SyntaxKind};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{SourceFile, SyntaxToken, TextSize};
use std::collections::BTreeSet;

/// Those of the known methods without side effects that give access to what they are called on, or go on with an iterator.
const EXCLUSIVE: [&str; 8] = [
    "as_mut",
    "as_mut_slice",
    "find",
    "get_mut",
    "nth",
    "position",
    "split_at_mut",
    "take",
];

/// Other methods of the standard library that leave what they are called on as it is.
const SHARED: [&str; 16] = [
    "capacity",
    "clone",
    "cmp",
    "contains_key",
    "elapsed",
    "ends_with",
    "is_err",
    "is_none",
    "is_ok",
    "is_some",
    "load",
    "partial_cmp",
    "starts_with",
    "to_owned",
    "to_string",
    "to_vec",
];

/// How a text may change variables that it does not define itself.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// The variables that the text assigns or borrows exclusively, or that a macro may change.
    pub certain: BTreeSet<String>,
    /// The variables on which it calls methods that are not known to leave them as they are, each with the method's name; for a call of
    /// the variable itself the name is empty.
    pub called: BTreeSet<(String, String)>,
}

/// Returns how a text of statements may change variables that it does not define itself.
pub fn changes(text: &str, edition: Edition) -> Changes {
    let code = format!("{BEFORE}{text}\n}}");
    let calls = macro_calls(&code, edition);
    let parsed = SourceFile::parse(&calls.text, edition).syntax_node();
    let mut changes = Changes::default();
    for reference in references(text, edition) {
        if reference.kind != Kind::Expression {
            continue;
        }
        let at = TextSize::try_from(reference.range.start + BEFORE.len());
        let token = at
            .ok()
            .and_then(|at| parsed.token_at_offset(at).right_biased());
        if let Some(token) = token {
            changes.add(reference.name, &token, &calls);
        }
    }
    changes
}

impl Changes {
    fn add(&mut self, name: String, token: &SyntaxToken, calls: &MacroCalls) {
        let is_in_macro = token
            .parent()
            .is_some_and(|parent| parent.kind() == SyntaxKind::TOKEN_TREE);
        if is_in_macro {
            self.certain.insert(name);
            return;
        }
        let Some(mut place) = token.parent_ancestors().find_map(ast::Expr::cast) else {
            return;
        };
        while let Some(parent) = place.syntax().parent() {
            let is =
                |part: Option<ast::Expr>| part.is_some_and(|part| part.syntax() == place.syntax());
            let Some(outer) = ast::Expr::cast(parent) else {
                return;
            };
            match &outer {
                ast::Expr::ParenExpr(_) | ast::Expr::FieldExpr(_) => {}
                ast::Expr::PrefixExpr(found) if found.op_kind() == Some(ast::UnaryOp::Deref) => {}
                ast::Expr::IndexExpr(found) if is(found.base()) => {}
                ast::Expr::RefExpr(found) => {
                    if found.mut_token().is_some() {
                        self.certain.insert(name);
                    }
                    return;
                }
                ast::Expr::BinExpr(found) => {
                    let assigns = matches!(found.op_kind(), Some(ast::BinaryOp::Assignment { .. }));
                    if assigns && is(found.lhs()) && !calls.is_argument_name(token) {
                        self.certain.insert(name);
                    }
                    return;
                }
                ast::Expr::MethodCallExpr(found) => {
                    let method = found.name_ref().map(|method| method.text().to_string());
                    let method = method.filter(|_| is(found.receiver()));
                    if let Some(method) = method.filter(|method| !is_shared(method)) {
                        self.called.insert((name, method));
                    }
                    return;
                }
                ast::Expr::CallExpr(found) => {
                    if is(found.expr()) {
                        self.called.insert((name, String::new()));
                    }
                    return;
                }
                _ => return,
            }
            place = outer;
        }
    }
}

/// Whether a method of the standard library leaves what it is called on as it is.
fn is_shared(method: &str) -> bool {
    let is_known = METHODS.contains(&method) && !EXCLUSIVE.contains(&method);
    is_known || SHARED.contains(&method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_assigned_borrowed_or_called() {
        for (text, certain, called) in [
            ("n += i; k = n + 1;", &["k", "n"][..], &[][..]),
            ("p.x[i] = v.len();", &["p"], &[]),
            ("f(&mut a, &b, c);", &["a"], &[("f", "")]),
            ("for x in v.iter() { w.push(x); }", &[], &[("w", "push")]),
            ("println!(\"{n} {}\", m.tick());", &[], &[("m", "tick")]),
            ("{ let n = 1; n.go(); } *r = 2;", &["r"], &[]),
            ("own!(a);", &["a"], &[]),
        ] {
            let found = changes(text, Edition::CURRENT);
            let names: Vec<&str> = found.certain.iter().map(String::as_str).collect();
            assert_eq!(names, certain, "{text}");
            let calls: Vec<(&str, &str)> = found
                .called
                .iter()
                .map(|(name, method)| (name.as_str(), method.as_str()))
                .collect();
            assert_eq!(calls, called, "{text}");
        }
    }
}
