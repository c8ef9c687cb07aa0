//! The statements of a cell.

use super::macro_calls::as_array;
use super::pattern;
use super::purity::{self, Calls};
use super::temporaries::{calls_something, extended_pins, extended_temporaries, is_place};
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, AstNode, HasName};
use ra_ap_syntax::{SourceFile, SyntaxNode};
use std::collections::BTreeSet;
use std::ops::Range;

#[derive(Debug)]
pub struct Statement {
    pub range: Range<usize>,
    /// Whether a semicolon must follow it, since it is a macro call that expands to statements.
    pub needs_semicolon: bool,
    pub binding: Option<Let>,
    /// The rule of a macro to call in place of the user's, whose expansion also has items: these are among those of the cell.
    pub rule: Option<String>,
}

/// A `let`, or a macro call that expands to some.
#[derive(Debug, Clone)]
pub struct Let {
    /// The variables, each with whether it is `mut`.
    pub variables: Vec<(String, bool)>,
    /// Its source text.
    pub text: String,
    /// The annotated type of its only variable, if it has no `_`.
    pub written: Option<String>,
    pub value: Value,
}

/// The initializer of a `let`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Value {
    /// No initializer.
    None,
    /// A closure.
    Closure,
    /// A literal of this type, unless other code in the cell determines another. A later cell may do so too if it `is_open`: for
    /// a number without a suffix.
    Literal { ty: String, is_open: bool },
    /// An expression that contains a closure or an async block.
    WithClosure,
    #[default]
    Other,
}

impl Let {
    pub fn of(statement: &ast::LetStmt) -> Option<Let> {
        let pattern = statement.pat()?;
        let variables = pattern::variables(&pattern);
        let written = statement
            .ty()
            .filter(|_| matches!(pattern, ast::Pat::IdentPat(_)));
        let is_full = |ty: &ast::Type| {
            !ty.syntax()
                .descendants()
                .any(|node| ast::InferType::can_cast(node.kind()))
        };
        Some(Let {
            variables,
            text: statement.syntax().text().to_string(),
            written: written
                .filter(is_full)
                .map(|ty| ty.syntax().text().to_string()),
            value: statement
                .initializer()
                .map_or(Value::None, |value| Value::of(&value)),
        })
    }

    /// Returns a statement that defines no variables.
    pub fn none(text: &str) -> Let {
        Let {
            variables: Vec::new(),
            text: text.to_owned(),
            written: None,
            value: Value::Other,
        }
    }

    /// Parses the text of a `let`.
    pub fn read(text: &str) -> Option<Let> {
        Let::of(&parsed(text)?)
    }

    /// Returns the functions and methods that the `let` calls. It can be repeated only if they do nothing but compute. `None` if
    /// it certainly does more than compute.
    pub fn calls(&self) -> Option<Calls> {
        purity::calls(&parsed(&self.text)?.initializer()?)
    }

    /// Whether its variables have a state of their own, which would be lost if the `let` were repeated. What a closure borrows is
    /// not its own state.
    pub fn has_state(&self) -> bool {
        let value = parsed(&self.text).and_then(|found| found.initializer());
        let borrows = matches!(&value, Some(ast::Expr::ClosureExpr(closure)) if closure.move_token().is_none());
        !borrows && self.variables.iter().any(|(_, mutable)| *mutable)
    }

    /// Returns the text of its initializer.
    pub fn initializer(&self) -> Option<String> {
        let value = parsed(&self.text)?.initializer()?;
        Some(value.syntax().text().to_string())
    }

    /// Returns the text after `=`.
    pub fn value_text(&self) -> &str {
        self.text.split_once('=').map_or("", |(_, value)| value)
    }

    /// Whether its value is only a place or a reference to one, so that the values there make no difference.
    pub fn is_plain(&self) -> bool {
        let value = parsed(&self.text).and_then(|found| found.initializer());
        value.is_some_and(|value| is_place(&value) && !calls_something(&value))
    }

    /// Whether its value refers to temporaries that live as long as the variable, such as the vector in `&mut vec![1]`.
    pub fn borrows_temporary(&self) -> bool {
        !self.temporaries().is_empty() || !self.pins().is_empty()
    }

    /// Returns the bytes of these temporaries in the text.
    pub fn temporaries(&self) -> Vec<Range<usize>> {
        let found = parsed(&self.text).and_then(|found| Some((found.pat()?, found.initializer()?)));
        found.map_or(Vec::new(), |(pattern, value)| {
            let found = extended_temporaries(&pattern, &value).into_iter();
            found.map(|value| range_of(value.syntax())).collect()
        })
    }

    /// Returns the bytes of the name and the `!` of each `pin!(…)` in its value that pins a temporary for its variables.
    pub fn pins(&self) -> Vec<Range<usize>> {
        let value = parsed(&self.text).and_then(|found| found.initializer());
        let calls = value.map_or(Vec::new(), |value| extended_pins(&value));
        let ranges = calls.iter().filter_map(|call| {
            let argument = call.token_tree()?;
            argument.l_paren_token()?;
            Some(range_of(call.syntax()).start..range_of(argument.syntax()).start)
        });
        ranges.collect()
    }

    /// Whether its value is a closure or a tuple of values of which some are closures.
    pub fn is_of_closures(&self) -> bool {
        fn is_of_closures(value: &ast::Expr) -> bool {
            match value {
                ast::Expr::ClosureExpr(_) => true,
                ast::Expr::ParenExpr(inside) => {
                    inside.expr().is_some_and(|value| is_of_closures(&value))
                }
                ast::Expr::TupleExpr(tuple) => tuple.fields().all(|value| {
                    is_of_closures(&value) || Value::with_closure(&value) == Value::Other
                }),
                _ => false,
            }
        }
        let value = parsed(&self.text).and_then(|found| found.initializer());
        value.is_some_and(|value| is_of_closures(&value))
    }

