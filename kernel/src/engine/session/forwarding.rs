//! Implements the user's traits for the boxes and references that store values of type `impl Trait`.

use super::Session;
use crate::engine::cell::Item;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasGenericParams, HasModuleItem, HasName};
use std::rc::Rc;

impl Session {
    /// Adds an `impl` of the user's trait for `pointer`, a box of or a reference to `T`, so that a value stored so can be passed on
    /// as before. Adds nothing for other traits, or for those that the pointer cannot implement.
    pub fn forward(&mut self, of: &str, pointer: &str, cell: u32) {
        let found = self
            .items
            .iter()
            .find(|item| item.kind == "trait" && item.key() == format!("trait {of}"));
        let Some(text) = found.and_then(|item| forwarding(&item.text, of, pointer)) else {
            return;
        };
        self.add_items(&text, cell);
    }

    /// Adds generated items, unless they already exist.
    pub fn add_items(&mut self, text: &str, cell: u32) {
        for item in Item::all(text, 0, cell, Edition::CURRENT) {
            let mut others = self.items.iter();
            if !others.any(|other| other.normalized == item.normalized) {
                self.items.push(Rc::new(item));
            }
        }
    }
}

fn forwarding(text: &str, of: &str, pointer: &str) -> Option<String> {
    let parsed = SourceFile::parse(text, Edition::CURRENT);
    let item = parsed.tree().items().find_map(|item| match item {
        ast::Item::Trait(item) => Some(item),
        _ => None,
    })?;
    let has_generics = item.generic_param_list().is_some();
    let members = item.assoc_item_list()?.assoc_items();
    let methods: Option<Vec<String>> = members.map(|member| method(&member, pointer)).collect();
    let methods = methods.filter(|_| !has_generics)?;
    Some(format!(
        "impl<T: {of} + ?Sized> {of} for {pointer} {{ {} }}",
        methods.join(" ")
    ))
}

/// Returns a method that calls the same method of the value to which `pointer` points.
fn method(member: &ast::AssocItem, pointer: &str) -> Option<String> {
    let ast::AssocItem::Fn(method) = member else {
        return None;
    };
    let parameters = method.param_list()?;
    let receiver = parameters.self_param()?;
    let is_reachable = !pointer.starts_with('&') || receiver.mut_token().is_none();
    let is_simple = method.generic_param_list().is_none() && receiver.amp_token().is_some();
    let names: Option<Vec<String>> = parameters
        .params()
        .map(|parameter| match parameter.pat()? {
            ast::Pat::IdentPat(pattern) => Some(pattern.name()?.text().to_string()),
            _ => None,
        })
        .collect();
    let names = names.filter(|_| is_simple && is_reachable)?;
    let result = method
        .ret_type()
        .map(|ty| ty.syntax().text().to_string())
        .unwrap_or_default();
    let name = method.name()?;
    Some(format!(
        "fn {}{} {result} {{ (**self).{}({}) }}",
        name.text(),
        parameters.syntax().text(),
        name.text(),
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_forwarded() {
        assert_eq!(
            forwarding(
                "trait S { fn a(&self, n: u8) -> u8; fn b(&mut self) { } }",
                "S",
                "::std::boxed::Box<T>"
            )
            .unwrap(),
            "impl<T: S + ?Sized> S for ::std::boxed::Box<T> { fn a(&self, n: u8) -> u8 { (**self).a(n) } \
             fn b(&mut self)  { (**self).b() } }"
        );
        assert_eq!(
            forwarding("trait S { fn a(&self); }", "S", "&T").unwrap(),
            "impl<T: S + ?Sized> S for &T { fn a(&self)  { (**self).a() } }"
        );
        let changing = "trait S { fn a(&mut self); }";
        assert_eq!(forwarding(changing, "S", "&T"), None);
        for text in [
            "trait S { fn a(self); }",
            "trait S<T> { }",
            "trait S { type A; }",
            "trait S { fn a<T>(&self); }",
        ] {
            assert_eq!(
                forwarding(text, "S", "::std::boxed::Box<T>"),
                None,
                "{text}"
            );
        }
    }
}
