//! Writes the lifetimes that are omitted in a type: those of a static, which its declaration in a later cell must name, and those of a
//! variable, which tell that it may borrow.

use crate::engine::cell::Item;
use ra_ap_parser::Edition;
use ra_ap_syntax::ast::{self, AstNode, HasGenericArgs, HasGenericParams, HasName};
use ra_ap_syntax::{SourceFile, SyntaxNode};
use std::ops::Range;
use std::rc::Rc;

/// Types of the standard library with one lifetime, which statics may contain.
const WITH_LIFETIME: [&str; 16] = [
    "Arguments",
    "Bytes",
    "CharIndices",
    "Chars",
    "Components",
    "Cow",
    "Iter",
    "Lines",
    "MutexGuard",
    "Ref",
    "RefMut",
    "RwLockReadGuard",
    "RwLockWriteGuard",
    "Split",
    "SplitAsciiWhitespace",
    "SplitWhitespace",
];

/// Returns the type of a static with `'static` for each omitted lifetime (The Rust Reference, "Lifetime elision"). The items define
/// the notebook's types.
pub fn with_static_lifetimes(ty: &str, items: &[Rc<Item>]) -> String {
    with_lifetimes(ty, "'static", items)
}

/// Returns the written type of a variable with `'_` for each omitted lifetime of a type, so that its references show.
pub fn with_anonymous_lifetimes(ty: &str, items: &[Rc<Item>]) -> String {
    with_lifetimes(ty, "'_", items)
}

fn with_lifetimes(ty: &str, lifetime: &str, items: &[Rc<Item>]) -> String {
    let before = "type T = ";
    let parsed = SourceFile::parse(&format!("{before}{ty};"), Edition::CURRENT);
    let nodes = parsed.tree().syntax().descendants();
    let nodes = nodes.filter(|node| !is_in_signature(node));
    // References show anyway.
    let nodes = nodes.filter(|node| lifetime != "'_" || ast::PathSegment::can_cast(node.kind()));
    let mut edits: Vec<_> = nodes
        .flat_map(|node| omitted(&node, lifetime, items))
        .collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.0.start));
    let mut written = ty.to_owned();
    for (range, text) in edits {
        let place = range.start - before.len()..range.end - before.len();
        written.replace_range(place, &text);
    }
    written
}

/// Whether a node is in the signature of a function, where an omitted lifetime means another one.
fn is_in_signature(node: &SyntaxNode) -> bool {
    node.ancestors().any(|around| {
        ast::FnPtrType::can_cast(around.kind())
            || ast::ParenthesizedArgList::can_cast(around.kind())
    })
}

/// Returns the bytes to replace at a node that omits lifetimes, each with the new text.
fn omitted(
    node: &SyntaxNode,
    lifetime: &str,
    items: &[Rc<Item>],
) -> Option<(Range<usize>, String)> {
    if let Some(reference) = ast::RefType::cast(node.clone()) {
        let end = usize::from(reference.amp_token()?.text_range().end());
        let is_omitted = reference.lifetime().is_none();
        return is_omitted.then(|| (end..end, format!("{lifetime} ")));
    }
    if let Some(written) = ast::Lifetime::cast(node.clone()) {
        let range = written.syntax().text_range();
        let is_omitted = written.syntax().text() == "'_";
        return is_omitted.then(|| (range.into(), lifetime.to_owned()));
    }
    let segment = ast::PathSegment::cast(node.clone())?;
    let name = segment.name_ref()?;
    let count = lifetimes_of(name.text(), items);
    let lifetimes = vec![lifetime; count].join(", ");
    let Some(list) = segment.generic_arg_list() else {
        let end = usize::from(name.syntax().text_range().end());
        return (count > 0).then(|| (end..end, format!("<{lifetimes}>")));
    };
    let begin = usize::from(list.l_angle_token()?.text_range().end());
    let is_omitted = count > 0 && list.lifetime_args().next().is_none();
    is_omitted.then(|| (begin..begin, format!("{lifetimes}, ")))
}

/// Returns how many lifetimes the type of this name has.
fn lifetimes_of(name: &str, items: &[Rc<Item>]) -> usize {
    let defining = items.iter().filter(|item| {
        matches!(
            item.kind,
            "struct" | "enum" | "union" | "type" | "trait" | "mod"
        ) && item.mentions.contains(name)
    });
    let mut own = defining.filter_map(|item| lifetimes_in(&item.text, name));
    let of_std = || usize::from(WITH_LIFETIME.contains(&name));
    own.next().unwrap_or_else(of_std)
}

/// Returns how many lifetimes the type of this name has that the text of an item defines; `None` if it defines none.
fn lifetimes_in(text: &str, name: &str) -> Option<usize> {
    let parsed = SourceFile::parse(text, Edition::CURRENT);
    let mut nodes = parsed.tree().syntax().descendants();
    nodes.find_map(|node| {
        let definition = ast::Item::cast(node)?;
        let (defined, parameters) = match &definition {
            ast::Item::Struct(item) => (item.name(), item.generic_param_list()),
            ast::Item::Enum(item) => (item.name(), item.generic_param_list()),
            ast::Item::Union(item) => (item.name(), item.generic_param_list()),
            ast::Item::TypeAlias(item) => (item.name(), item.generic_param_list()),
            ast::Item::Trait(item) => (item.name(), item.generic_param_list()),
            _ => return None,
        };
        let is_it = defined.is_some_and(|defined| defined.text() == name);
        is_it.then(|| parameters.map_or(0, |list| list.lifetime_params().count()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_lifetimes_are_written() {
        let code =
            "struct W<'a>(&'a str); struct P<'a, T>(&'a T); mod m { pub struct I<'a>(&'a u8); }";
        let items = Item::all(code, 0, 1, Edition::CURRENT);
        let items: Vec<Rc<Item>> = items.into_iter().map(Rc::new).collect();
        for (ty, written) in [
            ("& str", "&'static  str"),
            ("&&str", "&'static &'static str"),
            ("&'static [&str]", "&'static [&'static str]"),
            ("Mutex<Option<W>>", "Mutex<Option<W<'static>>>"),
            ("W<'_>", "W<'static>"),
            ("P<u8>", "P<'static, u8>"),
            ("m::I", "m::I<'static>"),
            ("Cow<str>", "Cow<'static, str>"),
            ("fn(&str) -> &str", "fn(&str) -> &str"),
            ("Box<dyn Fn(&W) -> u8>", "Box<dyn Fn(&W) -> u8>"),
        ] {
            assert_eq!(with_static_lifetimes(ty, &items), written);
        }
        let anonymous = with_anonymous_lifetimes("(Option<W>, &P<u8>, W<'static>)", &items);
        assert_eq!(anonymous, "(Option<W<'_>>, &P<'_, u8>, W<'static>)");
    }
}
