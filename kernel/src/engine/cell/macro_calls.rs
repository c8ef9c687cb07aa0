//! Calls of macros whose arguments are expressions, which a parser takes for mere tokens.

use super::usage::FORMATTING_MACROS;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind};
use ra_ap_syntax::ast::{self, AstNode};
use ra_ap_syntax::{SourceFile, SyntaxNode, SyntaxToken};
use std::collections::BTreeSet;

/// A text in which these calls look like calls of functions, each byte in its place, so that their arguments can be parsed.
pub struct MacroCalls {
    pub text: String,
    /// Where the names of the macros begin, in bytes.
    names: BTreeSet<usize>,
}

/// Writes the calls of macros such as `println!(…)` as calls of functions, and `vec![…]` as an array.
pub fn macro_calls(text: &str, edition: Edition) -> MacroCalls {
    let lexed = LexedStr::new(edition, text);
    let mut calls = text.to_owned();
    let mut names = BTreeSet::new();
    for index in 0..lexed.len().saturating_sub(2) {
        let [name, bang, open] = [index, index + 1, index + 2].map(|index| lexed.text(index));
        if lexed.kind(index) != SyntaxKind::IDENT || bang != "!" {
            continue;
        }
        let range = lexed.text_range(index);
        if open == "(" && (FORMATTING_MACROS.contains(&name) || matches!(name, "dbg" | "vec")) {
            calls.replace_range(range.end..range.end + bang.len(), " ");
            names.insert(range.start);
        } else if open == "[" && name == "vec" {
            let blanks = " ".repeat(name.len() + bang.len());
            calls.replace_range(range.start..range.start + blanks.len(), &blanks);
        }
    }
    MacroCalls { text: calls, names }
}

/// Returns the argument of `vec!`, without its brackets, as an array.
pub fn as_array(list: &str) -> Option<ast::ArrayExpr> {
    let parsed = SourceFile::parse(&format!("const C: () = [{list}];"), Edition::CURRENT);
    let mut nodes = parsed.syntax_node().descendants();
    nodes.find_map(ast::ArrayExpr::cast)
}

impl MacroCalls {
    /// Whether the token is the name of such a macro.
    pub fn is_macro_name(&self, token: &SyntaxToken) -> bool {
        self.names
            .contains(&usize::from(token.text_range().start()))
    }

    /// Whether the token is the name of an argument, as `x` in `println!("{x}", x = 1)`.
    pub fn is_argument_name(&self, token: &SyntaxToken) -> bool {
        let path = token.parent_ancestors().find_map(ast::PathExpr::cast);
        let assignment = path.and_then(|path| ast::BinExpr::cast(path.syntax().parent()?));
        assignment.is_some_and(|assignment| {
            let is_left = assignment
                .lhs()
                .is_some_and(|left| left.syntax().text_range() == token.text_range());
            let is_argument = assignment
                .syntax()
                .parent()
                .is_some_and(|arguments| self.macro_of(&arguments).is_some());
            is_left && is_argument && assignment.op_token().is_some_and(|op| op.text() == "=")
        })
    }

    /// Returns the names that a macro call gives to its arguments.
    pub fn argument_names(&self, arguments: &SyntaxNode) -> Vec<String> {
        let assignments = arguments.children().filter_map(ast::BinExpr::cast);
        let names = assignments.filter_map(|assignment| assignment.lhs()?.syntax().last_token());
        let names = names.filter(|name| self.is_argument_name(name));
        names.map(|name| name.text().to_owned()).collect()
    }

    /// Returns the arguments of the macro call to which a format string belongs.
    pub fn arguments(&self, string: &SyntaxToken) -> Option<SyntaxNode> {
        let arguments = string.parent()?.parent()?;
        let name = self.macro_of(&arguments)?;
        FORMATTING_MACROS
            .contains(&name.text())
            .then_some(arguments)
    }

    /// Returns the name of the macro to which a list of arguments belongs.
    fn macro_of(&self, arguments: &SyntaxNode) -> Option<SyntaxToken> {
        ast::ArgList::cast(arguments.clone())?;
        let call = ast::CallExpr::cast(arguments.parent()?)?;
        let name = call.expr()?.syntax().last_token()?;
        self.is_macro_name(&name).then_some(name)
    }
}
