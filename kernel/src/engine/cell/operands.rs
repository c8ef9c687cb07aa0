//! Finds the operands of a statement: the expressions that it evaluates exactly once before it does anything else.

use super::macro_calls::{MacroCalls, macro_calls};
use super::references::BEFORE;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasArgList};

/// A statement without its operands, and these.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Operands {
    pub operands: Vec<String>,
    /// The statement with `()` in their places.
    pub rest: String,
}

/// Returns the operands of a statement that consists of one expression or assigns one to `_`; `None` if it has none, or is of a kind
/// of which they are not known.
pub fn operands(statement: &str, edition: Edition) -> Option<Operands> {
    let calls = macro_calls(&format!("{BEFORE}{statement}\n}}"), edition);
    let parsed = SourceFile::parse(&calls.text, edition).syntax_node();
    let list = parsed.descendants().find_map(ast::StmtList::cast)?;
    let whole = match list.statements().next() {
        Some(ast::Stmt::ExprStmt(found)) => found.expr()?,
        _ => list.tail_expr()?,
    };
    let found = match &whole {
        ast::Expr::BinExpr(found) if matches!(found.lhs()?, ast::Expr::UnderscoreExpr(_)) => {
            of(&found.rhs()?, &calls)
        }
        whole => of(whole, &calls),
    };
    let mut rest = statement.to_owned();
    let mut operands = Vec::new();
    for operand in found.iter().rev() {
        let range = operand.syntax().text_range();
        let at = |offset| usize::from(offset).checked_sub(BEFORE.len());
        let range = at(range.start())?..at(range.end())?;
        operands.insert(0, statement.get(range.clone())?.to_owned());
        rest.replace_range(range, "()");
    }
    (!operands.is_empty()).then_some(Operands { operands, rest })
}

/// Returns the operands of an expression in their order.
fn of(whole: &ast::Expr, calls: &MacroCalls) -> Vec<ast::Expr> {
    let arguments = |list: Option<ast::ArgList>| -> Vec<ast::Expr> {
        let arguments = list.into_iter().flat_map(|list| list.args());
        arguments.map(|argument| value(argument, calls)).collect()
    };
    let found = match whole {
        ast::Expr::CallExpr(found) => arguments(found.arg_list()),
        ast::Expr::MethodCallExpr(found) => arguments(found.arg_list()),
        ast::Expr::MatchExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::IfExpr(found) => Vec::from_iter(found.condition().and_then(matched)),
        ast::Expr::ParenExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::PrefixExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::RefExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::CastExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::TryExpr(found) => Vec::from_iter(found.expr()),
        ast::Expr::TupleExpr(found) => found.fields().collect(),
        ast::Expr::BinExpr(found) => match found.op_kind() {
            Some(ast::BinaryOp::LogicOp(_)) => Vec::from_iter(found.lhs()),
            Some(ast::BinaryOp::Assignment { .. }) => Vec::from_iter(found.rhs()),
            _ => found.lhs().into_iter().chain(found.rhs()).collect(),
        },
        _ => Vec::new(),
    };
    let is_literal = |operand: &ast::Expr| matches!(operand, ast::Expr::Literal(_));
    found
        .into_iter()
        .filter(|operand| !is_literal(operand))
        .collect()
}

/// Returns the value of a macro's argument, which may have a name: `x = 1`.
fn value(argument: ast::Expr, calls: &MacroCalls) -> ast::Expr {
    let named = match &argument {
        ast::Expr::BinExpr(found) => {
            let name = found.lhs().and_then(|name| name.syntax().last_token());
            let name = name.filter(|name| calls.is_argument_name(name));
            name.and_then(|_| found.rhs())
        }
        _ => None,
    };
    named.unwrap_or(argument)
}

/// Returns what a condition matches; the condition itself without a pattern.
fn matched(condition: ast::Expr) -> Option<ast::Expr> {
    match condition {
        ast::Expr::LetExpr(found) => found.expr(),
        condition => Some(condition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_evaluated_once() {
        for (statement, expected, rest) in [
            (
                "println!(\"{} {x}\", m.tick(), x = m.n);",
                &["m.tick()", "m.n"][..],
                "println!(\"{} {x}\", (), x = ());",
            ),
            (
                "_ = match m.tick() { 1 => f(), _ => {} };",
                &["m.tick()"],
                "_ = match () { 1 => f(), _ => {} };",
            ),
            (
                "if let Some(x) = m.pop() { g(x) }",
                &["m.pop()"],
                "if let Some(x) = () { g(x) }",
            ),
            ("m.log(m.tick());", &["m.tick()"], "m.log(());"),
            ("_ = a.f() + b.f();", &["a.f()", "b.f()"], "_ = () + ();"),
            ("_ = a.f() && b.f();", &["a.f()"], "_ = () && b.f();"),
        ] {
            let found = operands(statement, Edition::CURRENT);
            let wanted = Operands {
                operands: expected.iter().map(|text| (*text).to_owned()).collect(),
                rest: rest.to_owned(),
            };
            assert_eq!(found, Some(wanted));
        }
        for statement in ["for i in v { m.tick(); }", "{ m.tick() }", "|| m.tick();"] {
            assert_eq!(operands(statement, Edition::CURRENT), None);
        }
    }
}
