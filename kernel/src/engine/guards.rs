//! Finds the guards of locks that are alive at a place in a cell, as far as its text shows.

use super::report::line_of;
use ra_ap_syntax::ast::{self, HasName};
use ra_ap_syntax::{AstNode, Edition, SourceFile, SyntaxKind, SyntaxNode, TextSize};

/// What is put before a cell so that its statements can be parsed.
const BEFORE: &str = "fn cell() {\n";

/// The methods that take a lock.
const METHODS: [&str; 5] = ["lock", "read", "write", "acquire", "lock_owned"];

/// Returns the lines, from 1, of the statements before byte `offset` that have taken a lock and keep it there: a `let` in a block that is
/// not over, whose guard is not dropped before, or a `match`, `if let`, `while let` or `for` around the place. Its own line is left out, and
/// so is all that is outside of the function or closure that it is in.
pub fn held_at(code: &str, offset: usize) -> Vec<usize> {
    let parsed = SourceFile::parse(&format!("{BEFORE}{code}\n}}"), Edition::CURRENT);
    let at = TextSize::of(BEFORE) + TextSize::try_from(offset).unwrap_or_default();
    let root = parsed.tree();
    if at >= root.syntax().text_range().end() {
        return Vec::new();
    }
    let Some(token) = root.syntax().token_at_offset(at).right_biased() else {
        return Vec::new();
    };
    let mut held = Vec::new();
    let mut inner = None::<SyntaxNode>;
    for node in token.parent_ancestors() {
        if let Some(block) = ast::StmtList::cast(node.clone()) {
            let before = block
                .statements()
                .take_while(|statement| statement.syntax().text_range().end() <= at);
            let before: Vec<ast::Stmt> = before.collect();
            for (index, statement) in before.iter().enumerate() {
                if let ast::Stmt::LetStmt(bound) = statement
                    && keeps_guard(bound)
                    && !is_dropped(bound, &before[index + 1..])
                {
                    held.push(bound.syntax().clone());
                }
            }
        }
        if let (Some(scrutinee), Some(inner)) = (scrutinee(&node), &inner)
            && !scrutinee.text_range().contains_range(inner.text_range())
            && takes_lock(&scrutinee)
        {
            held.push(scrutinee);
        }
        let is_body = matches!(node.kind(), SyntaxKind::FN | SyntaxKind::CLOSURE_EXPR);
        if is_body {
            break;
        }
        inner = Some(node);
    }
    let mut lines: Vec<usize> = held
        .iter()
        .filter_map(|node| {
            let start = usize::from(node.text_range().start());
            Some(line_of(code, start.checked_sub(BEFORE.len())?))
        })
        .filter(|&held| held != line_of(code, offset))
        .collect();
    lines.sort_unstable();
    lines.dedup();
    lines
}

/// Whether the variable that is defined is a guard: `let a = lock.lock().unwrap();`, but not `let a = *lock.lock().unwrap();`.
fn keeps_guard(bound: &ast::LetStmt) -> bool {
    if matches!(bound.pat(), Some(ast::Pat::WildcardPat(_)) | None) {
        return false;
    }
    let mut value = bound.initializer();
    loop {
        match value {
            Some(ast::Expr::MethodCallExpr(call)) => {
                let name = call.name_ref().map(|name| name.text().to_string());
                match name.as_deref() {
                    Some("unwrap" | "expect" | "unwrap_or_else") => value = call.receiver(),
                    Some(name) => return METHODS.contains(&name),
                    None => return false,
                }
            }
            Some(ast::Expr::TryExpr(inner)) => value = inner.expr(),
            Some(ast::Expr::ParenExpr(inner)) => value = inner.expr(),
            _ => return false,
        }
    }
}

/// Whether one of the statements drops the variable, or gives it away.
fn is_dropped(bound: &ast::LetStmt, statements: &[ast::Stmt]) -> bool {
    let Some(ast::Pat::IdentPat(pattern)) = bound.pat() else {
        return false;
    };
    let Some(name) = pattern.name() else {
        return false;
    };
    let (dropped, text) = (format!("drop({})", name.text()), name.text().to_string());
    statements.iter().any(|statement| {
        let code = statement.syntax().text().to_string();
        let code: String = code.split_whitespace().collect();
        // `Condvar::wait` gives the lock back while it waits.
        let is_moved =
            code.contains(&format!("wait({text})")) || code.contains(&format!("wait({text},"));
        code.contains(&dropped) || is_moved
    })
}

