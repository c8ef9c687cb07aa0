//! Expands calls of the user's own macros, with rust-analyzer's implementation of `macro_rules!`.

use ra_ap_mbe::{DeclarativeMacro, MacroCallStyle};
use ra_ap_parser::{Edition, SyntaxKind, TopEntryPoint};
use ra_ap_span::{
    EditionedFileId, FileId, ROOT_ERASED_FILE_AST_ID, Span, SpanAnchor, SyntaxContext,
};
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{SyntaxNode, TextRange, TextSize};
use ra_ap_syntax_bridge::{parse_to_token_tree_static_span, token_tree_to_syntax_node};
use std::borrow::Cow;
use std::collections::HashMap;

/// Nested expansions are followed to this depth, the default of rustc's `recursion_limit`.
const MAX_DEPTH: u32 = 128;

/// The macros that the notebook has defined, by name.
#[derive(Default, Clone)]
pub struct Macros(HashMap<String, String>);

/// What a macro call in statement position expands to.
#[derive(Debug, PartialEq, Eq)]
pub enum Expansion {
    /// Items, as text.
    Items(String),
    /// Statements that define these variables, each with whether it is `mut`.
    Lets(Vec<(String, bool)>),
    /// Statements that define no variables.
    Statements,
    /// An expression, or something that does not parse.
    Other,
}

impl Macros {
    /// Adds a macro by its `macro_rules!` item and replaces one of the same name.
    pub fn define(&mut self, item: &ast::MacroRules) {
        if let (Some(name), Some(body)) = (item.name(), item.token_tree()) {
            let body = body.syntax().text().to_string();
            self.0
                .insert(name.text().to_string(), inner(&body).to_owned());
        }
    }

    /// Expands a call; `None` if the notebook does not define the macro, or the macro does not accept the call.
    pub fn expand(&self, call: &ast::MacroCall, edition: Edition) -> Option<Expansion> {
        let (items, errors) = self.parsed(call, edition, TopEntryPoint::MacroItems)?;
        if !errors
            && items.children().next().is_some()
            && items
                .children()
                .all(|node| ast::Item::can_cast(node.kind()))
            && let Some(items) = self.items(&items, edition, 0)
        {
            return Some(Expansion::Items(items));
        }
        let (statements, errors) = self.parsed(call, edition, TopEntryPoint::MacroStmts)?;
        if errors {
            return Some(Expansion::Other);
        }
        let expansion = self.lets(call, &statements, edition);
        let is_expression = || !statements.text().to_string().trim_end().ends_with(';');
        Some(match expansion {
            Expansion::Statements if is_expression() => Expansion::Other,
            expansion => expansion,
        })
    }

    /// Returns the text of an item with the macro calls that define statics expanded: only visible statics can be shared. `None`
    /// if there are no such calls.
    pub fn with_statics(&self, item: &ast::Item, edition: Edition) -> Option<String> {
        let base = item.syntax().text_range().start();
        let own = item
            .syntax()
            .descendants()
            .filter_map(ast::MacroRules::cast);
        let mut macros = Cow::Borrowed(self);
        for rules in own.filter(|rules| rules.syntax() != item.syntax()) {
            macros.to_mut().define(&rules);
        }
        let calls = item.syntax().descendants().filter_map(ast::MacroCall::cast);
        let mut text = item.syntax().text().to_string();
        let calls: Vec<ast::MacroCall> = calls.collect();
        let mut has_some = false;
        // In reverse, so that the other offsets stay valid.
        for call in calls.iter().rev() {
            let expanded = macros.parsed(call, edition, TopEntryPoint::MacroStmts);
            let Some((statements, false)) = expanded else {
                continue;
            };
            let is_static = |node: SyntaxNode| ast::Static::can_cast(node.kind());
            if statements.descendants().any(is_static) {
                let range = call.syntax().text_range() - base;
                let around = call.syntax().ancestors().nth(2).map(|node| node.kind());
                let is_expression = !matches!(around, Some(SyntaxKind::EXPR_STMT))
                    && call
                        .syntax()
                        .parent()
                        .is_some_and(|parent| ast::MacroExpr::can_cast(parent.kind()));
                let made = spaced(&statements);
                let made = if is_expression {
                    format!("{{ {made} }}")
                } else {
                    made
                };
                text.replace_range(usize::from(range.start())..usize::from(range.end()), &made);
                has_some = true;
            }
        }
        has_some.then_some(text)
    }

