//! Checks whether the delimiters of a text are balanced, and how densely it nests.

use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};

/// Whether each bracket, string and comment of a cell is closed. If not, code generated around the cell would become a part of
/// it, or the other way round.
pub fn is_balanced(code: &str, edition: Edition) -> bool {
    let lexed = LexedStr::new(edition, code);
    let mut open = Vec::new();
    for index in 0..lexed.len() {
        let closes = match lexed.kind(index) {
            T!['('] | T!['['] | T!['{'] => {
                open.push(lexed.kind(index));
                continue;
            }
            T![')'] => T!['('],
            T![']'] => T!['['],
            T!['}'] => T!['{'],
            kind if may_be_open(kind) && lexed.error(index).is_some_and(is_open) => return false,
            _ => continue,
        };
        if open.pop() != Some(closes) {
            return false;
        }
    }
    open.is_empty()
}

/// With more tokens or open brackets nested in each other, neither our parser nor rustc has enough stack.
const MAX_DEPTH: usize = 10_000;

/// Whether a text may be nested too deeply to be parsed: each token may be a level, up to the next `,`, `;` or `}`.
pub fn is_too_dense(code: &str, edition: Edition) -> bool {
    let lexed = LexedStr::new(edition, code);
    let (mut open, mut since) = (0_usize, 0_usize);
    (0..lexed.len()).any(|index| {
        match lexed.kind(index) {
            T!['('] | T!['['] | T!['{'] => open += 1,
            T![')'] | T![']'] => open = open.saturating_sub(1),
            T!['}'] => (open, since) = (open.saturating_sub(1), 0),
            T![,] | T![;] => since = 0,
            _ => {}
        }
        since += 1;
        open > MAX_DEPTH || since > MAX_DEPTH
    })
}

/// Whether the error of a token is a missing end.
fn is_open(error: &str) -> bool {
    error.starts_with("Missing trailing") || error.starts_with("Invalid raw string")
}

/// Whether a token of this kind can miss its end.
fn may_be_open(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::STRING
            | SyntaxKind::BYTE_STRING
            | SyntaxKind::C_STRING
            | SyntaxKind::COMMENT
            | SyntaxKind::CHAR
            | SyntaxKind::BYTE
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_need_not_be_dense() {
        let dense = |code: &str| is_too_dense(code, Edition::CURRENT);
        for piece in ["(", "!", "&", "- ", "a + ", "|a| ", "loop { "] {
            assert!(dense(&piece.repeat(1_000_000)), "{piece}");
        }
        for piece in ["a(b);", "1, ", "fn f() { g(); }\n"] {
            assert!(!dense(&piece.repeat(100_000)), "{piece}");
        }
    }

    #[test]
    fn delimiters_must_be_closed() {
        for code in [
            "",
            "f(a[1], { 2 })",
            "\"}\"",
            "'}'",
            "// }",
            "/* /* } */ */",
            "r#\"}\"#",
        ] {
            assert!(is_balanced(code, Edition::CURRENT), "{code}");
        }
        for code in [
            "}", "(", "{)", "\"", "/*", "r#\"", "fn f() {", "b\"", "/* /* */",
        ] {
            assert!(!is_balanced(code, Edition::CURRENT), "{code}");
        }
    }
}
