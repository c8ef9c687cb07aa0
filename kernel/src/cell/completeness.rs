//! Decides whether a cell is ready to run or continues on the next line.

use super::commands::{self, code_start};
use super::outline::outline;
use super::{MAX_TEXT_BYTES, deep};
use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};

#[derive(Debug, PartialEq, Eq)]
pub enum Completeness {
    Complete,
    /// More must follow; `indent` is the indentation for the next line.
    Incomplete {
        indent: String,
    },
    /// No continuation can make it valid.
    Invalid,
    /// It is too long to be checked.
    Unknown,
}

const INDENT: &str = "    ";

/// Checks whether a cell is complete.
pub fn of(code: &str) -> Completeness {
    if code.len() > MAX_TEXT_BYTES {
        return Completeness::Unknown;
    }
    deep(|| check(code)).unwrap_or(Completeness::Unknown)
}

fn check(code: &str) -> Completeness {
    let (commands, rust) = code.split_at(code_start(code));
    if !commands.lines().all(is_known) {
        return Completeness::Invalid;
    }
    if rust.trim().is_empty() || commands::help_of(code).is_some() {
        return Completeness::Complete;
    }
    let tokens = Tokens::of(rust);
    if tokens.is_cut {
        // An indent inside a string or a comment would become a part of it.
        return Completeness::Incomplete {
            indent: String::new(),
        };
    }
    let Some(open) = tokens.open_brackets() else {
        return Completeness::Invalid;
    };
    let closed: String = open.iter().rev().map(|(_, closing)| *closing).collect();
    match outline(&format!("{rust}{closed}")).first_error {
        Some(at) if at < tokens.end => Completeness::Invalid,
        None if open.is_empty() => Completeness::Complete,
        Some(_) if open.is_empty() && ends_with_let(rust) => Completeness::Complete,
        _ => Completeness::Incomplete {
            indent: tokens.indent(open.last().map(|(at, _)| *at)),
        },
    }
}

/// Whether a line before the Rust is a command that evcxr accepts, or no `:` command at all.
fn is_known(line: &str) -> bool {
    commands::name(line).is_none_or(|name| {
        commands::COMMANDS
            .iter()
            .any(|(command, _)| *command == name)
    })
}

struct Tokens<'a> {
    code: &'a str,
    /// The tokens that are neither blanks nor comments, and where they start.
    tokens: Vec<(SyntaxKind, usize)>,
    /// Where the last of them ends.
    end: usize,
    /// Whether the code ends inside a string or a comment.
    is_cut: bool,
}

impl Tokens<'_> {
    fn of(code: &str) -> Tokens<'_> {
        let lexed = LexedStr::new(Edition::Edition2024, code);
        let mut tokens = Vec::new();
        let mut end = 0;
        for index in 0..lexed.len() {
            if !lexed.kind(index).is_trivia() {
                tokens.push((lexed.kind(index), lexed.text_start(index)));
                end = lexed.text_range(index).end;
            }
        }
        let last = lexed.len().saturating_sub(1);
        Tokens {
            code,
            tokens,
            end,
            is_cut: !lexed.is_empty()
                && lexed.error(last).is_some_and(|error| {
                    may_have_lines(lexed.kind(last)) && is_about_the_end(error, lexed.text(last))
                }),
        }
    }

    /// Returns the offset of each unclosed bracket and the bracket that closes it; `None` if a closing bracket matches no open
    /// one.
    fn open_brackets(&self) -> Option<Vec<(usize, char)>> {
        let mut open: Vec<(usize, char)> = Vec::new();
        for (kind, at) in &self.tokens {
            let closing = match kind {
                T!['('] => ')',
                T!['['] => ']',
                T!['{'] => '}',
                T![')'] | T![']'] | T!['}'] => {
                    let (_, expected) = open.pop()?;
                    if !self.code[*at..].starts_with(expected) {
                        return None;
                    }
                    continue;
                }
                _ => continue,
            };
            open.push((*at, closing));
        }
        Some(open)
    }

    /// Returns the indentation of the next line; `open` is the offset of the last open bracket.
    fn indent(&self, open: Option<usize>) -> String {
        match (open, self.tokens.last()) {
            (Some(at), _) => self.indent_at(at) + INDENT,
            (None, Some((kind, at))) if goes_on(*kind) => self.indent_at(*at) + INDENT,
            (None, Some((_, at))) => self.indent_at(*at),
            (None, None) => String::new(),
        }
    }

    /// Returns the blanks with which the line at `offset` begins.
    fn indent_at(&self, offset: usize) -> String {
        let line = self.code[..offset].rfind('\n').map_or(0, |end| end + 1);
        let blanks = |letter: &char| *letter == ' ' || *letter == '\t';
        self.code[line..].chars().take_while(blanks).collect()
    }
}

