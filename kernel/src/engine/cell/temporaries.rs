//! Temporaries in the value of a `let` that live as long as its variables (The Rust Reference, "Temporary lifetime extension").

use super::references::references;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, AstNode, HasArgList};

/// Returns the temporaries that a `let` with this pattern and value borrows, outer ones first.
pub fn extended_temporaries(pattern: &ast::Pat, value: &ast::Expr) -> Vec<ast::Expr> {
    let bound: Vec<ast::IdentPat> = pattern
        .syntax()
        .descendants()
        .filter_map(ast::IdentPat::cast)
        .collect();
    let by_reference = bound
        .iter()
        .filter(|bound| bound.ref_token().is_some())
        .count();
    let mut found = Vec::new();
    // For what other variables of the pattern take by value, see `Let::mixed_bindings`.
    if by_reference > 0 && by_reference == bound.len() {
        found.extend(temporary(value));
    }
    collect(value, &mut found);
    found
}

fn collect(value: &ast::Expr, found: &mut Vec<ast::Expr>) {
    if let ast::Expr::RefExpr(reference) = value {
        let found_here = reference.expr().as_ref().and_then(temporary);
        found.extend(found_here.filter(|value| !is_promoted(value)));
    }
    for part in extending_parts(value) {
        collect(&part, found);
    }
}

/// Returns the calls of `std::pin::pin` in the value of a `let` whose temporaries live as long as its variables.
pub fn extended_pins(value: &ast::Expr) -> Vec<ast::MacroCall> {
    const PATHS: [&str; 4] = ["pin", "pin::pin", "std::pin::pin", "core::pin::pin"];
    let is_pin = |call: &ast::MacroCall| {
        let path = call.path().map(|path| path.syntax().text().to_string());
        path.is_some_and(|path| PATHS.contains(&path.trim_start_matches("::")))
    };
    match value {
        ast::Expr::MacroExpr(found) => found.macro_call().into_iter().filter(is_pin).collect(),
        _ => {
            let parts = extending_parts(value).into_iter();
            parts.flat_map(|part| extended_pins(&part)).collect()
        }
    }
}

/// Returns the parts of an expression whose temporaries live as long as those of the whole do.
fn extending_parts(value: &ast::Expr) -> Vec<ast::Expr> {
    match value {
        ast::Expr::RefExpr(reference) => reference.expr().into_iter().collect(),
        ast::Expr::ParenExpr(inner) => inner.expr().into_iter().collect(),
        ast::Expr::CastExpr(inner) => inner.expr().into_iter().collect(),
        ast::Expr::TupleExpr(tuple) => tuple.fields().collect(),
        ast::Expr::ArrayExpr(array) => match array.kind() {
            ast::ArrayExprKind::ElementList(elements) => elements.collect(),
            ast::ArrayExprKind::Repeat { .. } => Vec::new(),
        },
        ast::Expr::RecordExpr(record) => {
            let fields = record
                .record_expr_field_list()
                .into_iter()
                .flat_map(|list| list.fields());
            fields.filter_map(|field| field.expr()).collect()
        }
        // A tuple struct or a variant.
        ast::Expr::CallExpr(call) if is_constructor(call) => call
            .arg_list()
            .into_iter()
            .flat_map(|list| list.args())
            .collect(),
        ast::Expr::BlockExpr(block) => block.tail_expr().into_iter().collect(),
        ast::Expr::IfExpr(branches) => {
            let tails = [
                branches.then_branch(),
                branches.else_branch().and_then(block_of),
            ];
            tails
                .into_iter()
                .flatten()
                .filter_map(|block| block.tail_expr())
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Whether an expression is a closure without captures. A reference to one is `'static` (The Rust Reference, "Constant promotion").
fn is_promoted(value: &ast::Expr) -> bool {
    let is_closure = matches!(value, ast::Expr::ClosureExpr(_));
    is_closure && references(&value.syntax().text().to_string(), Edition::CURRENT).is_empty()
}

/// Returns the temporary of which an expression is the value or a part; `None` if it is a part of a variable.
pub fn temporary(value: &ast::Expr) -> Option<ast::Expr> {
    match value {
        _ if is_place(value) => None,
        ast::Expr::ParenExpr(found) => temporary(&found.expr()?),
        ast::Expr::FieldExpr(found) => temporary(&found.expr()?),
        ast::Expr::IndexExpr(found) => temporary(&found.base()?),
        ast::Expr::PrefixExpr(found) if found.op_kind() == Some(ast::UnaryOp::Deref) => {
            temporary(&found.expr()?)
        }
        _ => Some(value.clone()),
    }
}

fn block_of(branch: ast::ElseBranch) -> Option<ast::BlockExpr> {
    match branch {
        ast::ElseBranch::Block(block) => Some(block),
        ast::ElseBranch::IfExpr(_) => None,
    }
}

fn is_constructor(call: &ast::CallExpr) -> bool {
    let Some(ast::Expr::PathExpr(path)) = call.expr() else {
        return false;
    };
    let name = path.path().and_then(|path| path.segment()?.name_ref());
    name.is_some_and(|name| name.text().starts_with(char::is_uppercase))
}

/// Whether a path is a value without fields such as `None`, judging by its name.
fn is_variant(path: &ast::PathExpr) -> bool {
    let name = path.path().and_then(|path| path.segment()?.name_ref());
    name.is_some_and(|name| {
        let name = name.text();
        name.starts_with(char::is_uppercase) && name.contains(char::is_lowercase)
    })
}

/// Whether an expression is a place, or a reference to one.
pub fn is_place(value: &ast::Expr) -> bool {
    match value {
        ast::Expr::PathExpr(path) => !is_variant(path),
        ast::Expr::RefExpr(found) => found.expr().is_some_and(|value| is_place(&value)),
        ast::Expr::ParenExpr(found) => found.expr().is_some_and(|value| is_place(&value)),
        ast::Expr::FieldExpr(found) => found.expr().is_some_and(|value| is_place(&value)),
        ast::Expr::PrefixExpr(found) => {
            found.op_kind() == Some(ast::UnaryOp::Deref)
                && found.expr().is_some_and(|value| is_place(&value))
        }
        ast::Expr::IndexExpr(found) => found.base().is_some_and(|value| is_place(&value)),
        _ => false,
    }
}

/// Whether the expression calls a function, a method or a macro.
pub fn calls_something(value: &ast::Expr) -> bool {
    let mut within = value.syntax().descendants();
    within.any(|node| {
        ast::CallExpr::can_cast(node.kind())
            || ast::MethodCallExpr::can_cast(node.kind())
            || ast::MacroCall::can_cast(node.kind())
    })
}