/// Returns the expression whose temporaries live as long as the node, if it has one.
fn scrutinee(node: &SyntaxNode) -> Option<SyntaxNode> {
    if let Some(matched) = ast::MatchExpr::cast(node.clone()) {
        return Some(matched.expr()?.syntax().clone());
    }
    if let Some(iterated) = ast::ForExpr::cast(node.clone()) {
        return Some(iterated.iterable()?.syntax().clone());
    }
    let condition = match ast::Expr::cast(node.clone())? {
        ast::Expr::IfExpr(conditional) => conditional.condition()?,
        ast::Expr::WhileExpr(repeated) => repeated.condition()?,
        _ => return None,
    };
    match condition {
        ast::Expr::LetExpr(bound) => Some(bound.expr()?.syntax().clone()),
        _ => None,
    }
}

fn takes_lock(expression: &SyntaxNode) -> bool {
    let calls = expression
        .descendants()
        .filter_map(ast::MethodCallExpr::cast);
    calls
        .filter_map(|call| call.name_ref())
        .any(|name| METHODS.iter().any(|method| name.text() == *method))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is held where a line's code begins.
    fn held_in(code: &str, line: usize) -> Vec<usize> {
        let before = code.split_inclusive('\n').take(line - 1);
        let start: usize = before.map(str::len).sum();
        let indent = code[start..].len() - code[start..].trim_start().len();
        held_at(code, start + indent)
    }

    #[test]
    fn guards_of_blocks_that_are_not_over_are_held() {
        let code = "let a = left.lock().unwrap();\n\
                    {\n    let gone = other.lock().unwrap();\n}\n\
                    let copied = *third.lock().unwrap();\n\
                    let early = fourth.write().unwrap();\n\
                    drop(early);\n\
                    let b = right.lock().unwrap();\n";
        assert_eq!(held_in(code, 8), [1]);
        assert_eq!(held_in(code, 3), [1]);
        assert_eq!(held_in(code, 7), [1, 6]);
        assert_eq!(held_in(code, 1), [0; 0]);
    }

    #[test]
    fn a_closure_holds_only_its_own_guards() {
        let code = "let a = left.lock().unwrap();\n\
                    thread::spawn(move || {\n    let b = right.lock().expect(\"free\");\n    left.lock().unwrap();\n});\n\
                    fn f() {\n    x.lock();\n}\n";
        assert_eq!(held_in(code, 4), [3]);
        assert_eq!(held_in(code, 7), [0; 0]);
        let code =
            "let a = left.lock().unwrap();\nthread::spawn(|| left.lock().unwrap()).join();\n";
        let inside = code.rfind("left").expect("the closure");
        assert_eq!(held_at(code, inside), [0; 0]);
        assert_eq!(held_at(code, code.rfind("join").expect("a call")), [1]);
    }

    #[test]
    fn temporaries_of_a_match_are_held() {
        let code = "match queue.lock().unwrap().pop() {\n    Some(job) => {\n        queue.lock().unwrap();\n    }\n    None => {}\n}\n\
                    while let Some(x) = stack.lock().unwrap().pop() {\n    stack.lock().unwrap();\n}\n\
                    if queue.lock().unwrap().is_empty() {\n    queue.lock().unwrap();\n}\n";
        assert_eq!(held_in(code, 3), [1]);
        assert_eq!(held_in(code, 8), [7]);
        assert_eq!(held_in(code, 11), [0; 0]);
    }

    #[test]
    fn a_condition_gives_the_lock_back() {
        let code = "let mut ready = pair.0.lock().unwrap();\nready = pair.1.wait(ready).unwrap();\nother.lock();\n";
        assert_eq!(held_in(code, 3), [0; 0]);
        assert_eq!(held_at("", 0), [0; 0]);
        assert_eq!(held_at("}}}{{(", 0), [0; 0]);
    }
}
