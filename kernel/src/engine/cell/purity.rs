//! Purity: which expressions give the same value when they are evaluated again.

use super::macro_calls::as_array;
use super::temporaries::is_place;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, AstNode, HasArgList};
use std::collections::BTreeSet;

/// Methods of the standard library that have no side effects.
pub const METHODS: [&str; 58] = [
    "as_bytes",
    "as_deref",
    "as_mut",
    "as_mut_slice",
    "as_ref",
    "as_slice",
    "as_str",
    "bytes",
    "char_indices",
    "chars",
    "chunks",
    "contains",
    "copied",
    "enumerate",
    "expect",
    "first",
    "get",
    "get_mut",
    "into_iter",
    "is_empty",
    "iter",
    "keys",
    "last",
    "len",
    "lines",
    "map",
    "filter",
    "max",
    "min",
    "rev",
    "rsplit",
    "skip",
    "split",
    "split_at",
    "split_at_mut",
    "split_whitespace",
    "strip_prefix",
    "take",
    "trim",
    "unwrap",
    "values",
    "windows",
    "zip",
    "cloned",
    "collect",
    "count",
    "filter_map",
    "find",
    "flat_map",
    "max_by_key",
    "min_by_key",
    "nth",
    "position",
    "rposition",
    "rsplitn",
    "split_once",
    "splitn",
    "sum",
];

/// The functions and methods that an expression calls, by name.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Calls {
    /// Those that do nothing but compute, unless the user defines them.
    pub known: BTreeSet<String>,
    pub unknown: BTreeSet<String>,
    /// Associated functions, such as `Cell::new`, each with its type.
    pub associated: BTreeSet<(String, String)>,
}

/// Returns what an expression calls; `None` if the expression certainly does more than compute.
pub fn calls(value: &ast::Expr) -> Option<Calls> {
    let mut called = Calls::default();
    if let ast::Expr::ClosureExpr(_) = value {
        // Its body runs only when it is called.
        return Some(called);
    }
    collect_calls(value, &mut called)?;
    Some(called)
}

fn collect_calls(value: &ast::Expr, called: &mut Calls) -> Option<()> {
    let mut all = |parts: &mut dyn Iterator<Item = ast::Expr>| -> Option<()> {
        for part in parts {
            collect_calls(&part, called)?;
        }
        Some(())
    };
    match value {
        ast::Expr::Literal(_) | ast::Expr::PathExpr(_) => Some(()),
        ast::Expr::MacroExpr(found) => {
            let call = found.macro_call()?;
            let name = call.path()?.as_single_name_ref()?.text().to_string();
            let argument = call.token_tree()?.syntax().text().to_string();
            let has_calls = super::expansion::inner(&argument).contains('(');
            match name.as_str() {
                "vec" => {
                    let array = as_array(super::expansion::inner(&argument))?;
                    all(&mut array.syntax().children().filter_map(ast::Expr::cast))
                }
                "format" if !has_calls => Some(()),
                _ => None,
            }
        }
        ast::Expr::ClosureExpr(found) => {
            let names = super::tokens::names(&found.syntax().text().to_string(), Edition::CURRENT);
            is_pure(&names).then(|| called.known.extend(names))
        }
        // What a temporary holds may change.
        ast::Expr::RefExpr(found) if found.mut_token().is_some() && !is_place(&found.expr()?) => {
            None
        }
        ast::Expr::BlockExpr(found) if found.modifier().is_none() => {
            let statements = found.stmt_list()?.statements();
            let parts: Option<Vec<_>> = statements.map(|found| evaluated(&found)).collect();
            all(&mut parts?.into_iter().flatten().chain(found.tail_expr()))
        }
        ast::Expr::RefExpr(found) => collect_calls(&found.expr()?, called),
        ast::Expr::ParenExpr(found) => collect_calls(&found.expr()?, called),
        ast::Expr::PrefixExpr(found) => collect_calls(&found.expr()?, called),
        ast::Expr::FieldExpr(found) => collect_calls(&found.expr()?, called),
        ast::Expr::CastExpr(found) => collect_calls(&found.expr()?, called),
        ast::Expr::IndexExpr(found) => all(&mut [found.base()?, found.index()?].into_iter()),
        ast::Expr::BinExpr(found)
            if !matches!(found.op_kind(), Some(ast::BinaryOp::Assignment { .. })) =>
        {
            all(&mut [found.lhs()?, found.rhs()?].into_iter())
        }
        ast::Expr::RangeExpr(found) => {
            use ast::RangeItem;
            all(&mut found.start().into_iter().chain(found.end()))
        }
        ast::Expr::TupleExpr(found) => all(&mut found.fields()),
        ast::Expr::ArrayExpr(found) => match found.kind() {
            ast::ArrayExprKind::ElementList(elements) => all(&mut elements.into_iter()),
            ast::ArrayExprKind::Repeat { initializer, .. } => collect_calls(&initializer?, called),
        },
        ast::Expr::RecordExpr(found) => {
            let list = found.record_expr_field_list()?;
            all(&mut list
                .fields()
                .filter_map(|field| field.expr())
                .chain(list.spread()))
        }
        ast::Expr::MethodCallExpr(found) => {
            let name = found.name_ref()?.text().to_string();
            if METHODS.contains(&name.as_str()) {
                called.known.insert(name);
            } else {
                called.unknown.insert(name);
            }
            let arguments = found.arg_list().into_iter().flat_map(|list| list.args());
            let parts: Vec<_> = found.receiver().into_iter().chain(arguments).collect();
            parts
                .iter()
                .try_for_each(|part| collect_calls(part, called))
        }
        ast::Expr::CallExpr(found) => {
            if let ast::Expr::PathExpr(path) = found.expr()? {
                let path = path.path()?;
                let name = path.segment()?.name_ref()?.text().to_string();
                let of = path.qualifier().and_then(|of| of.segment()?.name_ref());
                let of = of.map(|of| of.text().to_string());
                let of = of.filter(|of| of.starts_with(char::is_uppercase));
                // A tuple struct or a variant only stores its fields.
                if !name.starts_with(char::is_uppercase)
                    && !is_plain_constructor(&path.syntax().text().to_string())
                {
                    match of {
                        Some(of) => _ = called.associated.insert((of, name)),
                        None => _ = called.unknown.insert(name),
                    }
                }
            }
            let arguments: Vec<_> = found.arg_list()?.args().collect();
            arguments
                .iter()
                .try_for_each(|part| collect_calls(part, called))
        }
        _ => None,
    }
}