    pub fn defines(&self, name: &str) -> bool {
        self.variables.iter().any(|(other, _)| other == name)
    }
}

/// Returns a `let` in which one of its variables has another name; `None` if it defines none of this name.
pub fn with_renamed_binding(text: &str, name: &str, other: &str) -> Option<String> {
    let pattern = parsed(text)?.pat()?;
    let bound = pattern
        .syntax()
        .descendants()
        .filter_map(ast::IdentPat::cast);
    let bound: Vec<_> = bound
        .filter(|bound| bound.name().is_some_and(|found| found.text() == name))
        .collect();
    let mut text = text.to_owned();
    for bound in bound.iter().rev() {
        let range = range_of(bound.name()?.syntax());
        let field = bound.syntax().parent().and_then(ast::RecordPatField::cast);
        // In `P { ref x }`, the field comes before `ref`.
        let shorthand = field.filter(|field| field.colon_token().is_none());
        text.replace_range(range, other);
        if let Some(field) = shorthand {
            text.insert_str(range_of(field.syntax()).start, &format!("{name}: "));
        }
    }
    (!bound.is_empty()).then_some(text)
}

const BEFORE: &str = "fn f() { ";

/// Returns the tree of the text of a `let`.
pub(super) fn parsed(text: &str) -> Option<ast::LetStmt> {
    let parsed = SourceFile::parse(&format!("{BEFORE}{text} }}"), Edition::CURRENT);
    parsed
        .tree()
        .syntax()
        .descendants()
        .find_map(ast::LetStmt::cast)
}

/// Returns the bytes of a node of such a tree in the text.
pub(super) fn range_of(node: &SyntaxNode) -> Range<usize> {
    let range = node.text_range();
    usize::from(range.start()) - BEFORE.len()..usize::from(range.end()) - BEFORE.len()
}

impl Value {
    fn of(value: &ast::Expr) -> Value {
        match value {
            ast::Expr::ClosureExpr(_) => Value::Closure,
            ast::Expr::ParenExpr(inside) => inside
                .expr()
                .map_or(Value::Other, |value| Value::of(&value)),
            ast::Expr::BlockExpr(block) if block.async_token().is_none() => {
                match block.tail_expr().map(|value| Value::of(&value)) {
                    Some(Value::Closure) => Value::Closure,
                    _ => Value::with_closure(value),
                }
            }
            _ => literal(value).map_or_else(
                || Value::with_closure(value),
                |(ty, is_open)| Value::Literal { ty, is_open },
            ),
        }
    }

    fn with_closure(value: &ast::Expr) -> Value {
        let is_closure = |node: SyntaxNode| match ast::Expr::cast(node) {
            Some(ast::Expr::ClosureExpr(_)) => true,
            Some(ast::Expr::BlockExpr(block)) => block.async_token().is_some(),
            _ => false,
        };
        if value.syntax().descendants().any(is_closure) {
            Value::WithClosure
        } else {
            Value::Other
        }
    }
}

/// Returns the type of an expression that determines it by itself, and whether other code may determine another type.
fn literal(value: &ast::Expr) -> Option<(String, bool)> {
    let settled = |ty: &str| Some((ty.to_owned(), false));
    match value {
        ast::Expr::Literal(found) => match found.kind() {
            ast::LiteralKind::IntNumber(number) => match number.suffix() {
                Some(suffix) => settled(suffix),
                // A larger number is an error, unless other code determines its type.
                None => number
                    .value()
                    .is_ok_and(|value| value <= i32::MAX as u128)
                    .then(|| ("i32".to_owned(), true)),
            },
            ast::LiteralKind::FloatNumber(number) => match number.suffix() {
                Some(suffix) => settled(suffix),
                None => Some(("f64".to_owned(), true)),
            },
            ast::LiteralKind::String(_) => settled("&str"),
            ast::LiteralKind::Char(_) => settled("char"),
            ast::LiteralKind::Bool(_) => settled("bool"),
            _ => None,
        },
        ast::Expr::PrefixExpr(minus) if minus.op_kind() == Some(ast::UnaryOp::Neg) => {
            literal(&minus.expr()?).filter(|(ty, _)| ty.starts_with(['i', 'f']))
        }
        ast::Expr::CallExpr(call) => {
            let callee = call.expr()?.syntax().text().to_string();
            if ["String::from", "String::new"].contains(&callee.as_str()) {
                settled(STRING)
            } else {
                None
            }
        }
        ast::Expr::MacroExpr(call) => {
            let call = call.macro_call()?;
            let name = call.path()?.as_single_name_ref()?.text().to_string();
            match name.as_str() {
                "format" => settled(STRING),
                "vec" => elements(&call.syntax().text().to_string())
                    .map(|(ty, is_open)| (format!("std::vec::Vec<{ty}>"), is_open)),
                _ => None,
            }
        }
        _ => None,
    }
}

const STRING: &str = "std::string::String";

/// Returns the type of the elements of `vec![…]`, if all are literals of one type.
fn elements(call: &str) -> Option<(String, bool)> {
    let list = call.trim_end().strip_suffix(']')?.split_once('[')?.1;
    let ast::ArrayExprKind::ElementList(elements) = as_array(list)?.kind() else {
        return None;
    };
    let types: BTreeSet<Option<(String, bool)>> =
        elements.map(|element| literal(&element)).collect();
    let mut types = types.into_iter();
    let first = types.next()??;
    types.next().is_none().then_some(first)
}
