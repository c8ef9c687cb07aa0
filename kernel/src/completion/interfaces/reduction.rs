//! Reduces the source of a crate to its interface: declarations and their documentation, without what cells cannot name.
//!
//! rust-analyzer finds names, types and methods in it as in the whole source, in a fraction of the time and memory. The
//! reduction works on tokens, so it takes any source that rustc accepts, also one whose macros rustc has expanded.

use super::attributes::ATTRIBUTES;
use super::imports::{PrivateImports, imported_names};
use super::tokens::{Tokens, is_documentation, is_inner_documentation};
use ra_ap_parser::{Edition, LexedStr, SyntaxKind, T};
use std::collections::HashSet;
use std::mem::take;
use std::ops::Range;

/// Modules of the standard library whose content is left out: the instructions of processors, which are larger than all
/// others together, and types for which rustc has a syntax of its own.
const SKIPPED_MODULES: [&str; 4] = ["core_arch", "core_simd", "niche_types", "pat"];

/// The value of a constant is left out if it has more tokens.
const MAX_VALUE_TOKENS: usize = 40;

/// Returns the interface of a source file. `is_expanded` says that its macros are expanded, so that it needs no macros
/// except for those that other crates use.
pub fn interface(source: &str, edition: Edition, is_expanded: bool) -> String {
    let lexed = LexedStr::new(edition, source);
    let mut reducer = Reducer {
        tokens: Tokens::new(&lexed),
        is_expanded,
        position: 0,
        text: String::new(),
        names: HashSet::new(),
        imports: PrivateImports::default(),
    };
    reducer.keep_items(reducer.tokens.len(), Context::Module);
    reducer
        .imports
        .remove_unused(&mut reducer.text, &reducer.names);
    reducer.text
}

/// What surrounds an item.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Context {
    Module,
    Trait,
    InherentImpl,
    TraitImpl,
}

/// Reads the tokens from the first to the last, and keeps some.
struct Reducer<'a> {
    tokens: Tokens<'a>,
    is_expanded: bool,
    /// The index of the next token.
    position: usize,
    /// What is kept.
    text: String,
    /// The identifiers that are kept, except those in `imports`.
    names: HashSet<&'a str>,
    imports: PrivateImports<'a>,
}

/// What comes before the keyword of an item.
#[derive(Default)]
struct Head {
    /// The attributes and the documentation to keep.
    attributes: Vec<Range<usize>>,
    is_public: bool,
    is_unstable: bool,
    is_exported_macro: bool,
    is_test: bool,
}

impl<'a> Reducer<'a> {
    fn keep_items(&mut self, end: usize, context: Context) {
        while self.position < end {
            let before = self.position;
            self.keep_item(end, context);
            if self.position == before {
                // Not an item.
                self.keep_until(before + 1);
            }
        }
    }

    fn keep_item(&mut self, end: usize, context: Context) {
        let head = self.read_head(end);
        let start = self.position;
        let keyword = self.tokens.keyword(start, end);
        let after = self.tokens.end_of_item(keyword, end);
        if !self.is_kept(keyword, &head, context) {
            self.position = after;
            return;
        }
        let before = self.text.len();
        self.keep_head(&head);
        match self.tokens.text(keyword) {
            "fn" => self.keep_without_body(keyword, end),
            "mod" | "impl" | "trait" | "extern" => self.keep_block(keyword, end, context),
            "const" | "static" => self.keep_without_long_value(after),
            "use" if keyword == start => self.keep_import(before, after),
            "struct" | "enum" | "union" => self.keep_filtered_until(after),
            _ => self.keep_until(after),
        }
    }

    fn is_kept(&self, keyword: usize, head: &Head, context: Context) -> bool {
        let is_in_trait = matches!(context, Context::Trait | Context::TraitImpl);
        match self.tokens.text(keyword) {
            _ if head.is_test => false,
            // Those of a trait's implementation are as in the trait.
            "fn" if is_in_trait => context == Context::Trait,
            // Macros call unstable functions, but no unstable methods.
            "fn" if context == Context::Module => head.is_public,
            "fn" => head.is_public && !head.is_unstable,
            "const" | "static" => is_in_trait || head.is_public && !head.is_unstable,
            "macro_rules" if self.is_expanded => head.is_exported_macro,
            "macro" if self.is_expanded => head.is_public,
            _ => true,
        }
    }

    /// Reads the attributes and the documentation of an item. Keeps those of what surrounds it.
    fn read_head(&mut self, end: usize) -> Head {
        let mut head = Head::default();
        let mut documentation = Vec::new();
        while self.position < end {
            let start = self.position;
            let text = self.tokens.text(start);
            if is_inner_documentation(text) {
                self.keep_until(start + 1);
            } else if is_documentation(text) {
                self.position += 1;
                documentation.push(start..self.position);
                head.attributes.push(start..self.position);
            } else if self.tokens.is_inner_attribute(start) {
                self.keep_attribute(start);
            } else if let Some(range) = self.tokens.attribute(start) {
                self.position = range.end;
                match self.tokens.attribute_name(start) {
                    "unstable" => head.is_unstable = true,
                    "macro_export" => head.is_exported_macro = true,
                    "cfg" => head.is_test |= self.tokens.text(start + 4) == "test",
                    _ => {}
                }
                head.attributes.push(range);
            } else {
                break;
            }
        }
        if head.is_unstable {
            // Cells cannot use it.
            head.attributes
                .retain(|range| !documentation.contains(range));
        }
        let [first, second] = [0, 1].map(|offset| self.tokens.text(self.position + offset));
        head.is_public = first == "pub" && second != "(";
        head
    }

