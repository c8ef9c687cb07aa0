//! Finds the variables of a pattern.

use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasName};

/// Returns the variables that a pattern binds, in source order, each with whether it is `mut`.
pub fn variables(pattern: &ast::Pat) -> Vec<(String, bool)> {
    let nodes = pattern.syntax().descendants();
    let mut found: Vec<(String, bool)> = Vec::new();
    for bound in nodes.filter_map(ast::IdentPat::cast) {
        let Some(name) = bound.name() else { continue };
        let name = name.text().to_string();
        // Each alternative of an `|` binds the same variables. Inside of a pattern, a lone name with a capital letter is a
        // constant, a unit struct or a variant.
        let is_inside = bound.syntax() != pattern.syntax();
        if found.iter().any(|(other, _)| *other == name) || is_inside && is_constant(&bound, &name)
        {
            continue;
        }
        found.push((name, bound.mut_token().is_some()));
    }
    found
}

/// Returns a `let` in which one of its variables has another name; `None` if it defines none of this name.
pub fn with_renamed_binding(text: &str, name: &str, other: &str) -> Option<String> {
    const BEFORE: &str = "fn f() { ";
    let parsed = SourceFile::parse(&format!("{BEFORE}{text} }}"), Edition::CURRENT);
    let mut nodes = parsed.syntax_node().descendants();
    let pattern = nodes.find_map(ast::LetStmt::cast)?.pat()?;
    let bound = pattern
        .syntax()
        .descendants()
        .filter_map(ast::IdentPat::cast);
    let bound: Vec<_> = bound
        .filter(|bound| bound.name().is_some_and(|found| found.text() == name))
        .collect();
    let mut text = text.to_owned();
    for bound in bound.iter().rev() {
        let range = bound.name()?.syntax().text_range();
        let field = bound.syntax().parent().and_then(ast::RecordPatField::cast);
        // In `P { ref x }`, the field comes before `ref`.
        let shorthand = field.filter(|field| field.colon_token().is_none());
        let at = |offset| usize::from(offset) - BEFORE.len();
        text.replace_range(at(range.start())..at(range.end()), other);
        if let Some(field) = shorthand {
            text.insert_str(
                at(field.syntax().text_range().start()),
                &format!("{name}: "),
            );
        }
    }
    (!bound.is_empty()).then_some(text)
}

/// Whether a lone name is a constant, a unit struct or a variant, judging by its case (The Rust API guidelines, C-CASE).
fn is_constant(bound: &ast::IdentPat, name: &str) -> bool {
    let is_alone =
        bound.mut_token().is_none() && bound.ref_token().is_none() && bound.pat().is_none();
    is_alone && name.starts_with(char::is_uppercase)
}