/// Returns what a statement in a block evaluates; `None` if it certainly does more than compute.
fn evaluated(statement: &ast::Stmt) -> Option<Option<ast::Expr>> {
    match statement {
        ast::Stmt::Item(item) => {
            let names = super::tokens::names(&item.syntax().text().to_string(), Edition::CURRENT);
            is_pure(&names).then_some(None)
        }
        ast::Stmt::LetStmt(found) if found.let_else().is_none() => Some(found.initializer()),
        _ => None,
    }
}

/// Whether a function constructs a value of a standard library type without shared state.
fn is_plain_constructor(path: &str) -> bool {
    const TYPES: [&str; 9] = [
        "String", "Vec", "VecDeque", "Box", "HashMap", "HashSet", "BTreeMap", "BTreeSet", "PathBuf",
    ];
    let mut parts = path.rsplit("::");
    let (function, ty) = (
        parts.next().unwrap_or_default(),
        parts.next().unwrap_or_default(),
    );
    matches!(function, "new" | "from" | "default" | "with_capacity") && TYPES.contains(&ty)
}

/// Names that indicate that a function has other effects than on values.
const EFFECTS: [&str; 24] = [
    "print",
    "println",
    "eprint",
    "eprintln",
    "write",
    "writeln",
    "dbg",
    "panic",
    "static",
    "unsafe",
    "thread",
    "spawn",
    "io",
    "fs",
    "env",
    "net",
    "process",
    "time",
    "Instant",
    "SystemTime",
    "send",
    "recv",
    "display",
    "input",
];

/// Names that indicate that a function changes values through shared references.
const SHARED_STATE: [&str; 14] = [
    "Cell",
    "RefCell",
    "Mutex",
    "RwLock",
    "OnceLock",
    "OnceCell",
    "lock",
    "borrow_mut",
    "set",
    "replace",
    "fetch_add",
    "fetch_sub",
    "store",
    "swap",
];

/// Whether a text with these names does nothing but compute, judging by the names alone.
pub fn is_pure<'a>(names: impl IntoIterator<Item = &'a String>) -> bool {
    names.into_iter().all(|name| {
        let is_effect = EFFECTS.contains(&name.as_str());
        let is_shared = SHARED_STATE.contains(&name.as_str()) || name.starts_with("Atomic");
        !is_effect && !is_shared
    })
}

/// Whether a text with these names does nothing but compute and change values, judging by the names alone.
pub fn only_changes_values<'a>(names: impl IntoIterator<Item = &'a String>) -> bool {
    let mut names = names.into_iter();
    names.all(|name| !EFFECTS.contains(&name.as_str()))
}
