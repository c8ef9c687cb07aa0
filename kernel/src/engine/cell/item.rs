//! The items of a cell.

use super::static_items::{StaticItem, sites};
use super::tokens::{names, normalized, words};
use crate::cell::Space;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasAttrs, HasModuleItem, HasName};
use std::collections::BTreeSet;
use std::ops::Range;

/// An item at the top level of a cell.
#[derive(Debug, Clone)]
pub struct Item {
    /// Its kind as Rust names it, such as `fn`.
    pub kind: &'static str,
    /// The names that it defines; none for an `impl` block, a `use` or the call of a macro.
    pub names: Vec<(Space, String)>,
    /// The header of an `impl` block.
    pub header: Option<Header>,
    pub text: String,
    /// Its tokens, without comments and formatting.
    pub normalized: String,
    /// Where it begins in the cell; for an item from a macro, where the call begins.
    pub start: usize,
    /// Whether the cell contains it verbatim there.
    pub is_verbatim: bool,
    /// The cell that defined it, counted from 1.
    pub cell: u32,
    /// All names in it.
    pub mentions: BTreeSet<String>,
    /// The names in the headers of `impl` blocks inside of it.
    blocks: BTreeSet<String>,
    /// The places of its statics, in the order of its text.
    pub sites: Vec<StaticItem>,
    /// Its `#[cfg(…)]` attributes: an item under another condition is a different item.
    pub conditions: Vec<String>,
}

/// What an `impl` block is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The tokens before the braces.
    pub normalized: String,
    pub is_trait: bool,
    /// The names in it.
    pub mentions: BTreeSet<String>,
    /// The associated items, each with its place in the item's text.
    pub members: Vec<(String, Range<usize>)>,
}

impl Item {
    pub fn of(item: &ast::Item, start: usize, cell: u32, edition: Edition) -> Item {
        let text = item.syntax().text().to_string();
        let mut made = Item {
            kind: kind(item),
            names: defined(item),
            header: header(item, edition),
            normalized: normalized(&text, edition),
            mentions: names(&text, edition),
            text,
            start,
            is_verbatim: true,
            cell,
            blocks: blocks(item, edition),
            sites: Vec::new(),
            conditions: item
                .attrs()
                .map(|attribute| attribute.syntax().text().to_string())
                .filter(|text| text.contains("cfg"))
                .collect(),
        };
        made.sites = sites(item.syntax(), &made.key(), edition);
        made
    }

    /// Returns all items of a macro's expansion; `start` is where the call begins.
    pub fn all(text: &str, start: usize, cell: u32, edition: Edition) -> Vec<Item> {
        let parsed = SourceFile::parse(text, edition);
        let items = parsed
            .tree()
            .items()
            .map(|item| Item::of(&item, start, cell, edition));
        items
            .map(|item| Item {
                is_verbatim: false,
                ..item
            })
            .collect()
    }

    /// Returns the names in the headers of `impl` blocks: of the item itself, or else of those inside of it, as in a module.
    pub fn names_of_blocks(&self) -> &BTreeSet<String> {
        let header = self.header.as_ref();
        header.map_or(&self.blocks, |header| &header.mentions)
    }

    /// Returns the key that identifies the item.
    pub fn key(&self) -> String {
        match (self.names.first(), &self.header) {
            (Some((_, name)), _) => format!("{} {name}", self.kind),
            (None, Some(header)) => header.normalized.clone(),
            (None, None) => self.normalized.clone(),
        }
    }

    /// Returns the item for a message: its kind and its name.
    pub fn shown(&self) -> String {
        let text = match (self.names.first(), &self.header) {
            (Some((_, name)), _) => format!("{} {name}", self.kind),
            (None, Some(_)) => self
                .text
                .split(['{', '\n'])
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
            (None, None) => self
                .text
                .lines()
                .next()
                .unwrap_or_default()
                .trim()
                .to_owned(),
        };
        format!("`{text}`")
    }