    /// Returns the items' text, with calls of the notebook's macros expanded.
    fn items(&self, items: &SyntaxNode, edition: Edition, depth: u32) -> Option<String> {
        let mut text = String::new();
        for item in items.children().filter_map(ast::Item::cast) {
            let expanded = match &item {
                ast::Item::MacroCall(call) if depth < MAX_DEPTH => {
                    self.parsed(call, edition, TopEntryPoint::MacroItems)
                }
                _ => None,
            };
            match expanded {
                Some((inner, false)) => text.push_str(&self.items(&inner, edition, depth + 1)?),
                // In statement position, such a call would be an expression.
                _ if matches!(&item, ast::Item::MacroCall(call) if !is_item_call(call)) => {
                    return None;
                }
                _ => text.push_str(&spaced(item.syntax())),
            }
            text.push('\n');
        }
        Some(text)
    }

    /// Returns the variables that the statements define: names that the macro introduces itself are not visible outside of it
    /// (The Rust Reference, "Hygiene").
    fn lets(&self, call: &ast::MacroCall, statements: &SyntaxNode, edition: Edition) -> Expansion {
        let argument = call.token_tree().map(|tree| spaced(tree.syntax()));
        let given = super::tokens::names(&argument.unwrap_or_default(), edition);
        let patterns = statements
            .children()
            .filter_map(ast::LetStmt::cast)
            .filter_map(|found| found.pat());
        let variables = patterns.flat_map(|pattern| super::pattern::variables(&pattern));
        let left: Vec<_> = variables.filter(|(name, _)| given.contains(name)).collect();
        if left.is_empty() {
            Expansion::Statements
        } else {
            Expansion::Lets(left)
        }
    }

    /// Returns the parsed expansion of the call, and whether it has syntax errors.
    fn parsed(
        &self,
        call: &ast::MacroCall,
        edition: Edition,
        place: TopEntryPoint,
    ) -> Option<(SyntaxNode, bool)> {
        let name = call.path()?.as_single_name_ref()?.text().to_string();
        let rules = self.0.get(&name)?;
        let argument = spaced(call.token_tree()?.syntax());
        let span = span(edition);
        let rules = parse_to_token_tree_static_span(edition, span, rules)?;
        let argument = parse_to_token_tree_static_span(edition, span, inner(argument.trim_end()))?;
        let rules = DeclarativeMacro::parse_macro_rules(&rules, |_| edition);
        let database = salsa::DatabaseImpl::default();
        let expanded = rules.expand(&database, &argument, |_| (), MacroCallStyle::FnLike, span);
        if expanded.err.is_some() {
            return None;
        }
        let (parsed, _) = token_tree_to_syntax_node(&expanded.value.0, place, &mut |_| edition);
        Some((parsed.syntax_node(), !parsed.errors().is_empty()))
    }
}

