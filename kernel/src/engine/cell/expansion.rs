//! Expands calls of the user's own macros.

use super::expanded::Expanded;
use ra_ap_parser::{Edition, SyntaxKind, TopEntryPoint};
use ra_ap_syntax::SyntaxNode;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use regex::Regex;
use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

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
        let argument = call.token_tree()?.syntax().text().to_string();
        let items = self.expanded(call, &argument, edition, TopEntryPoint::MacroItems)?;
        let mut nodes = items.root.children();
        if !items.has_errors
            && items.root.children().next().is_some()
            && nodes.all(|node| ast::Item::can_cast(node.kind()))
            && let Some(items) = self.items(&items, edition, 0)
        {
            return Some(Expansion::Items(items));
        }
        let statements = self.expanded(call, &argument, edition, TopEntryPoint::MacroStmts)?;
        if statements.has_errors {
            return Some(Expansion::Other);
        }
        let expansion = lets(&argument, &statements.root, edition);
        let text = statements.root.text().to_string();
        let is_expression = !text.is_empty() && !text.ends_with(';');
        Some(match expansion {
            Expansion::Statements if is_expression => Expansion::Other,
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
            let Some(tree) = call.token_tree() else {
                continue;
            };
            let argument = tree.syntax().text().to_string();
            let place = TopEntryPoint::MacroStmts;
            let expanded = macros.expanded(call, &argument, edition, place);
            let Some(statements) = expanded.filter(|expanded| !expanded.has_errors) else {
                continue;
            };
            let is_static = |node: SyntaxNode| ast::Static::can_cast(node.kind());
            if statements.root.descendants().any(is_static) {
                let range = call.syntax().text_range() - base;
                let around = call.syntax().ancestors().nth(2).map(|node| node.kind());
                let is_expression = !matches!(around, Some(SyntaxKind::EXPR_STMT))
                    && call
                        .syntax()
                        .parent()
                        .is_some_and(|parent| ast::MacroExpr::can_cast(parent.kind()));
                let made = statements.text(&statements.root);
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

    /// Returns the items' text, with calls of the notebook's macros expanded; `None` if there is a call that would be an expression
    /// in statement position.
    fn items(&self, items: &Expanded, edition: Edition, depth: u32) -> Option<String> {
        let mut text = String::new();
        for item in items.root.children().filter_map(ast::Item::cast) {
            let call = match &item {
                ast::Item::MacroCall(call) => {
                    let tree = call.token_tree()?;
                    let argument = match self.takes_tokens(call) {
                        true => items.text(tree.syntax()),
                        false => items.argument(tree.syntax()),
                    };
                    Some((call, argument))
                }
                _ => None,
            };
            let expanded = call.as_ref().filter(|_| depth < MAX_DEPTH);
            let expanded = expanded.and_then(|(call, argument)| {
                self.expanded(call, argument, edition, TopEntryPoint::MacroItems)
            });
            match expanded.filter(|expanded| !expanded.has_errors) {
                Some(inner) => text.push_str(&self.items(&inner, edition, depth + 1)?),
                None if call.is_some_and(|(_, argument)| !has_items(&argument)) => return None,
                None => text.push_str(&items.text(item.syntax())),
            }
            text.push('\n');
        }
        Some(text)
    }

    /// Whether the macro takes single tokens, of which an expression in parentheses is one.
    fn takes_tokens(&self, call: &ast::MacroCall) -> bool {
        static TOKEN: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r":\s*tt\b").expect("a valid pattern"));
        let name = call.path().and_then(|path| path.as_single_name_ref());
        let rules = name.and_then(|name| self.0.get(name.text()));
        rules.is_some_and(|rules| TOKEN.is_match(rules))
    }

    /// Returns the expansion of a call with this argument, which includes its brackets.
    fn expanded(
        &self,
        call: &ast::MacroCall,
        argument: &str,
        edition: Edition,
        place: TopEntryPoint,
    ) -> Option<Expanded> {
        let name = call.path()?.as_single_name_ref()?.text().to_string();
        Expanded::of(self.0.get(&name)?, inner(argument.trim()), edition, place)
    }
}

/// Returns the variables that the statements define: names that the macro introduces itself are not visible outside of it (The Rust
/// Reference, "Hygiene").
fn lets(argument: &str, statements: &SyntaxNode, edition: Edition) -> Expansion {
    let given = super::tokens::names(argument, edition);
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

/// Whether the call of a macro that the notebook does not define seems to expand to items.
pub fn is_item_call(call: &ast::MacroCall) -> bool {
    let argument = call.token_tree();
    argument.is_some_and(|argument| has_items(&argument.syntax().text().to_string()))
}

/// Whether the argument of a macro looks like items, as those of `thread_local!`, `lazy_static!`, `bitflags!` and the like do.
fn has_items(argument: &str) -> bool {
    const ITEMS: [&str; 10] = [
        "static", "struct", "enum", "union", "trait", "impl", "fn", "mod", "type", "pub",
    ];
    let mut rest = inner(argument.trim()).trim_start();
    while let Some(attribute) = rest.strip_prefix('#') {
        rest = attribute
            .split_once(']')
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    let is_in_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let (first, rest) = rest.split_at(
        rest.find(|letter| !is_in_name(letter))
            .unwrap_or(rest.len()),
    );
    // `union` may also be the name of a variable.
    let goes_on = rest
        .trim_start()
        .starts_with(|letter| is_in_name(letter) || "<({!".contains(letter));
    ITEMS.contains(&first) && goes_on
}

/// Returns the text between a macro's delimiters.
pub fn inner(tree: &str) -> &str {
    let mut letters = tree.chars();
    letters.next();
    letters.next_back();
    letters.as_str()
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
        assert_eq!(text.trim(), "struct A ;\nimpl A { fn f() {} }");
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
            "fn a () {} fn b () {}"
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
    fn items_begin_with_a_keyword() {
        for items in [
            "(pub fn f() {})",
            "{ #[a] static ref N: u8 = 1; }",
            "(impl<T> A for B {})",
            "(pub(crate) mod m {})",
        ] {
            assert!(has_items(items), "{items}");
        }
        for others in [
            "(type_name_of_val(&a))",
            "(union, [1])",
            "(union == 2)",
            "(fn_name())",
            "(\"{}\", fn_pointer)",
        ] {
            assert!(!has_items(others), "{others}");
        }
    }

    #[test]
    fn an_expression_defines_nothing() {
        assert_eq!(
            expand("macro_rules! m { ($e:expr) => { $e + 1 } }\nm!(2);"),
            Some(Expansion::Other)
        );
        assert_eq!(expand("println!(\"\");"), None);
        assert_eq!(
            expand("macro_rules! m { () => {} }\nm! {}"),
            Some(Expansion::Statements)
        );
    }
}
