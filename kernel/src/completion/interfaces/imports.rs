//! Imports: those that nothing uses once function bodies are gone, and those that make a crate part of another's interface.

use super::tokens::Token;
use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};
use std::collections::HashSet;
use std::ops::Range;

/// Returns the identifiers in the public imports of a source file.
pub fn public_imports(source: &str, edition: Edition) -> HashSet<String> {
    let lexed = LexedStr::new(edition, source);
    let tokens: Vec<usize> = (0..lexed.len())
        .filter(|index| !lexed.kind(*index).is_trivia())
        .collect();
    let mut names = HashSet::new();
    for start in 1..tokens.len() {
        if lexed.kind(tokens[start - 1]) == T![pub] && lexed.kind(tokens[start]) == T![use] {
            let imported = tokens[start..].iter().copied();
            let imported = imported.take_while(|token| lexed.kind(*token) != T![;]);
            let identifiers = imported.filter(|token| lexed.kind(*token) == SyntaxKind::IDENT);
            names.extend(identifiers.map(|token| lexed.text(token).to_owned()));
        }
    }
    names
}

/// The imports of a file that are not public.
#[derive(Default)]
pub struct PrivateImports<'a>(Vec<Import<'a>>);

struct Import<'a> {
    /// Where it is in the text.
    range: Range<usize>,
    /// The identifiers by which code may call what is imported.
    names: ImportedNames<'a>,
}

/// The names that a `use` declares.
pub enum ImportedNames<'a> {
    /// It has a `*` or `self`.
    Unknown,
    /// None if it has only `as _`: bodies call the methods of such traits.
    Known(Vec<&'a str>),
}

impl<'a> PrivateImports<'a> {
    /// Adds an import that is in the text at `range`.
    pub fn add(&mut self, range: Range<usize>, names: ImportedNames<'a>) {
        self.0.push(Import { range, names });
    }

    /// Removes from `text` the imports whose names are not `used`.
    pub fn remove_unused(self, text: &mut String, used: &HashSet<&str>) {
        for Import { range, names } in self.0.into_iter().rev() {
            if let ImportedNames::Known(names) = names
                && !names.iter().any(|name| used.contains(name))
            {
                text.replace_range(range, "");
            }
        }
    }
}

/// Returns the names that a `use` with these tokens declares.
pub fn imported_names<'a>(tokens: &[Token<'a>]) -> ImportedNames<'a> {
    let is_unknown = |token: &Token| matches!(token.kind, T![*] | T![self]);
    if tokens.iter().any(is_unknown) {
        return ImportedNames::Unknown;
    }
    // A name is the last part of a path.
    let names = tokens.windows(2).filter(|pair| {
        let is_last = matches!(pair[1].kind, T![,] | T!['}'] | T![;]);
        pair[0].kind == SyntaxKind::IDENT && is_last
    });
    ImportedNames::Known(names.map(|pair| pair[0].text).collect())
}
