//! The tokens of a source file, and where its items begin and end.

use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};
use std::ops::Range;

/// The tokens of a file without space and comments, but with documentation. Indices beyond the end have no token.
pub struct Tokens<'a>(Vec<Token<'a>>);

#[derive(Clone, Copy)]
pub struct Token<'a> {
    pub kind: SyntaxKind,
    pub text: &'a str,
    /// Whether space or a comment is before it.
    pub is_separate: bool,
    /// For an opening bracket, the index of the closing one; else its own.
    closing: usize,
}

impl<'a> Tokens<'a> {
    pub fn new(lexed: &'a LexedStr<'_>) -> Tokens<'a> {
        let mut tokens: Vec<Token> = Vec::new();
        let mut open: Vec<usize> = Vec::new();
        let mut is_separate = false;
        for index in 0..lexed.len() {
            let (kind, text) = (lexed.kind(index), lexed.text(index));
            if kind.is_trivia() && !is_documentation(text) {
                is_separate = true;
                continue;
            }
            let closing = tokens.len();
            match kind {
                T!['('] | T!['['] | T!['{'] => open.push(closing),
                T![')'] | T![']'] | T!['}'] => {
                    if let Some(opening) = open.pop() {
                        tokens[opening].closing = closing;
                    }
                }
                _ => {}
            }
            tokens.push(Token {
                kind,
                text,
                is_separate,
                closing,
            });
            is_separate = false;
        }
        Tokens(tokens)
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the tokens in a range; only those before the end.
    pub fn range(&self, range: Range<usize>) -> &[Token<'a>] {
        let end = range.end.min(self.0.len());
        &self.0[range.start.min(end)..end]
    }

    /// Returns a token's text, which is empty beyond the end.
    pub fn text(&self, index: usize) -> &'a str {
        self.0.get(index).map_or("", |token| token.text)
    }

    pub fn is(&self, index: usize, kind: SyntaxKind) -> bool {
        self.0.get(index).is_some_and(|token| token.kind == kind)
    }

    /// Returns the index of the bracket that closes the one at `index`.
    pub fn closing(&self, index: usize) -> usize {
        self.0.get(index).map_or(index, |token| token.closing)
    }

    /// Returns the range of the attribute that begins at `index`.
    pub fn attribute(&self, index: usize) -> Option<Range<usize>> {
        let opening = index + 1 + usize::from(self.is(index + 1, T![!]));
        let is_attribute = self.is(index, T![#]) && self.is(opening, T!['[']);
        is_attribute.then(|| index..self.closing(opening) + 1)
    }

    /// Returns whether the attribute that begins at `index` is one of what surrounds it: `#![…]`.
    pub fn is_inner_attribute(&self, index: usize) -> bool {
        self.is(index, T![#]) && self.is(index + 1, T![!])
    }

    /// Returns the name of the attribute that begins at `index`.
    pub fn attribute_name(&self, index: usize) -> &'a str {
        self.text(index + 2 + usize::from(self.is_inner_attribute(index)))
    }

    /// Returns the index of the keyword that says what the item is that begins at `index`, or `end`.
    pub fn keyword(&self, mut index: usize, end: usize) -> usize {
        if self.is(index, T![pub]) {
            let restriction = self.is(index + 1, T!['(']);
            index = if restriction {
                self.closing(index + 1) + 1
            } else {
                index + 1
            };
        }
        while index < end {
            let next = self.0.get(index + 1);
            let is_before_keyword =
                next.is_some_and(|next| next.kind.is_keyword(Edition::Edition2024));
            index += match self.text(index) {
                "const" if is_before_keyword => 1,
                "extern" if self.text(index + 2) == "fn" => 2,
                "extern" if self.is(index + 1, T![fn]) => 1,
                "async" | "unsafe" => 1,
                "default" | "safe" | "auto" if is_before_keyword => 1,
                _ => break,
            };
        }
        index.min(end)
    }

    /// Returns the index of the `{` or `;` that ends the part of an item before its body, or `end`.
    pub fn body(&self, keyword: usize, end: usize) -> usize {
        self.find_outside(keyword, end, |kind| kind == T!['{'] || kind == T![;])
    }

    /// Returns whether an `impl` block is for a trait.
    pub fn is_of_trait(&self, keyword: usize, body: usize) -> bool {
        let is_wanted = |kind| kind == T![for] || kind == T![where];
        let found = self.find_outside(keyword, body, is_wanted);
        // A type may begin with `for<'a>`.
        self.is(found, T![for]) && !self.is(found + 1, T![<])
    }

    /// Returns the index of the first token that `is_wanted` and is in no brackets, also no angle brackets; or `end`.
    fn find_outside(
        &self,
        start: usize,
        end: usize,
        is_wanted: impl Fn(SyntaxKind) -> bool,
    ) -> usize {
        let mut depth = 0;
        let mut index = start;
        while index < end {
            let kind = self.0[index].kind;
            if depth <= 0 && is_wanted(kind) {
                return index;
            }
            match kind {
                T![<] => depth += 1,
                T![>] if !self.is(index.wrapping_sub(1), T![-]) => depth -= 1,
                _ => {}
            }
            index = self.closing(index) + 1;
        }
        end
    }

    /// Returns the index after an item: after its `;` or its `}`.
    pub fn end_of_item(&self, keyword: usize, end: usize) -> usize {
        let last = match self.text(keyword) {
            "const" | "static" | "use" | "type" => {
                self.find_outside(keyword, end, |kind| kind == T![;])
            }
            _ => self.body(keyword, end),
        };
        (self.closing(last) + 1).min(end)
    }
}

/// Returns whether a token is a comment with documentation.
pub fn is_documentation(text: &str) -> bool {
    let line = text.starts_with("///") && !text.starts_with("////");
    let block = text.starts_with("/**") && !text.starts_with("/***") && text != "/**/";
    line || block || is_inner_documentation(text)
}

/// Returns whether a token is documentation of what surrounds it.
pub fn is_inner_documentation(text: &str) -> bool {
    text.starts_with("//!") || text.starts_with("/*!")
}
