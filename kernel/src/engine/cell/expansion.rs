//! Expands calls of the user's own macros.

#[cfg(test)]
mod tests;

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
    /// Items, as text, among statements that define these variables, each with whether it is `mut`. A macro with this rule expands
    /// the call to the statements alone.
    Mixed {
        items: String,
        rule: String,
        variables: Vec<(String, bool)>,
    },
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
        let variables = variables(&argument, &statements.root, edition);
        let (items, others): (Vec<_>, Vec<_>) = statements.root.children().partition(is_item);
        if !items.is_empty() && !others.is_empty() {
            let items = items.iter().map(|item| statements.text(item));
            return Some(Expansion::Mixed {
                items: items.collect::<Vec<_>>().join("\n"),
                rule: statements.rule(&others, edition),
                variables,
            });
        }
        let text = statements.root.text().to_string();
        let is_expression = !text.is_empty() && !text.ends_with(';');
        Some(match variables.is_empty() {
            false => Expansion::Lets(variables),
            true if is_expression => Expansion::Other,
            true => Expansion::Statements,
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
fn variables(argument: &str, statements: &SyntaxNode, edition: Edition) -> Vec<(String, bool)> {
    let given = super::tokens::names(argument, edition);
    let patterns = statements
        .children()
        .filter_map(ast::LetStmt::cast)
        .filter_map(|found| found.pat());
    let variables = patterns.flat_map(|pattern| super::pattern::variables(&pattern));
    variables.filter(|(name, _)| given.contains(name)).collect()
}

/// Whether a node is an item other than the call of a macro, which may expand to statements.
fn is_item(node: &SyntaxNode) -> bool {
    ast::Item::can_cast(node.kind()) && !ast::MacroCall::can_cast(node.kind())
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