    fn keep_head(&mut self, head: &Head) {
        let after = self.position;
        let mut lines = Vec::new();
        for range in &head.attributes {
            if let Some(line) = self.tokens.text(range.start).strip_prefix("///") {
                lines.push(line);
                continue;
            }
            self.keep_documentation(&take(&mut lines));
            self.keep_attribute(range.start);
        }
        self.keep_documentation(&lines);
        self.position = after;
    }

    /// Keeps lines of documentation as one comment, which takes rust-analyzer less memory than many.
    fn keep_documentation(&mut self, lines: &[&str]) {
        let text = lines.join("\n");
        let can_be_block = !text.contains("*/") && !text.contains("/*");
        if lines.len() > 1 && can_be_block && text.starts_with([' ', '\n']) {
            self.text.push_str(&format!("/**{text}*/"));
        } else {
            let lines = lines.iter().map(|line| format!("///{line}\n"));
            self.text.extend(lines);
        }
    }

    /// Keeps an attribute or a comment of documentation if rust-analyzer reads it, and of some attributes only the name.
    fn keep_attribute(&mut self, start: usize) {
        let end = self.tokens.attribute(start);
        let end = end.map_or(start + 1, |range| range.end);
        let name = self.tokens.attribute_name(start);
        self.position = start;
        if is_documentation(self.tokens.text(start)) {
            self.keep_until(end);
        } else if matches!(name, "unstable" | "deprecated") {
            let inner = if self.tokens.is_inner_attribute(start) {
                "!"
            } else {
                ""
            };
            self.text.push_str(&format!(" #{inner}[{name}]"));
        } else if ATTRIBUTES.contains(&name) {
            self.keep_until(end);
        }
        self.position = end;
    }

    /// Keeps an item that contains others, and of these what is to be kept.
    fn keep_block(&mut self, keyword: usize, end: usize, context: Context) {
        let body = self.tokens.body(keyword, end);
        self.keep_until((body + 1).min(end));
        if !self.tokens.is(body, T!['{']) {
            return;
        }
        let inside = match self.tokens.text(keyword) {
            "trait" => Context::Trait,
            "impl" if self.tokens.is_of_trait(keyword, body) => Context::TraitImpl,
            "impl" => Context::InherentImpl,
            _ => context,
        };
        let closing = self.tokens.closing(body);
        if SKIPPED_MODULES.contains(&self.tokens.text(keyword + 1)) {
            self.position = closing;
        }
        self.keep_items(closing, inside);
        self.keep_until((closing + 1).min(end));
    }

    fn keep_without_body(&mut self, keyword: usize, end: usize) {
        let body = self.tokens.body(keyword, end);
        self.keep_filtered_until(body);
        if self.tokens.is(body, T!['{']) {
            self.text.push_str(" {}");
            self.position = self.tokens.closing(body) + 1;
        } else {
            self.keep_until((body + 1).min(end));
        }
    }

    fn keep_without_long_value(&mut self, end: usize) {
        let mut value = self.position..end;
        let equals = value.find(|index| self.tokens.is(*index, T![=]));
        if let Some(equals) = equals
            && value.len() > MAX_VALUE_TOKENS
        {
            self.keep_until(equals);
            self.text.push(';');
            self.position = end;
        }
        self.keep_until(end);
    }

    /// Keeps an import, whose attributes begin at `before` in the text.
    fn keep_import(&mut self, before: usize, end: usize) {
        let names = imported_names(self.tokens.range(self.position..end));
        self.write_until(end);
        self.imports.add(before..self.text.len(), names);
    }

    /// Keeps tokens without the attributes that are left out, such as those of fields.
    fn keep_filtered_until(&mut self, end: usize) {
        while self.position < end {
            match self.tokens.attribute(self.position) {
                Some(range) => self.keep_attribute(range.start),
                None => self.keep_until(self.position + 1),
            }
        }
    }

    fn keep_until(&mut self, end: usize) {
        let kept = self.tokens.range(self.position..end).iter();
        let identifiers = kept.filter(|token| token.kind == SyntaxKind::IDENT);
        self.names.extend(identifiers.map(|token| token.text));
        self.write_until(end);
    }

    fn write_until(&mut self, end: usize) {
        for token in self.tokens.range(self.position..end) {
            if token.is_separate {
                self.text.push(' ');
            }
            self.text.push_str(token.text);
            if is_documentation(token.text) {
                self.text.push('\n');
            }
        }
        self.position = end;
    }
}

#[cfg(test)]
mod tests;