    /// Returns the crate of an `extern crate`.
    pub fn extern_crate(&self) -> Option<&str> {
        let (_, after) = self.text.split_once("extern crate ")?;
        let name = words(after.trim_start()).next();
        name.filter(|_| self.kind == "extern crate")
    }

    /// Returns the texts of its functions of this name: the item itself, or members of an `impl` block.
    pub fn functions(&self, name: &str) -> impl Iterator<Item = &str> {
        let is_function = self.kind == "fn" && self.names.iter().any(|(_, own)| own == name);
        let members = self.header.iter().flat_map(|header| &header.members);
        let members = members.filter(move |(own, _)| own == name);
        let members = members.map(|(_, range)| &self.text[range.clone()]);
        members.chain(is_function.then_some(self.text.as_str()))
    }

    /// Returns the name of a `#[global_allocator]`.
    pub fn global_allocator(&self) -> Option<&str> {
        let (_, name) = self.names.first()?;
        let is_allocator = self.kind == "static" && self.mentions.contains("global_allocator");
        is_allocator.then_some(name.as_str())
    }

    pub fn defines(&self, space: Space, name: &str) -> bool {
        self.names
            .iter()
            .any(|(other, defined)| *other == space && defined == name)
    }

    /// Whether a later item replaces this one.
    pub fn is_replaced_by(&self, later: &Item) -> bool {
        let shares_name = later
            .names
            .iter()
            .any(|(space, name)| self.defines(*space, name));
        let is_same_trait = match (&self.header, &later.header) {
            (Some(one), Some(other)) => one.is_trait && one.normalized == other.normalized,
            _ => false,
        };
        (shares_name || is_same_trait) && self.conditions == later.conditions
            || self.normalized == later.normalized
    }

    /// Whether it must be in every source, since a cell can use it without naming it.
    pub fn is_always_there(&self) -> bool {
        matches!(
            self.kind,
            "use" | "extern crate" | "macro call" | "extern block"
        )
    }

    /// Returns the item without these members; `None` if nothing is left.
    pub fn without_members(&self, gone: &BTreeSet<&str>, edition: Edition) -> Option<Item> {
        let members = &self.header.as_ref()?.members;
        if members.iter().all(|(name, _)| gone.contains(name.as_str())) {
            return None;
        }
        let mut text = self.text.clone();
        for (_, range) in members
            .iter()
            .rev()
            .filter(|(name, _)| gone.contains(name.as_str()))
        {
            text.replace_range(range.clone(), "");
        }
        let parsed = SourceFile::parse(&text, edition);
        let item = parsed.tree().items().next()?;
        Some(Item {
            is_verbatim: false,
            ..Item::of(&item, self.start, self.cell, edition)
        })
    }
}

/// Returns the names in the headers of `impl` blocks in modules, functions and constants.
fn blocks(item: &ast::Item, edition: Edition) -> BTreeSet<String> {
    if matches!(item, ast::Item::Impl(_)) {
        return BTreeSet::new();
    }
    let inner = item.syntax().descendants().filter_map(ast::Impl::cast);
    let types = inner.flat_map(|block| [block.trait_(), block.self_ty()]);
    types
        .flatten()
        .flat_map(|ty| names(&ty.syntax().text().to_string(), edition))
        .collect()
}

fn kind(item: &ast::Item) -> &'static str {
    match item {
        ast::Item::AsmExpr(_) => "asm",
        ast::Item::Const(_) => "const",
        ast::Item::Enum(_) => "enum",
        ast::Item::ExternBlock(_) => "extern block",
        ast::Item::ExternCrate(_) => "extern crate",
        ast::Item::Fn(_) => "fn",
        ast::Item::Impl(_) => "impl",
        ast::Item::MacroCall(_) => "macro call",
        ast::Item::MacroDef(_) | ast::Item::MacroRules(_) => "macro",
        ast::Item::Module(_) => "mod",
        ast::Item::Static(_) => "static",
        ast::Item::Struct(_) => "struct",
        ast::Item::Trait(_) => "trait",
        ast::Item::TypeAlias(_) => "type",
        ast::Item::Union(_) => "union",
        ast::Item::Use(_) => "use",
    }
}

