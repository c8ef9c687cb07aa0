//! Finds the variables around a macro that its rules name. Such a macro must be defined after them, in the function that has them (The
//! Rust Reference, "Hygiene").

use super::tokens::captured;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind};
use std::collections::BTreeSet;
use std::ops::Range;

/// Returns the names in a `macro_rules!` item that may mean variables from outside of it: not its parameters, nor what its own
/// patterns bind.
pub fn macro_variables(text: &str, edition: Edition) -> BTreeSet<String> {
    let lexed = LexedStr::new(edition, text);
    let tokens = Tokens::of(&lexed);
    let mut found = BTreeSet::new();
    for (at, token) in tokens.0.iter().enumerate() {
        match token.kind {
            SyntaxKind::IDENT if tokens.is_expression(at) => {
                found.insert(token.text.to_owned());
            }
            SyntaxKind::STRING => found.extend(captured(token.text)),
            _ => {}
        }
    }
    for name in tokens.bound() {
        found.remove(name);
    }
    found
}

/// Returns a `macro_rules!` item with another name for a variable from outside of it.
pub fn with_renamed_variable(text: &str, name: &str, other: &str, edition: Edition) -> String {
    let lexed = LexedStr::new(edition, text);
    let tokens = Tokens::of(&lexed);
    let mut renamed = text.to_owned();
    // In reverse, so that the other offsets stay valid.
    for (at, token) in tokens.0.iter().enumerate().rev() {
        let with = match token.kind {
            SyntaxKind::IDENT if token.text == name && tokens.is_expression(at) => other.to_owned(),
            SyntaxKind::STRING => ["}", ":"]
                .iter()
                .fold(token.text.to_owned(), |string, end| {
                    string.replace(&format!("{{{name}{end}"), &format!("{{{other}{end}"))
                }),
            _ => continue,
        };
        renamed.replace_range(token.range.clone(), &with);
    }
    renamed
}

struct Token<'a> {
    kind: SyntaxKind,
    text: &'a str,
    range: Range<usize>,
}

/// The tokens of a macro's rules.
struct Tokens<'a>(Vec<Token<'a>>);

impl<'a> Tokens<'a> {
    fn of(item: &'a LexedStr<'a>) -> Tokens<'a> {
        let tokens = (0..item.len()).map(|index| Token {
            kind: item.kind(index),
            text: item.text(index),
            range: item.text_range(index),
        });
        let tokens = tokens.filter(|token| !token.kind.is_trivia());
        let rules = tokens.skip_while(|token| !matches!(token.text, "(" | "[" | "{"));
        Tokens(rules.collect())
    }

    fn text(&self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |token| token.text)
    }

    fn before(&self, at: usize, back: usize) -> &'a str {
        at.checked_sub(back).map_or("", |at| self.text(at))
    }

    /// Whether a name is not a parameter, a field, a part of a path or the name of a macro.
    fn is_expression(&self, at: usize) -> bool {
        let [second, first] = [self.before(at, 2), self.before(at, 1)];
        let is_member = first == "." && second != ".";
        let is_path = first == ":" && second == ":" || self.text(at + 1) == ":";
        first != "$" && !is_member && !is_path && self.text(at + 1) != "!"
    }

    /// Returns the names in patterns: those of `let`, `for`, closures and the arms of `match`.
    fn bound(&self) -> BTreeSet<&'a str> {
        let mut bound = BTreeSet::new();
        for at in 0..self.0.len() {
            let end = match self.text(at) {
                "let" => self.next(at, &["=", ";"]),
                "for" => self.next(at, &["in"]),
                "|" if !self.is_after_operand(at) => self.next(at, &["|"]),
                "=" if self.text(at + 1) == ">" => {
                    bound.extend(self.names(self.start_of_arm(at)..at));
                    continue;
                }
                _ => continue,
            };
            bound.extend(self.names(at..end));
        }
        bound
    }

    fn names(&self, range: Range<usize>) -> impl Iterator<Item = &'a str> {
        let names =
            range.filter(|at| self.0[*at].kind == SyntaxKind::IDENT && self.before(*at, 1) != "$");
        names.map(|at| self.text(at))
    }

    /// Returns the place of the next of these tokens, or the end.
    fn next(&self, at: usize, ends: &[&str]) -> usize {
        let mut rest = at + 1..self.0.len();
        let end = rest.find(|place| ends.contains(&self.text(*place)));
        end.unwrap_or(self.0.len())
    }

    /// Whether `|` is an operator here, and does not begin a closure.
    fn is_after_operand(&self, at: usize) -> bool {
        let Some(before) = at.checked_sub(1) else {
            return false;
        };
        let Token { kind, text, .. } = self.0[before];
        kind == SyntaxKind::IDENT || kind.is_literal() || matches!(text, ")" | "]")
    }

    /// Returns where the pattern before `=>` begins.
    fn start_of_arm(&self, arrow: usize) -> usize {
        let mut depth = 0;
        for at in (0..arrow).rev() {
            match self.text(at) {
                ")" | "]" => depth += 1,
                "(" | "[" if depth == 0 => return at + 1,
                "(" | "[" => depth -= 1,
                "{" | "}" | "," | ";" if depth == 0 => return at + 1,
                _ => {}
            }
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_gets_another_name() {
        let text = "macro_rules! a { ($a:expr) => { a += $a; s.a(\"{a} {a:?} {b}\", a); } }";
        let renamed = with_renamed_variable(text, "a", "other", Edition::CURRENT);
        let expected = "macro_rules! a { ($a:expr) => { other += $a; s.a(\"{other} {other:?} {b}\", other); } }";
        assert_eq!(renamed, expected);
    }

    #[test]
    fn only_what_a_macro_does_not_bind_is_a_variable_around_it() {
        let names = |rules: &str| {
            let text = format!("macro_rules! m {{ {rules} }}");
            let found = macro_variables(&text, Edition::CURRENT);
            found.into_iter().collect::<Vec<_>>().join(" ")
        };
        assert_eq!(names("($x:expr) => { total += $x; };"), "total");
        assert_eq!(names("() => { println!(\"{count}\") }"), "count");
        assert_eq!(
            names("($a:expr) => {{ let a = $a; let (b, c) = a; b.len() + c + d }}"),
            "d"
        );
        assert_eq!(
            names("($v:ident) => { for i in $v { list.iter().map(|x| x + i); } }"),
            "list"
        );
        assert_eq!(
            names(
                "($v:expr) => { match $v { Some((a, _)) => a | mask, None => std::mem::take(&mut rest) } }"
            ),
            "mask rest"
        );
    }
}
