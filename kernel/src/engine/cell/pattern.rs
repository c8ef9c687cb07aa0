//! Finds the variables of a pattern.

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

/// Whether a lone name is a constant, a unit struct or a variant, judging by its case (The Rust API guidelines, C-CASE).
fn is_constant(bound: &ast::IdentPat, name: &str) -> bool {
    let is_alone =
        bound.mut_token().is_none() && bound.ref_token().is_none() && bound.pat().is_none();
    is_alone && name.starts_with(char::is_uppercase)
}
