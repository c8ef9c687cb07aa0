//! Finds the variables around a macro that its rules name. Such a macro must be defined after them, in the function that has them (The
//! Rust Reference, "Hygiene").

use super::tokens::captured;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind};
use std::collections::BTreeSet;

/// Returns the names in a `macro_rules!` item that may mean variables from outside of it: not its parameters, nor what its own
/// patterns bind.
pub fn macro_variables(text: &str, edition: Edition) -> BTreeSet<String> {
    let lexed = LexedStr::new(edition, text);
    let tokens = (0..lexed.len()).filter(|index| !lexed.kind(*index).is_trivia());
    let tokens = tokens.map(|index| (lexed.kind(index), lexed.text(index)));
    let rules = tokens.skip_while(|(_, token)| !matches!(*token, "(" | "[" | "{"));
    let tokens = Tokens(rules.collect());
    let mut found = BTreeSet::new();
    for at in 0..tokens.0.len() {
        match tokens.0[at] {
            (SyntaxKind::IDENT, name) if tokens.is_expression(at) => {
                found.insert(name.to_owned());
            }
            (SyntaxKind::STRING, string) => found.extend(captured(string)),
            _ => {}
        }
    }
    for name in tokens.bound() {
        found.remove(name);
    }
    found
}

struct Tokens<'a>(Vec<(SyntaxKind, &'a str)>);

impl<'a> Tokens<'a> {
    fn text(&self, at: usize) -> &'a str {
        self.0.get(at).map_or("", |(_, text)| text)
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

    fn names(&self, range: std::ops::Range<usize>) -> impl Iterator<Item = &'a str> {
        let names =
            range.filter(|at| self.0[*at].0 == SyntaxKind::IDENT && self.before(*at, 1) != "$");
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
        let (kind, text) = self.0[before];
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
