//! Finds the calls of a text.

use super::macro_calls::macro_calls;
use super::references::{BEFORE, references};
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasGenericArgs, HasName};
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the bytes of each call of a function or a method in a text of statements, inner calls first, with the name of what is called.
/// What a closure or a pattern of the text binds is no function.
pub fn calls(text: &str, edition: Edition) -> Vec<(String, Range<usize>)> {
    let with_calls = macro_calls(&format!("{BEFORE}{text}\n}}"), edition);
    let parsed = SourceFile::parse(&with_calls.text, edition);
    let free = references(text, edition).into_iter();
    let free: BTreeSet<usize> = free.map(|found| found.range.start).collect();
    let found = parsed.syntax_node().descendants().filter_map(|node| {
        let range = node.text_range();
        let at = |offset| usize::from(offset) - BEFORE.len();
        let name = match ast::Expr::cast(node)? {
            ast::Expr::CallExpr(call) => {
                let ast::Expr::PathExpr(function) = call.expr()? else {
                    return None;
                };
                let path = function.path()?;
                let start = at(path.syntax().text_range().start());
                let is_bound = path.qualifier().is_none() && !free.contains(&start);
                path.segment().filter(|_| !is_bound)?.name_ref()?
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

/// The result `impl …` of a function, or one in a container.
#[derive(Debug, PartialEq, Eq)]
pub struct OpaqueResult {
    /// As it is written.
    pub traits: String,
    pub container: Option<Container>,
}

/// A type of the standard library in which a function may return its values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Container {
    Option,
    Result,
    Vec,
}

/// Returns the result of a function if that has a type `impl …`. The result of an `async` function is a `Future`.
pub fn opaque_result(function: &str, edition: Edition) -> Option<OpaqueResult> {
    let parsed = SourceFile::parse(&format!("impl S {{ {function} }}"), edition);
    let mut nodes = parsed.syntax_node().descendants();
    let function = nodes.find_map(ast::Fn::cast)?;
    function.name()?;
    let result = function.ret_type().and_then(|result| result.ty());
    if function.async_token().is_some() {
        let output = result.map_or("()".to_owned(), |output| output.syntax().text().to_string());
        return Some(OpaqueResult {
            traits: format!("::std::future::Future<Output = {output}>"),
            container: None,
        });
    }
    let result = result?;
    let (container, inner) = contained(&result).map_or((None, result), |(container, inner)| {
        (Some(container), inner)
    });
    let ast::Type::ImplTraitType(opaque) = inner else {
        return None;
    };
    Some(OpaqueResult {
        traits: opaque.type_bound_list()?.syntax().text().to_string(),
        container,
    })
}

/// Returns the container that a type is, and the type of what it contains.
fn contained(ty: &ast::Type) -> Option<(Container, ast::Type)> {
    let ast::Type::PathType(path) = ty else {
        return None;
    };
    let segment = path.path()?.segment()?;
    let container = match segment.name_ref()?.text() {
        "Option" => Container::Option,
        "Result" => Container::Result,
        "Vec" => Container::Vec,
        _ => return None,
    };
    let arguments = segment.generic_arg_list()?.generic_args();
    let types = arguments.filter_map(|argument| match argument {
        ast::GenericArg::TypeArg(argument) => argument.ty(),
        _ => None,
    });
    Some((container, types.take(1).last()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_in_code_and_macros() {
        let text = "let a = [f(g::h(1)), vec![s.m(2), (|k| k(3))(4)]];";
        let found: Vec<_> = calls(text, Edition::CURRENT)
            .into_iter()
            .map(|(name, range)| (name, &text[range]))
            .collect();
        let expected = [("m", "s.m(2)"), ("h", "g::h(1)"), ("f", "f(g::h(1))")];
        assert_eq!(found, expected.map(|(name, text)| (name.to_owned(), text)));
    }

    #[test]
    fn the_traits_of_a_result_are_known() {
        let result = |function| opaque_result(function, Edition::CURRENT);
        let traits = |function| result(function).map(|found| found.traits);
        assert_eq!(
            traits("pub fn f<T>(t: T) -> impl Fn(i32) -> T + Clone { move |_| t.clone() }")
                .as_deref(),
            Some("Fn(i32) -> T + Clone")
        );
        assert_eq!(
            traits("async fn f() -> u8 { 1 }").as_deref(),
            Some("::std::future::Future<Output = u8>")
        );
        assert_eq!(traits("fn f(a: impl Fn()) -> u8 { 1 }"), None);
        let inside = OpaqueResult {
            traits: "Fn(u8)".to_owned(),
            container: Some(Container::Result),
        };
        assert_eq!(
            result("fn f() -> Result<impl Fn(u8), String> { g() }"),
            Some(inside)
        );
    }
}
