//! Finds the items that a cell defines: functions, types, imports and the like.

use super::commands::code_start;
use super::outline::has_tree;
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem, HasName};
use ra_ap_syntax::{Edition, SourceFile, SyntaxNode};

/// An item at the top level of a cell.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its name, by which a later definition replaces it; `None` if it has none, like a `use`.
    pub name: Option<(Space, String)>,
    /// The type that an `impl` block is for.
    pub implemented: Option<String>,
    pub text: String,
    /// The part before the body, without documentation.
    pub signature: String,
    /// Its documentation, in Markdown.
    pub documentation: String,
}

/// A namespace: names in different ones do not hide each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    Types,
    Values,
    Macros,
}

/// Returns the items at the top level of a cell; none if the cell is very long or deeply nested. Must run on a large stack, by
/// [`super::deep`], or in a process that may crash.
pub fn items(code: &str) -> Vec<Item> {
    if !has_tree(code) {
        return Vec::new();
    }
    let rust = &code[code_start(code)..];
    let parsed = SourceFile::parse(&format!("fn cell() {{{rust}\n}}"), Edition::Edition2024);
    let body = parsed
        .tree()
        .items()
        .find_map(|item| match item {
            ast::Item::Fn(cell) => cell.body(),
            _ => None,
        })
        .and_then(|body| body.stmt_list());
    let Some(body) = body else { return Vec::new() };
    body.syntax()
        .children()
        .filter_map(ast::Item::cast)
        // A macro call in statement position is a statement, whatever it expands to.
        .filter(|item| !matches!(item, ast::Item::MacroCall(_)))
        .map(|item| Item {
            name: name(&item),
            implemented: implemented(&item),
            text: item.syntax().text().to_string(),
            signature: signature(&item),
            documentation: documentation(&item),
        })
        .collect()
}

fn name(item: &ast::Item) -> Option<(Space, String)> {
    let named = |space, name: Option<ast::Name>| Some((space, name?.text().to_string()));
    match item {
        ast::Item::Struct(item) => named(Space::Types, item.name()),
        ast::Item::Enum(item) => named(Space::Types, item.name()),
        ast::Item::Union(item) => named(Space::Types, item.name()),
        ast::Item::Trait(item) => named(Space::Types, item.name()),
        ast::Item::TypeAlias(item) => named(Space::Types, item.name()),
        ast::Item::Module(item) => named(Space::Types, item.name()),
        ast::Item::Fn(item) => named(Space::Values, item.name()),
        ast::Item::Const(item) => named(Space::Values, item.name()),
        ast::Item::Static(item) => named(Space::Values, item.name()),
        ast::Item::MacroRules(item) => named(Space::Macros, item.name()),
        ast::Item::MacroDef(item) => named(Space::Macros, item.name()),
        _ => None,
    }
}

/// Returns the name of the type that an `impl` block is for.
fn implemented(item: &ast::Item) -> Option<String> {
    let ast::Item::Impl(block) = item else {
        return None;
    };
    match block.self_ty()? {
        ast::Type::PathType(path) => {
            let name = path.path()?.segment()?.name_ref()?;
            Some(name.text().to_string())
        }
        _ => None,
    }
}

fn signature(item: &ast::Item) -> String {
    let body: Option<SyntaxNode> = match item {
        ast::Item::Fn(item) => item.body().map(|body| body.syntax().clone()),
        ast::Item::Trait(item) => item.assoc_item_list().map(|list| list.syntax().clone()),
        ast::Item::Module(item) => item.item_list().map(|list| list.syntax().clone()),
        ast::Item::MacroRules(item) => item.token_tree().map(|tree| tree.syntax().clone()),
        _ => None,
    };
    let end = body.map_or(item.syntax().text_range().end(), |body| {
        body.text_range().start()
    });
    let parts = item.syntax().children_with_tokens();
    let parts = parts
        .filter(|part| part.text_range().start() < end)
        .skip_while(|part| part.kind().is_trivia());
    let text: String = parts.map(|part| part.to_string()).collect();
    text.trim_end().to_owned()
}

fn documentation(item: &ast::Item) -> String {
    let lines: Vec<String> = item
        .syntax()
        .children_with_tokens()
        .filter_map(|part| ast::AstToken::cast(part.into_token()?))
        .filter_map(|comment: ast::Comment| Some(comment.doc_comment()?.0.to_owned()))
        .map(|line| line.strip_prefix(' ').map(str::to_owned).unwrap_or(line))
        .collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_item_has_a_signature_and_documentation() {
        let found = items(
            ":opt 1\nlet x = 1;\n/// Twice `x`.\n///\n/// More.\n#[inline]\nfn twice(x: u8) -> u8 { x + x }\ntwice(x)",
        );
        let [item] = &found[..] else {
            panic!("{found:?}")
        };
        assert_eq!(item.name, Some((Space::Values, "twice".to_owned())));
        assert_eq!(item.signature, "#[inline]\nfn twice(x: u8) -> u8");
        assert_eq!(item.documentation, "Twice `x`.\n\nMore.");
    }

    #[test]
    fn an_impl_block_is_for_a_type() {
        let found = items("impl<T> Show for Pair<T> { fn show(&self) {} }");
        assert_eq!(found[0].implemented.as_deref(), Some("Pair"));
        assert_eq!(found[0].name, None);
    }

    #[test]
    fn statements_are_not_items() {
        assert!(items("let x = 1; x; println!(\"a\"); if x { fn inner() {} }").is_empty());
    }
}