/// Returns the names that an item defines, with their namespaces (The Rust Reference, "Namespaces").
fn defined(item: &ast::Item) -> Vec<(Space, String)> {
    use Space::{Macros, Types, Values};
    let (spaces, name): (&[Space], _) = match item {
        ast::Item::Struct(item) => match item.kind() {
            ast::StructKind::Record(_) => (&[Types], item.name()),
            // The value is the constructor.
            ast::StructKind::Tuple(_) | ast::StructKind::Unit => (&[Types, Values], item.name()),
        },
        ast::Item::Enum(item) => (&[Types], item.name()),
        ast::Item::Union(item) => (&[Types], item.name()),
        ast::Item::Trait(item) => (&[Types], item.name()),
        ast::Item::TypeAlias(item) => (&[Types], item.name()),
        ast::Item::Module(item) => (&[Types], item.name()),
        ast::Item::Fn(item) => (&[Values], item.name()),
        ast::Item::Const(item) => (&[Values], item.name()),
        ast::Item::Static(item) => (&[Values], item.name()),
        ast::Item::MacroRules(item) => (&[Macros], item.name()),
        ast::Item::MacroDef(item) => (&[Macros], item.name()),
        _ => (&[], None),
    };
    let name = name.map(|name| name.text().to_string());
    // The macros of a `macro_use` module are visible after it, exported ones everywhere (The Rust Reference, "Scoping, exporting,
    // and importing").
    let leaves_all = has_attribute(item, "macro_use");
    let inner = item
        .syntax()
        .descendants()
        .filter_map(ast::MacroRules::cast)
        .filter(|_| matches!(item, ast::Item::Module(_)))
        .filter(|rules| leaves_all || has_attribute(rules, "macro_export"));
    let inner = inner.filter_map(|rules| Some((Macros, rules.name()?.text().to_string())));
    let spaces = spaces
        .iter()
        .filter_map(|space| Some((*space, name.clone()?)));
    // `const _` defines no name.
    spaces
        .filter(|(_, name)| name != "_")
        .chain(inner)
        .collect()
}

fn has_attribute(item: &impl HasAttrs, name: &str) -> bool {
    item.attrs()
        .any(|attribute| attribute.syntax().text().to_string().contains(name))
}

fn header(item: &ast::Item, edition: Edition) -> Option<Header> {
    let ast::Item::Impl(block) = item else {
        return None;
    };
    let start = block.syntax().text_range().start();
    let list = block.assoc_item_list();
    let text = block.syntax().text().to_string();
    let end = list.as_ref().map_or(text.len(), |list| {
        (list.syntax().text_range().start() - start).into()
    });
    // Documentation and attributes before `impl` do not belong to the header.
    let begin = block
        .impl_token()
        .map_or(0, |token| (token.text_range().start() - start).into());
    let members = list
        .into_iter()
        .flat_map(|list| list.assoc_items())
        .filter_map(|member| {
            let name = match &member {
                ast::AssocItem::Fn(item) => item.name(),
                ast::AssocItem::Const(item) => item.name(),
                ast::AssocItem::TypeAlias(item) => item.name(),
                ast::AssocItem::MacroCall(_) => None,
            };
            let range = member.syntax().text_range() - start;
            Some((
                name?.text().to_string(),
                range.start().into()..range.end().into(),
            ))
        });
    let head = &text[begin..end];
    Some(Header {
        normalized: normalized(head, edition),
        is_trait: block.trait_().is_some(),
        mentions: names(head, edition),
        members: members.collect(),
    })
}