fn may_have_lines(kind: SyntaxKind) -> bool {
    matches!(
        kind,
        SyntaxKind::STRING | SyntaxKind::BYTE_STRING | SyntaxKind::C_STRING | SyntaxKind::COMMENT
    )
}

/// Whether the error of a token is a missing end. The error of a raw string may also be a letter before its quote.
fn is_about_the_end(error: &str, token: &str) -> bool {
    error.starts_with("Missing trailing") || (error.contains("raw string") && token.contains('"'))
}

/// Whether an expression continues after such a token, indented further.
fn goes_on(kind: SyntaxKind) -> bool {
    kind.is_punct() && !matches!(kind, T![')'] | T![']'] | T!['}'] | T![>] | T![;])
}

/// Whether the code ends with a `let` that only lacks its semicolon, which evcxr adds.
fn ends_with_let(code: &str) -> bool {
    let closed = outline(&format!("{code}\n;"));
    closed.first_error.is_none() && closed.ends_with_let
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indent(text: &str) -> Completeness {
        Completeness::Incomplete {
            indent: text.to_owned(),
        }
    }

    #[test]
    fn complete_cells() {
        for code in [
            "",
            "1 + 1",
            "let x = 1",
            "let x = 1;",
            "let f = |x| x + 1",
            "fn f() {}",
            "fn f() {}\nf()",
            "struct P;",
            "if true { 1 } else { 2 }",
            "println!(\"{}\", 1)",
            "println!(\"}\")",
            "// only a comment",
            "/* closed */ 1",
            "\"a\nb\"",
            "use std::thread;",
            "#[derive(Debug)] struct P { x: u8 }",
            "impl P { fn f(&self) {} }",
            "for i in 0..3 {\n    println!(\"{i}\");\n}",
            "std::fs::read(\"a\")?",
            "let x = 'a';",
            "macro_rules! m { () => { 1 } }",
            ":dep rand = \"0.9\"",
            ":dep rand = \"0.9\"\nuse rand::Rng;",
            ":vars",
            ":help",
            "!ls -l",
            "// about\n:opt 2",
            "?Vec::push",
        ] {
            assert_eq!(of(code), Completeness::Complete, "{code}");
        }
    }

    #[test]
    fn incomplete_cells() {
        for code in [
            "fn f(",
            "fn f()",
            "fn f() ->",
            "fn f() {",
            "let",
            "let x",
            "let x =",
            "let x: u8",
            "1 +",
            "x.",
            "foo(1,",
            "vec![1, 2",
            "if x",
            "if x {} else",
            "match x { 1 =>",
            "struct P { x:",
            "struct P",
            "use std::",
            "use std::thread",
            "impl P",
            "println!(\"a\"",
            "#[derive(Debug)]",
            "let s = \"open",
            "let s = r#\"open\"",
            "/* open",
            "/* /* */",
            ":dep a = \"1\"\nfn f() {",
        ] {
            assert!(
                matches!(of(code), Completeness::Incomplete { .. }),
                "{code}: {:?}",
                of(code)
            );
        }
    }

    #[test]
    fn invalid_cells() {
        for code in [
            ")",
            "}",
            "(1]",
            "let let",
            "fn f() { let x = ; ",
            "let x = 5 let y = 6",
            "1 2 3",
            "else {}",
            "fn 1f() {}",
            "import os",
            "x = = 1",
            ":nothing",
            ":dep rand = \"0.9\"\n:nothing",
        ] {
            assert_eq!(of(code), Completeness::Invalid, "{code}");
        }
    }

    #[test]
    fn the_next_line_is_indented() {
        assert_eq!(of("fn f() {"), indent("    "));
        assert_eq!(of("fn f() {\n    if x {"), indent("        "));
        assert_eq!(of("foo(bar(|x| {"), indent("    "));
        assert_eq!(of("let x ="), indent("    "));
        assert_eq!(of("fn f()"), indent(""));
        assert_eq!(of("let s = \"a {"), indent(""));
        assert_eq!(of("fn f() {\n    g();\n"), indent("    "));
    }
}
