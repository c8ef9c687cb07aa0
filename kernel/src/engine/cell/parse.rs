//! Parses a cell's text.

#[cfg(test)]
mod tests;

use super::expansion::{Expansion, Macros, is_item_call};
use super::statement::{Let, Value};
use super::{Cell, Item, Statement};
use ra_ap_parser::{Edition, SyntaxKind, T};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem};
use ra_ap_syntax::{NodeOrToken, SourceFile, SyntaxNode};
use std::ops::Range;

/// Text before the cell that makes the parser treat it as the body of a function.
const BEFORE: &str = "fn cell() {";

/// Parses cell number `number`. Its code has blanks in place of command lines; `macros` are those of earlier cells. Must run on a
/// large stack, see [`crate::cell::parser_stack`]. Code that does not parse becomes a single statement: rustc reports what is
/// wrong with it.
pub fn parse(code: &str, number: u32, edition: Edition, macros: &Macros) -> Cell {
    let mut cell = Cell::unread(code, edition);
    let parsed = SourceFile::parse(&format!("{BEFORE}{code}\n}}"), edition);
    let file = parsed.tree();
    let body = file.items().find_map(|item| match item {
        ast::Item::Fn(cell) => cell.body()?.stmt_list(),
        _ => None,
    });
    let whole = BEFORE.len() + code.len();
    let is_whole = |body: &ast::StmtList| usize::from(body.syntax().text_range().end()) > whole;
    // An outer attribute that no item follows is an error.
    let is_inner = |node: SyntaxNode| {
        node.kind() != SyntaxKind::ATTR || node.text().to_string().starts_with("#!")
    };
    let is_good = |body: &ast::StmtList| is_whole(body) && body.syntax().children().all(is_inner);
    match body.filter(|body| is_good(body) && parsed.errors().is_empty()) {
        Some(body) => Reader {
            cell: &mut cell,
            number,
            macros: macros.clone(),
        }
        .read(&body),
        None => {
            cell.statements.push(Statement {
                range: 0..code.len(),
                needs_semicolon: false,
                binding: None,
                rule: None,
            });
            cell.can_fail = true;
        }
    }
    cell
}

struct Reader<'a> {
    cell: &'a mut Cell,
    number: u32,
    macros: Macros,
}

