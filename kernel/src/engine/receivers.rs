//! What a method is called on, as the cell names it: the lock `balance` for `balance.lock()`.

use ra_ap_syntax::ast::{self, AstNode, HasArgList, HasLoopBody, HasName};
use ra_ap_syntax::{
    Edition, NodeOrToken, SourceFile, SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, T,
    TextRange, TextSize,
};

/// The cell's text stands in a function, since statements are no items.
const BEFORE: &str = "fn main() {\n";
const AFTER: &str = "\n}";

/// A longer expression has no name.
const MAX_NAME: usize = 32;

/// How often a variable may be traced back to the one that it was cloned from.
const MAX_ALIASES: usize = 8;

/// Methods that give another handle to the same thing.
const HANDLES: [&str; 6] = ["clone", "as_ref", "borrow", "deref", "iter", "into_iter"];

/// Returns the name of what the method at byte `offset` of a cell is called on, or what the `for` there goes through. A variable that is
/// a clone of another one has the other one's name.
pub fn receiver_at(code: &str, offset: usize) -> Option<String> {
    let file = SourceFile::parse(&format!("{BEFORE}{code}{AFTER}"), Edition::CURRENT).tree();
    let offset = TextSize::try_from(BEFORE.len() + offset).ok()?;
    let range = TextRange::empty(offset);
    if !file.syntax().text_range().contains_range(range) {
        return None;
    }
    let token = file.syntax().token_at_offset(offset).right_biased()?;
    if token.parent()?.kind() == SyntaxKind::TOKEN_TREE {
        return receiver_in_macro(&token);
    }
    let mut around = token.parent()?.ancestors();
    let expression = around.find_map(|node| {
        if let Some(call) = ast::MethodCallExpr::cast(node.clone()) {
            let name = call.name_ref()?;
            let is_it = name.syntax().text_range().contains_inclusive(offset);
            return call.receiver().filter(|_| is_it);
        }
        let repeated = ast::ForExpr::cast(node)?;
        let body = repeated.loop_body()?;
        let is_head = offset < body.syntax().text_range().start();
        repeated.iterable().filter(|_| is_head)
    })?;
    name_of(&expression, MAX_ALIASES)
}

/// Returns the name of what the method is called on in the arguments of a macro, which are only tokens.
fn receiver_in_macro(method: &SyntaxToken) -> Option<String> {
    let before = |element: &SyntaxElement| element.prev_sibling_or_token();
    let method = SyntaxElement::from(method.clone());
    let earlier = std::iter::successors(before(&method), before);
    let is_part = |element: &SyntaxElement| match element {
        NodeOrToken::Token(token) => {
            matches!(
                token.kind(),
                T![.] | T![:] | T![self] | SyntaxKind::IDENT | SyntaxKind::INT_NUMBER
            )
        }
        // An index.
        NodeOrToken::Node(tree) => tree
            .first_token()
            .is_some_and(|token| token.kind() == T!['[']),
    };
    let mut parts: Vec<String> = earlier
        .take_while(is_part)
        .map(|part| part.to_string())
        .collect();
    parts.reverse();
    let text = parts.concat();
    let text = text.strip_suffix('.')?;
    let original = cloned_from(&method.parent()?, text);
    match original {
        Some(original) => name_of(&original, MAX_ALIASES),
        None => short(
            text.strip_prefix("self.")
                .unwrap_or(text)
                .rsplit("::")
                .next()?,
        ),
    }
}

fn name_of(expression: &ast::Expr, aliases: usize) -> Option<String> {
    match expression {
        ast::Expr::PathExpr(path) => {
            let text = path.syntax().text().to_string();
            let original = (!text.contains("::") && aliases > 0)
                .then(|| cloned_from(path.syntax(), &text))
                .flatten();
            original
                .and_then(|original| name_of(&original, aliases - 1))
                .or_else(|| short(text.rsplit("::").next()?))
        }
        ast::Expr::FieldExpr(field) => {
            let name = field.syntax().last_token()?.text().to_owned();
            let owner = field.expr()?;
            let is_self = owner.syntax().text() == "self";
            // A number says nothing without what it is a part of.
            if is_self || !name.starts_with(|c: char| c.is_ascii_digit()) {
                return short(&name);
            }
            short(&format!("{}.{name}", name_of(&owner, aliases)?))
        }
        ast::Expr::IndexExpr(index) => {
            let at = match index.index()? {
                at @ (ast::Expr::PathExpr(_) | ast::Expr::Literal(_)) => at.syntax().to_string(),
                // What is computed is too long for a name.
                _ => "…".to_owned(),
            };
            short(&format!("{}[{at}]", name_of(&index.base()?, aliases)?))
        }
        ast::Expr::ParenExpr(inner) => name_of(&inner.expr()?, aliases),
        ast::Expr::RefExpr(inner) => name_of(&inner.expr()?, aliases),
        ast::Expr::PrefixExpr(inner) => name_of(&inner.expr()?, aliases),
        _ => match handle_of(expression) {
            Some(original) => name_of(&original, aliases),
            None => short(&expression.syntax().text().to_string()),
        },
    }
}

fn short(name: &str) -> Option<String> {
    let name: String = name.split_whitespace().collect();
    (!name.is_empty() && name.chars().count() <= MAX_NAME).then_some(name)
}

