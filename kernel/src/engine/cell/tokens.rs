//! Names from the tokens of a text, without a syntax tree.

use ra_ap_parser::{Edition, LexedStr, SyntaxKind};
use std::collections::BTreeSet;

/// Returns all names in a text, including those in the format strings of macros, such as `x` in `"{x:?}"`.
pub fn names(text: &str, edition: Edition) -> BTreeSet<String> {
    let lexed = LexedStr::new(edition, text);
    let mut names = BTreeSet::new();
    for index in 0..lexed.len() {
        let token = lexed.text(index);
        match lexed.kind(index) {
            SyntaxKind::IDENT => {
                names.insert(token.to_owned());
            }
            SyntaxKind::STRING => names.extend(captured(token)),
            // The user can also define names such as `union`.
            kind if kind.is_contextual_keyword(edition) => {
                names.insert(token.to_owned());
            }
            _ => {}
        }
    }
    names
}

/// Returns the names in a text that may be variables: not fields, methods or parts of paths.
pub fn variables(text: &str, edition: Edition) -> BTreeSet<String> {
    let lexed = LexedStr::new(edition, text);
    let tokens: Vec<usize> = (0..lexed.len())
        .filter(|index| !lexed.kind(*index).is_trivia())
        .collect();
    let token = |at: Option<usize>| {
        at.and_then(|at| tokens.get(at))
            .map_or("", |index| lexed.text(*index))
    };
    let mut found = BTreeSet::new();
    for (at, index) in tokens.iter().enumerate() {
        match lexed.kind(*index) {
            SyntaxKind::IDENT => {}
            SyntaxKind::STRING => {
                found.extend(captured(lexed.text(*index)));
                continue;
            }
            _ => continue,
        }
        let before = [token(at.checked_sub(2)), token(at.checked_sub(1))];
        let next = [token(Some(at + 1)), token(Some(at + 2))];
        let is_member = before[1] == "." && before[0] != ".";
        let is_path = before == [":", ":"] || next == [":", ":"];
        let is_field = next[0] == ":";
        if !is_member && !is_path && !is_field && next[0] != "!" {
            found.insert(lexed.text(*index).to_owned());
        }
    }
    found
}

/// Returns the names between the braces of a format string (`std::fmt`, "Syntax").
pub fn captured(string: &str) -> Vec<String> {
    // Two braces print one.
    let string = string.replace("{{", "");
    let placeholders = string
        .split('{')
        .skip(1)
        .map(|rest| rest.split('}').next().unwrap_or_default());
    let words = placeholders.flat_map(words);
    words
        .filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'))
        .map(str::to_owned)
        .collect()
}

/// Returns the tokens of a text, each after one blank. The result is equal for texts that differ only in blanks, comments and
/// commas before a closing bracket.
pub fn normalized(text: &str, edition: Edition) -> String {
    let lexed = LexedStr::new(edition, text);
    let mut all = String::new();
    for index in (0..lexed.len()).filter(|index| !lexed.kind(*index).is_trivia()) {
        let token = lexed.text(index);
        if matches!(token, ")" | "]" | "}") && all.ends_with(" ,") {
            all.truncate(all.len() - " ,".len());
        }
        all.push(' ');
        all.push_str(token);
    }
    all
}

/// Returns what may be names in a text that is not Rust, such as a message.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_code_and_in_format_strings() {
        let found = names(
            "f(r#type, \"{x:?} {0} {y:>width$.prec$}\") // not here\n+ a.b",
            Edition::CURRENT,
        );
        let expected = ["a", "b", "f", "prec", "r#type", "width", "x", "y"];
        for name in expected {
            assert!(found.contains(name), "{name} in {found:?}");
        }
        assert!(!found.contains("here"));
    }

    #[test]
    fn blanks_and_comments_make_no_difference() {
        let text = |text| normalized(text, Edition::CURRENT);
        assert_eq!(text("a  +b // c"), text("a + b"));
        assert_eq!(text("A { b: u8, }"), text("A { b: u8 }"));
        assert_ne!(text("ab"), text("a b"));
    }
}
