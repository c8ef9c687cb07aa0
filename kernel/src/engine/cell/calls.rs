//! Finds the calls of a text.

use super::macro_calls::macro_calls;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use std::ops::Range;

const BEFORE: &str = "fn f() {";

/// Returns the bytes of each call of a function or a method in a text of statements, inner calls first, with the name of what is called.
pub fn calls(text: &str, edition: Edition) -> Vec<(String, Range<usize>)> {
    let with_calls = macro_calls(&format!("{BEFORE}{text}\n}}"), edition);
    let parsed = SourceFile::parse(&with_calls.text, edition);
    let found = parsed.syntax_node().descendants().filter_map(|node| {
        let range = node.text_range();
        let at = |offset| usize::from(offset) - BEFORE.len();
        let name = match ast::Expr::cast(node)? {
            ast::Expr::CallExpr(call) => {
                let ast::Expr::PathExpr(function) = call.expr()? else {
                    return None;
                };
                function.path()?.segment()?.name_ref()?
            }
            ast::Expr::MethodCallExpr(call) => call.name_ref()?,
            _ => return None,
        };
        Some((name.text().to_string(), at(range.start())..at(range.end())))
    });
    let mut found: Vec<_> = found.collect();
    found.reverse();
    found
}

/// Returns the traits in the result `impl …` of a function, as it is written; those of an `async` function are `Future`.
pub fn result_traits(function: &str, edition: Edition) -> Option<String> {
    let parsed = SourceFile::parse(&format!("impl S {{ {function} }}"), edition);
    let mut nodes = parsed.syntax_node().descendants();
    let function = nodes.find_map(ast::Fn::cast)?;
    function.name()?;
    if function.async_token().is_some() {
        return Some("Future".to_owned());
    }
    let ast::Type::ImplTraitType(result) = function.ret_type()?.ty()? else {
        return None;
    };
    let traits = result.type_bound_list()?.syntax().text().to_string();
    Some(traits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_code_and_macros() {
        let text = "let a = [f(g::h(1)), vec![s.m(2), 3]];";
        let found: Vec<_> = calls(text, Edition::CURRENT)
            .into_iter()
            .map(|(name, range)| (name, &text[range]))
            .collect();
        let expected = [("m", "s.m(2)"), ("h", "g::h(1)"), ("f", "f(g::h(1))")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text)));
    }

    #[test]
    fn the_traits_of_a_result_are_known() {
        let traits = |function| result_traits(function, Edition::CURRENT);
        assert_eq!(
            traits("pub fn f<T>(t: T) -> impl Fn(i32) -> T + Clone { move |_| t.clone() }")
                .as_deref(),
            Some("Fn(i32) -> T + Clone")
        );
        assert_eq!(
            traits("async fn f() -> u8 { 1 }").as_deref(),
            Some("Future")
        );
        assert_eq!(traits("fn f(a: impl Fn()) -> u8 { 1 }"), None);
    }
}
