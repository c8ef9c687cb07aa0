//! Finds the variables that a cell defines.

use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{Edition, SourceFile};
use std::ops::Range;

/// A top-level `let` with variables.
pub struct Let {
    /// Where it stands in the cell, in bytes.
    pub range: Range<usize>,
    /// Whether the type is written.
    pub is_typed: bool,
    /// The variables, each with whether it is `mut`.
    pub variables: Vec<(String, bool)>,
}

/// Finds the lets that evcxr would find; `base` is added to offsets.
pub fn find_lets(code: &str, base: usize) -> Vec<Let> {
    const BEFORE: &str = "fn cell() {";
    let parsed = SourceFile::parse(&format!("{BEFORE}{code}\n}}"), Edition::Edition2024);
    let body = parsed
        .syntax_node()
        .children()
        .find_map(ast::Fn::cast)
        .and_then(|cell| cell.body());
    let Some(body) = body else { return Vec::new() };
    body.statements()
        .filter_map(|statement| match statement {
            ast::Stmt::LetStmt(found) => Some(found),
            _ => None,
        })
        .filter_map(|found| {
            let pattern = found.pat()?;
            let mut variables = Vec::new();
            collect_variables(&pattern, &mut variables);
            let range = found.syntax().text_range();
            let shift = base as isize - BEFORE.len() as isize;
            let at = |position: usize| position.checked_add_signed(shift).unwrap_or(base);
            let range = at(range.start().into())..at(range.end().into()).min(base + code.len());
            (!variables.is_empty()).then(|| Let {
                range,
                is_typed: matches!(pattern, ast::Pat::IdentPat(_)) && is_fully_typed(&found),
                variables,
            })
        })
        .collect()
}

fn is_fully_typed(found: &ast::LetStmt) -> bool {
    found.ty().is_some_and(|written| {
        !written
            .syntax()
            .descendants()
            .any(|node| ast::InferType::can_cast(node.kind()))
    })
}

/// The variables of a pattern, those that evcxr keeps.
fn collect_variables(pattern: &ast::Pat, variables: &mut Vec<(String, bool)>) {
    let mut collect_all = |patterns: &mut dyn Iterator<Item = ast::Pat>| {
        patterns.for_each(|pattern| collect_variables(&pattern, variables));
    };
    match pattern {
        ast::Pat::IdentPat(found) => {
            if let Some(name) = found.name() {
                variables.push((name.text().to_string(), found.mut_token().is_some()));
            }
        }
        ast::Pat::TuplePat(tuple) => collect_all(&mut tuple.fields()),
        ast::Pat::TupleStructPat(tuple) => collect_all(&mut tuple.fields()),
        ast::Pat::RecordPat(record) => {
            let fields = record.record_pat_field_list();
            let fields = fields.iter().flat_map(|list| list.fields());
            collect_all(&mut fields.filter_map(|field| field.pat()));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(code: &str) -> Vec<String> {
        let lets = find_lets(code, 0).into_iter();
        lets.flat_map(|found| found.variables)
            .map(|(name, _)| name)
            .collect()
    }

    #[test]
    fn inner_lets_are_left_alone() {
        assert!(names("fn f() { let y = 2; }\n{ let z = 3; }").is_empty());
    }

    #[test]
    fn written_types_are_told() {
        let is_typed = |code| find_lets(code, 0)[0].is_typed;
        assert!(is_typed("let x: u8 = 1;"));
        assert!(!is_typed("let x = 1;"));
        assert!(!is_typed("let x: Vec<_> = f();"));
        assert!(!is_typed("let (a, b): (u8, u8) = f();"));
    }

    #[test]
    fn patterns_are_looked_into() {
        assert_eq!(
            names("let (a, Some(b), P { c, d: e, .. }) = f();"),
            ["a", "b", "c", "e"]
        );
        assert_eq!(names("let (a, b): (u8, u8) = f();"), ["a", "b"]);
    }

    #[test]
    fn a_cell_that_is_no_rust_has_none() {
        assert!(names("let let ) }").is_empty());
    }
}