impl Reader<'_> {
    fn read(&mut self, body: &ast::StmtList) {
        let nodes: Vec<SyntaxNode> = body.syntax().children().collect();
        let tail = body.tail_expr().map(|tail| tail.syntax().clone());
        for node in nodes {
            let is_tail = tail.as_ref() == Some(&node);
            self.take(&node, is_tail);
        }
    }

    fn take(&mut self, node: &SyntaxNode, is_tail: bool) {
        if node.kind() == SyntaxKind::ATTR {
            self.cell.attributes.push(range(node));
            return;
        }
        if let Some(call) = called(node) {
            return self.take_call(node, &call, is_tail);
        }
        if let Some(item) = ast::Item::cast(node.clone()) {
            return self.take_item(&item);
        }
        if let Some(found) = ast::LetStmt::cast(node.clone()) {
            self.look_for_exits(node);
            let binding = Let::of(&found);
            return self.push(node, binding, false);
        }
        self.look_for_exits(node);
        if is_tail && !has_no_value(node) {
            self.cell.result = Some(range(node));
        } else {
            self.push(node, None, false);
        }
    }

    fn take_item(&mut self, item: &ast::Item) {
        if let ast::Item::MacroRules(rules) = item {
            self.macros.define(rules);
        }
        let start = range(item.syntax()).start;
        let edition = self.cell.edition;
        if let Some(text) = self.macros.with_statics(item, edition) {
            let items = Item::all(&text, start, self.number, edition);
            return self.cell.items.extend(items);
        }
        let item = Item::of(item, start, self.number, edition);
        self.cell.items.push(item);
    }

    fn take_call(&mut self, node: &SyntaxNode, call: &ast::MacroCall, is_tail: bool) {
        let edition = self.cell.edition;
        match self.macros.expand(call, edition) {
            Some(Expansion::Items(text)) => self.take_expanded_items(&text, node),
            Some(Expansion::Mixed {
                items,
                rule,
                variables,
            }) => {
                self.take_expanded_items(&items, node);
                self.take_expanded_statements(node, variables);
                if let Some(statement) = self.cell.statements.last_mut() {
                    statement.rule = Some(rule);
                }
            }
            Some(Expansion::Lets(variables)) => self.take_expanded_statements(node, variables),
            None if is_item_call(call) => {
                let text = node.text().to_string();
                let ended = text.trim_end().ends_with([';', '}']);
                let text = if ended { text } else { text + ";" };
                let start = range(node).start;
                for item in SourceFile::parse(&text, edition).tree().items() {
                    let item = Item::of(&item, start, self.number, edition);
                    self.cell.items.push(item);
                }
            }
            // With braces it is a statement, even in last position (The Rust Reference, "Macro invocation").
            Some(Expansion::Statements) if node.text().to_string().trim_end().ends_with('}') => {
                self.look_for_exits(node);
                self.push(node, None, false);
            }
            Some(Expansion::Statements | Expansion::Other) | None => {
                self.look_for_exits(node);
                if is_tail {
                    self.cell.result = Some(range(node));
                } else {
                    self.push(node, None, false);
                }
            }
        }
    }

    /// Takes the items to which a call expands.
    fn take_expanded_items(&mut self, text: &str, call: &SyntaxNode) {
        let edition = self.cell.edition;
        let parsed = SourceFile::parse(text, edition);
        for item in parsed.tree().items() {
            if let ast::Item::MacroRules(rules) = item {
                self.macros.define(&rules);
            }
        }
        let items = Item::all(text, range(call).start, self.number, edition);
        self.cell.items.extend(items);
    }

    /// Takes a call that expands to statements which define these variables.
    fn take_expanded_statements(&mut self, call: &SyntaxNode, variables: Vec<(String, bool)>) {
        self.look_for_exits(call);
        let text = call.text().to_string();
        let ended = text.trim_end().ends_with([';', '}']);
        let binding = Let {
            variables,
            text: if ended { text } else { text + ";" },
            written: None,
            value: Value::Other,
        };
        let binding = Some(binding).filter(|binding| !binding.variables.is_empty());
        self.push(call, binding, !ended);
    }

    fn push(&mut self, node: &SyntaxNode, binding: Option<Let>, needs_semicolon: bool) {
        self.cell.statements.push(Statement {
            range: range(node),
            needs_semicolon,
            binding,
            rule: None,
        });
    }

    /// Records whether a statement uses `?`, `return` or `.await` on the cell itself, not in a function inside of it.
    fn look_for_exits(&mut self, statement: &SyntaxNode) {
        for part in statement.descendants_with_tokens() {
            let (kind, parent) = match &part {
                NodeOrToken::Node(node) => (node.kind(), node.parent()),
                NodeOrToken::Token(token) => (token.kind(), token.parent()),
            };
            let leaves = matches!(kind, T![?] | T![await] | SyntaxKind::RETURN_EXPR);
            let Some(parent) = parent.filter(|_| leaves) else {
                continue;
            };
            let mut around = parent
                .ancestors()
                .take_while(|node| node != statement)
                .chain([statement.clone()]);
            if around.any(|node| is_own_body(&node)) {
                continue;
            }
            let has_value = part
                .as_node()
                .is_some_and(|node| node.first_child().is_some());
            match kind {
                T![await] => self.cell.awaits = true,
                SyntaxKind::RETURN_EXPR => {
                    self.cell.returns = true;
                    self.cell.can_fail |= has_value;
                }
                _ => self.cell.can_fail = true,
            }
        }
    }
}

/// Returns the macro call in statement position, if `node` is one.
fn called(node: &SyntaxNode) -> Option<ast::MacroCall> {
    let expression = match ast::ExprStmt::cast(node.clone()) {
        Some(statement) => statement.expr(),
        None => ast::Expr::cast(node.clone()),
    };
    match expression {
        Some(ast::Expr::MacroExpr(call)) => call.macro_call(),
        _ => ast::MacroCall::cast(node.clone()),
    }
}

/// Whether `?`, `return` and `.await` inside of this node belong to it.
fn is_own_body(node: &SyntaxNode) -> bool {
    match ast::Expr::cast(node.clone()) {
        Some(ast::Expr::ClosureExpr(_)) => true,
        Some(ast::Expr::BlockExpr(block)) => {
            block.async_token().is_some() || block.try_block_modifier().is_some()
        }
        _ => {
            ast::Fn::can_cast(node.kind())
                || ast::Const::can_cast(node.kind())
                || ast::MacroRules::can_cast(node.kind())
        }
    }
}

/// Whether an expression is one without a value, so that it is the same as a statement.
fn has_no_value(node: &SyntaxNode) -> bool {
    match ast::Expr::cast(node.clone()) {
        Some(ast::Expr::ForExpr(_) | ast::Expr::WhileExpr(_)) => true,
        Some(ast::Expr::IfExpr(found)) => found.else_branch().is_none(),
        _ => false,
    }
}

/// Returns the bytes of a node in the cell.
fn range(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    let in_cell = |at: ra_ap_syntax::TextSize| usize::from(at).saturating_sub(BEFORE.len());
    in_cell(range.start())..in_cell(range.end())
}