/// Whether the call of a macro that the notebook does not define seems to expand to items: the arguments of `thread_local!`,
/// `lazy_static!`, `bitflags!` and the like look like items themselves.
pub fn is_item_call(call: &ast::MacroCall) -> bool {
    const ITEMS: [&str; 10] = [
        "static", "struct", "enum", "union", "trait", "impl", "fn", "mod", "type", "pub",
    ];
    let Some(argument) = call.token_tree() else {
        return false;
    };
    let argument = spaced(argument.syntax());
    let mut rest = inner(argument.trim_end()).trim_start();
    while let Some(attribute) = rest.strip_prefix('#') {
        rest = attribute
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    let first: String = rest.chars().take_while(|c| c.is_alphanumeric()).collect();
    ITEMS.contains(&first.as_str())
}

/// Returns the text between a macro's delimiters.
pub fn inner(tree: &str) -> &str {
    let mut letters = tree.chars();
    letters.next();
    letters.next_back();
    letters.as_str()
}

/// Returns the text of a node that may be from an expansion, whose tokens have no blanks between them.
fn spaced(node: &SyntaxNode) -> String {
    const JOINED: [&str; 18] = [
        "=>", "->", "::", "..", "...", "..=", "==", "!=", "<=", ">=", "&&", "||", "+=", "-=", "*=",
        "/=", "<<", ">>",
    ];
    let tokens = node
        .descendants_with_tokens()
        .filter_map(|part| part.into_token());
    let mut text = String::new();
    // The punctuation that the text ends with.
    let mut before = String::new();
    for token in tokens {
        let is_joined = JOINED.contains(&format!("{before}{}", token.text()).as_str());
        before = if is_joined {
            before + token.text()
        } else {
            token.text().to_owned()
        };
        if is_joined {
            text.truncate(text.trim_end().len());
        }
        // All macros of the notebook are of the same crate.
        text.push_str(if token.text() == "$crate" {
            "crate"
        } else {
            token.text()
        });
        text.push(' ');
    }
    text
}

/// Returns a span for all tokens alike: nothing reads it.
fn span(edition: Edition) -> Span {
    Span {
        range: TextRange::empty(TextSize::new(0)),
        anchor: SpanAnchor {
            file_id: EditionedFileId::new(FileId::from_raw(0), edition),
            ast_id: ROOT_ERASED_FILE_AST_ID,
        },
        ctx: SyntaxContext::root(edition),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ra_ap_syntax::SourceFile;
    use ra_ap_syntax::ast::HasModuleItem;

    /// Expands the call at the end of a text with the macros before it.
    fn expand(text: &str) -> Option<Expansion> {
        let parsed = SourceFile::parse(text, Edition::CURRENT);
        let mut macros = Macros::default();
        let mut call = None;
        for item in parsed.tree().items() {
            match item {
                ast::Item::MacroRules(rules) => macros.define(&rules),
                ast::Item::MacroCall(found) => call = Some(found),
                _ => {}
            }
        }
        macros.expand(&call?, Edition::CURRENT)
    }

    #[test]
    fn items_are_found() {
        let items =
            expand("macro_rules! m { ($n:ident) => { struct $n; impl $n { fn f() {} } } }\nm!(A);");
        let Some(Expansion::Items(text)) = items else {
            panic!("{items:?}")
        };
        assert_eq!(text.trim(), "struct A ; \nimpl A { fn f ( ) { } }");
    }

    #[test]
    fn macros_in_macros_are_followed() {
        let items = expand(
            "macro_rules! one { ($n:ident) => { fn $n() {} } } macro_rules! two { ($a:ident $b:ident) => { one!($a); one!($b); } }\ntwo!(a b);",
        );
        let Some(Expansion::Items(text)) = items else {
            panic!("{items:?}")
        };
        assert_eq!(
            text.split_whitespace().collect::<Vec<_>>().join(" "),
            "fn a ( ) { } fn b ( ) { }"
        );
    }

    #[test]
    fn only_names_in_the_call_become_variables() {
        let lets = expand(
            "macro_rules! m { ($n:ident) => { let mut hidden = 1; let $n = hidden; } }\nm!(a);",
        );
        assert_eq!(lets, Some(Expansion::Lets(vec![("a".to_owned(), false)])));
    }

    #[test]
    fn an_expression_defines_nothing() {
        assert_eq!(
            expand("macro_rules! m { ($e:expr) => { $e + 1 } }\nm!(2);"),
            Some(Expansion::Other)
        );
        assert_eq!(expand("println!(\"\");"), None);
    }
}
