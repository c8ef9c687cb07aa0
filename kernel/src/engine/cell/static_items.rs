//! Finds the statics in an item.

use super::tokens::{names, normalized};
use ra_ap_parser::{Edition, SyntaxKind};
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasModuleItem, HasName, HasVisibility};
use ra_ap_syntax::{SourceFile, SyntaxNode};
use std::collections::BTreeSet;
use std::ops::Range;

/// A place in an item's text where statics are defined: a `static` item, or a call of `thread_local!`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StaticItem {
    /// Bytes of the item's text.
    pub range: Range<usize>,
    /// Where an attribute can be inserted, for a `static` item.
    pub attributes_at: Option<usize>,
    pub declarations: Vec<Declaration>,
}

/// One static.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declaration {
    pub name: String,
    pub visibility: String,
    pub is_mut: bool,
    pub ty: String,
    /// Identifies it among all statics of the notebook: its item, and the functions around it.
    pub path: String,
    /// Its tokens.
    pub normalized: String,
    /// The names in its type.
    pub mentions: BTreeSet<String>,
}

/// Returns all statics in an item, including those in functions, methods and modules.
pub fn sites(item: &SyntaxNode, key: &str, edition: Edition) -> Vec<StaticItem> {
    let base = item.text_range().start();
    let mut paths = BTreeSet::new();
    let mut found = Vec::new();
    for node in item.descendants() {
        // No static depends on type parameters.
        let declarations = if let Some(item) = ast::Static::cast(node.clone()) {
            if item.body().is_none() {
                continue;
            }
            vec![declaration(&item, &node, key, &mut paths, edition)]
        } else if let Some(call) = ast::MacroCall::cast(node.clone()).filter(is_thread_local) {
            thread_locals(&call, &node, key, &mut paths, edition)
        } else {
            continue;
        };
        let mut range = node.text_range() - base;
        let next = node.last_token().and_then(|token| token.next_token());
        if let Some(semicolon) = next.filter(|token| token.kind() == SyntaxKind::SEMICOLON) {
            range = range.cover(semicolon.text_range() - base);
        }
        let attributes_at = ast::Static::cast(node).map(|item| {
            let after = item
                .attrs()
                .last()
                .map(|attribute| attribute.syntax().text_range().end());
            let after = after.unwrap_or_else(|| first_token(item.syntax()));
            (after - base).into()
        });
        found.push(StaticItem {
            range: range.start().into()..range.end().into(),
            attributes_at,
            declarations,
        });
    }
    found
}

/// Returns where the first token begins that is neither a comment nor a blank.
fn first_token(node: &SyntaxNode) -> ra_ap_syntax::TextSize {
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|part| part.into_token());
    let mut tokens = tokens.filter(|token| !token.kind().is_trivia());
    tokens.next().map_or(node.text_range().start(), |token| {
        token.text_range().start()
    })
}

fn is_thread_local(call: &ast::MacroCall) -> bool {
    let path = call
        .path()
        .map(|path| path.syntax().text().to_string().replace(' ', ""));
    path.is_some_and(|path| {
        matches!(
            path.trim_start_matches("::"),
            "thread_local" | "std::thread_local"
        )
    })
}

fn thread_locals(
    call: &ast::MacroCall,
    at: &SyntaxNode,
    key: &str,
    paths: &mut BTreeSet<String>,
    edition: Edition,
) -> Vec<Declaration> {
    let Some(tree) = call.token_tree() else {
        return Vec::new();
    };
    let tree = tree.syntax().text().to_string();
    // The macro takes `static` items, except that the last semicolon may be missing.
    let text = format!(
        "{};",
        super::expansion::inner(&tree)
            .trim_end()
            .trim_end_matches(';')
    );
    let parsed = SourceFile::parse(&text, edition);
    let items = parsed.tree().items().filter_map(|item| match item {
        ast::Item::Static(item) => Some(item),
        _ => None,
    });
    items
        .map(|item| declaration(&item, at, key, paths, edition))
        .collect()
}

fn declaration(
    item: &ast::Static,
    at: &SyntaxNode,
    key: &str,
    paths: &mut BTreeSet<String>,
    edition: Edition,
) -> Declaration {
    let text =
        |node: Option<&SyntaxNode>| node.map(|node| node.text().to_string()).unwrap_or_default();
    let name = item
        .name()
        .map(|name| name.text().to_string())
        .unwrap_or_default();
    let ty = item.ty();
    let ty = text(ty.as_ref().map(AstNode::syntax));
    let visibility = item.visibility();
    let around = at.ancestors().skip(1).filter_map(|node| {
        let name = ast::Fn::cast(node.clone()).and_then(|item| item.name());
        let name = name.or_else(|| ast::Module::cast(node.clone()).and_then(|item| item.name()));
        let header = ast::Impl::cast(node)
            .and_then(|block| block.self_ty())
            .map(|ty| ty.syntax().text().to_string());
        name.map(|name| name.text().to_string()).or(header)
    });
    let mut path = around.fold(format!("{key} {name}"), |path, name| {
        format!("{path} in {name}")
    });
    while !paths.insert(path.clone()) {
        path.push('+');
    }
    Declaration {
        visibility: text(visibility.as_ref().map(AstNode::syntax)),
        is_mut: item.mut_token().is_some(),
        mentions: names(&ty, edition),
        ty,
        path,
        normalized: normalized(&text(Some(item.syntax())), edition),
        name,
    }
}
