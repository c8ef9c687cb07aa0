//! Evaluates a client's `user_expressions` after its cell.

use super::engine::Engine;
use super::evaluation::{evaluate as execute, media};
use crate::cell::{deep, has_tree};
use crate::ipc::CellError;
use jupyter_protocol::{ExpressionResult, JupyterMessage};
use ra_ap_syntax::ast::{self, AstNode, Expr};
use ra_ap_syntax::{Edition, SourceFile};
use std::collections::HashMap;
use std::sync::Arc;

/// Evaluates named expressions.
pub async fn evaluate(
    engine: &Engine,
    request: &Arc<JupyterMessage>,
    silent: bool,
    expressions: impl Iterator<Item = (&String, &String)>,
) -> HashMap<String, ExpressionResult> {
    let mut results = HashMap::new();
    for (name, expression) in expressions {
        let value = match guarded(expression) {
            Some(code) => execute(engine, request, &code, silent).await,
            None => Err(CellError::new("SyntaxError", "not an expression")),
        };
        let result = match value {
            Ok(data) => ExpressionResult::Ok {
                data: media(data),
                metadata: Default::default(),
            },
            Err(error) => ExpressionResult::Error {
                ename: error.ename,
                evalue: error.evalue,
                traceback: error.traceback,
            },
        };
        results.insert(name.clone(), result);
    }
    results
}

/// Returns code that evaluates an expression and cannot change a variable, or `None` if the text is not
/// an expression.
///
/// Wraps everything except place expressions in an `Fn` closure: rustc rejects one that moves a variable
/// out or borrows it mutably.
fn guarded(text: &str) -> Option<String> {
    let text = text.trim();
    deep(|| guard(text))?
}

fn guard(text: &str) -> Option<String> {
    let expression = has_tree(text).then(|| parse(text))??;
    if is_place(&expression) {
        return Some(text.to_owned());
    }
    Some(format!(
        "{{ fn unchanged<T>(value: impl Fn() -> T) -> T {{ value() }} unchanged(|| {{ {text}\n}}) }}"
    ))
}

/// Parses the whole text as one expression.
fn parse(text: &str) -> Option<Expr> {
    let parsed = SourceFile::parse(&format!("const _: () = ({text}\n);"), Edition::Edition2024);
    let item = parsed.syntax_node().children().find_map(ast::Const::cast)?;
    let Some(Expr::ParenExpr(whole)) = item.body() else {
        return None;
    };
    let is_whole = parsed.errors().is_empty() && parsed.syntax_node().children().count() == 1;
    whole.expr().filter(|_| is_whole)
}

/// Returns whether the expression is a place or a literal, which moves nothing when it is only displayed.
fn is_place(expression: &Expr) -> bool {
    match expression {
        Expr::PathExpr(_) | Expr::Literal(_) => true,
        Expr::FieldExpr(field) => field.expr().is_some_and(|base| is_place(&base)),
        Expr::ParenExpr(inner) => inner.expr().is_some_and(|inner| is_place(&inner)),
        Expr::IndexExpr(index) => {
            let parts = [index.base(), index.index()];
            parts.iter().all(|part| part.as_ref().is_some_and(is_place))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_taken_as_they_are() {
        for place in ["v", "p.name", "v[0]", "(p.q)[i].0", "Some", "1", "\"a\""] {
            assert_eq!(guarded(place).as_deref(), Some(place));
        }
    }

    #[test]
    fn all_else_is_guarded() {
        for other in [
            "v.len()",
            "drop(v)",
            "v.push(1)",
            "1 + 1",
            "{ let x = 1; x }",
            "x = 1",
        ] {
            let code = guarded(other).unwrap();
            assert!(
                code.contains(&format!("unchanged(|| {{ {other}\n}})")),
                "{code}"
            );
        }
    }

    #[test]
    fn what_is_not_an_expression_is_rejected() {
        for wrong in [
            "",
            "let x = 1",
            "fn f() {}",
            "1; 2",
            "1); drop((v",
            ":vars",
            "1 +",
        ] {
            assert_eq!(guarded(wrong), None, "{wrong}");
        }
    }
}
