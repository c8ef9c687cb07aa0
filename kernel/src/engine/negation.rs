//! Tells Rust that begins with the operator `!` from a shell command.

use crate::cell::deep;
use ra_ap_parser::{Edition, SyntaxKind, T};
use ra_ap_syntax::ast::{self, AstNode, HasModuleItem};
use ra_ap_syntax::{AstToken, SourceFile, SyntaxToken};

/// What the operand of the operator begins with.
enum Operand {
    /// A literal, a macro call or a path of several segments, none of which begins a shell command.
    Rust,
    Name(String),
}

/// Whether code that begins with `!` is Rust: it parses as Rust, and its operand begins with what only Rust has or with a name that
/// the notebook defines.
pub fn is_negation(code: &str, edition: Edition, defines: impl Fn(&str) -> bool) -> bool {
    if !code.starts_with('!') {
        return false;
    }
    match deep(|| operand(code, edition)).flatten() {
        Some(Operand::Rust) => true,
        Some(Operand::Name(name)) => defines(&name),
        None => false,
    }
}

/// Returns what the first operand of the code begins with; `None` if it does not parse as Rust.
fn operand(code: &str, edition: Edition) -> Option<Operand> {
    let parsed = SourceFile::parse(&format!("fn cell() {{{code}\n}}"), edition);
    let ast::Item::Fn(cell) = parsed.tree().items().next()? else {
        return None;
    };
    let list = cell.body()?.stmt_list()?;
    let tokens = list.syntax().descendants_with_tokens();
    let tokens = tokens.filter_map(|part| part.into_token());
    let tokens = tokens.filter(|token| !token.kind().is_trivia()).skip(1);
    let mut tokens = tokens.skip_while(|token| is_before_operand(token.kind()));
    let (first, next) = (tokens.next()?, tokens.next()?);
    let is_operand = match first.kind() {
        T![true] | T![false] => true,
        SyntaxKind::INT_NUMBER => has_known_suffix(&first),
        SyntaxKind::IDENT => matches!(next.kind(), T![::] | T![!]),
        _ => false,
    };
    let is_name = first.kind() == SyntaxKind::IDENT;
    let operand = match is_operand {
        true => Operand::Rust,
        false => Operand::Name(first.text().to_owned()),
    };
    ((is_operand || is_name) && parsed.errors().is_empty()).then_some(operand)
}

/// Whether an operand may follow such a token.
fn is_before_operand(kind: SyntaxKind) -> bool {
    matches!(kind, T![!] | T![-] | T![*] | T![&] | T!['('])
}

/// Whether a number is one in Rust, unlike the `7z` of a shell command.
fn has_known_suffix(number: &SyntaxToken) -> bool {
    const TYPES: [&str; 12] = [
        "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16", "u32", "u64", "u128", "usize",
    ];
    let number = ast::IntNumber::cast(number.clone());
    number.is_some_and(|number| number.suffix().is_none_or(|suffix| TYPES.contains(&suffix)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rust_is_told_from_shell_commands() {
        let is_rust = |code| is_negation(code, Edition::CURRENT, |name| name == "v");
        for code in [
            "!v",
            "!v.is_empty()",
            "!v\n    .iter()\n    .any(|x| *x > 1)",
            "!true",
            "!(v && false)",
            "!!v",
            "!-v",
            "!*v",
            "!5u8",
            "!matches!(v, 1)",
            "!std::mem::take(&mut v)",
            "!v; v",
        ] {
            assert!(is_rust(code), "{code}");
        }
        for code in [
            "!ls",
            "!ls -l",
            "!(cd /tmp && ls)",
            "!7z",
            "!/bin/true",
            "!echo v",
            "!",
            "v",
        ] {
            assert!(!is_rust(code), "{code}");
        }
    }
}
