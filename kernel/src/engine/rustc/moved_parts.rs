//! Parts of variables that a cell moves.

use super::diagnostics::{Diagnostic, Span};
use crate::engine::source::Source;
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{Edition, SourceFile, SyntaxNode, TextSize};

/// Returns the path of the moved part, such as `p.name`, from a partial-move error.
pub fn moved_part(error: &Diagnostic, source: &Source) -> Option<String> {
    let mut notes = error.children.iter().map(|child| &child.message);
    let note = notes.find_map(|note| note.strip_prefix("partial move occurs because "))?;
    let named = note
        .strip_prefix('`')
        .and_then(|rest| rest.split_once("` has type"));
    let path = match named {
        Some((path, _)) => path.to_owned(),
        // A pattern moves it.
        None => {
            let mut spans = error.spans.iter();
            let moved = |span: &&Span| span.label().starts_with("value partially moved");
            path_of_pattern(source.text(), spans.find(moved)?.in_source().start)?
        }
    };
    let is_plain = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '*');
    path.chars().all(is_plain).then_some(path)
}

/// Returns the path of what the pattern at byte `offset` binds, in `let`, `if let` or `match`.
fn path_of_pattern(text: &str, offset: usize) -> Option<String> {
    let file = SourceFile::parse(text, Edition::CURRENT).tree();
    let offset = TextSize::try_from(offset).ok()?;
    let token = file.syntax().token_at_offset(offset).right_biased()?;
    let pattern = token.parent_ancestors().find_map(ast::IdentPat::cast)?;
    let mut fields: Vec<String> = Vec::new();
    let mut here = pattern.syntax().clone();
    let whole = loop {
        let parent = here.parent()?;
        if let Some(field) = ast::RecordPatField::cast(parent.clone()) {
            fields.push(field.field_name()?.text().to_string());
        } else if let Some(index) = index_in(&parent, &here) {
            fields.push(index.to_string());
        } else if let Some(value) = value_of(&parent) {
            break value;
        }
        here = parent;
    };
    let root = whole.syntax().text().to_string();
    let root = root.trim_matches(|c: char| matches!(c, '(' | ')' | '*') || c.is_whitespace());
    fields.push(root.to_owned());
    fields.reverse();
    Some(fields.join("."))
}

/// Returns the place of a pattern in that of a tuple or a tuple struct.
fn index_in(parent: &SyntaxNode, pattern: &SyntaxNode) -> Option<usize> {
    let fields: Vec<ast::Pat> = match ast::TuplePat::cast(parent.clone()) {
        Some(tuple) => tuple.fields().collect(),
        None => ast::TupleStructPat::cast(parent.clone())?
            .fields()
            .collect(),
    };
    let place = fields.iter().position(|field| field.syntax() == pattern)?;
    let has_rest = |field: &ast::Pat| matches!(field, ast::Pat::RestPat(_));
    // After `..` the number of fields is not known.
    (!fields[..place].iter().any(has_rest)).then_some(place)
}

/// Returns what is matched, if the node is what a whole pattern belongs to.
fn value_of(node: &SyntaxNode) -> Option<ast::Expr> {
    if let Some(binding) = ast::LetStmt::cast(node.clone()) {
        return binding.initializer();
    }
    if let Some(condition) = ast::LetExpr::cast(node.clone()) {
        return condition.expr();
    }
    ast::MatchArm::cast(node.clone())?;
    let all = node.ancestors().find_map(ast::MatchExpr::cast)?;
    all.expr()
}