/// Returns what the expression is another handle to: `a` for `a.clone()`, `Arc::clone(&a)` and `&a`.
fn handle_of(expression: &ast::Expr) -> Option<ast::Expr> {
    match expression {
        ast::Expr::MethodCallExpr(call) => {
            let name = call.name_ref()?.text().to_string();
            call.receiver().filter(|_| HANDLES.contains(&&*name))
        }
        ast::Expr::CallExpr(call) => {
            let function = call.expr()?.syntax().text().to_string();
            let mut arguments = call.arg_list()?.args();
            let only = arguments.next().filter(|_| arguments.next().is_none());
            only.filter(|_| function.ends_with("::clone"))
        }
        ast::Expr::RefExpr(inner) => inner.expr(),
        _ => None,
    }
}

/// Returns what the variable with this name at `node` was cloned from, if a `let` before says so.
fn cloned_from(node: &SyntaxNode, name: &str) -> Option<ast::Expr> {
    for scope in node.ancestors() {
        let mut before = std::iter::successors(scope.prev_sibling(), SyntaxNode::prev_sibling);
        let bound = before.find_map(|sibling| {
            let bound = ast::LetStmt::cast(sibling)?;
            value_for(&bound.pat()?, &bound.initializer()?, name)
        });
        if let Some(value) = bound {
            return handle_of(&value);
        }
        if scope.kind() == SyntaxKind::FN {
            return None;
        }
    }
    None
}

/// Returns the part of a `let`'s value that it gives to the variable.
fn value_for(pattern: &ast::Pat, value: &ast::Expr, name: &str) -> Option<ast::Expr> {
    match (pattern, value) {
        (ast::Pat::IdentPat(variable), _) => {
            let is_it = variable.name().is_some_and(|found| found.text() == name);
            is_it.then(|| value.clone())
        }
        (ast::Pat::TuplePat(patterns), ast::Expr::TupleExpr(values)) => patterns
            .fields()
            .zip(values.fields())
            .find_map(|(pattern, value)| value_for(&pattern, &value, name)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn receiver(code: &str, method: &str) -> Option<String> {
        receiver_at(code, code.rfind(method).expect("the method"))
    }

    #[test]
    fn a_lock_has_the_name_of_its_variable() {
        assert_eq!(
            receiver("let g = balance.lock().unwrap();", "lock").as_deref(),
            Some("balance")
        );
        assert_eq!(
            receiver("*self.balance.lock().unwrap() += 1", "lock").as_deref(),
            Some("balance")
        );
        assert_eq!(
            receiver("COUNT.fetch_add(1, SeqCst)", "fetch_add").as_deref(),
            Some("COUNT")
        );
        assert_eq!(
            receiver("pair.1.wait(guard)", "wait").as_deref(),
            Some("pair.1")
        );
        assert_eq!(receiver("(*left).lock()", "lock").as_deref(), Some("left"));
        assert_eq!(
            receiver("forks[i].lock()", "lock").as_deref(),
            Some("forks[i]")
        );
        assert_eq!(
            receiver("forks[(i + 1) % 3].lock()", "lock").as_deref(),
            Some("forks[…]")
        );
        assert_eq!(
            receiver("bank::TOTAL\n    .lock()", "lock").as_deref(),
            Some("TOTAL")
        );
    }

    #[test]
    fn a_clone_has_the_name_of_the_original() {
        let code = "let left = Arc::new(Mutex::new(1));\nlet (l, r) = (left.clone(), Arc::clone(&right));\n\
                    thread::spawn(move || {\n    let a = l.lock().unwrap();\n    let b = r.read().unwrap();\n});";
        assert_eq!(receiver(code, "lock").as_deref(), Some("left"));
        assert_eq!(receiver(code, "read").as_deref(), Some("right"));
        let code = "for _ in 0..2 {\n    let balance = Arc::clone(&balance);\n    spawn(move || balance.lock());\n}";
        assert_eq!(receiver(code, "lock").as_deref(), Some("balance"));
    }

    #[test]
    fn a_receiver_is_found_in_the_arguments_of_a_macro() {
        let receiver_of = |code| receiver(code, "lock");
        assert_eq!(
            receiver_of("println!(\"{}\", balance.lock().unwrap());").as_deref(),
            Some("balance")
        );
        assert_eq!(
            receiver_of("assert_eq!(1, self.bank.0.lock());").as_deref(),
            Some("bank.0")
        );
        assert_eq!(
            receiver_of("println!(\"{}\", forks[i].lock());").as_deref(),
            Some("forks[i]")
        );
        let code = "let l = left.clone();\nassert!(*l.lock().unwrap());";
        assert_eq!(receiver_of(code).as_deref(), Some("left"));
        assert_eq!(receiver_of("println!(\"{}\", lock());"), None);
    }

    #[test]
    fn a_loop_over_a_channel_names_the_channel() {
        let code = "for message in &receiver {\n    println!(\"{message}\");\n}";
        assert_eq!(receiver_at(code, 0).as_deref(), Some("receiver"));
        assert_eq!(
            receiver("receiver.iter().sum()", "iter").as_deref(),
            Some("receiver")
        );
        assert_eq!(receiver_at(code, 1000), None);
        assert_eq!(receiver_at("f(1)", 0), None);
    }
}
