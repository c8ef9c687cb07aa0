//! Implements the user's traits for the boxes and references that store values of type `impl Trait`.

use super::Session;
use crate::engine::cell::Item;
use crate::engine::lifetimes::with_lifetime;
use ra_ap_parser::Edition;
use ra_ap_syntax::SourceFile;
use ra_ap_syntax::ast::{self, AstNode, HasGenericParams, HasModuleItem, HasName};
use std::rc::Rc;

impl Session {
    /// Adds an `impl` of the user's trait for `ty`, a box of or a reference to a trait object, so that a value stored so can be
    /// passed on as before. Adds nothing for other traits, or for those that the type cannot implement.
    pub fn forward(&mut self, of: &str, ty: &str, cell: u32) {
        let pointer = if self.has_blanket(of) {
            // Blocks for a box of or a reference to any type would conflict.
            Pointer::To(with_lifetime(ty, "'_"))
        } else if ty.starts_with('&') {
            Pointer::Reference
        } else {
            Pointer::Box
        };
        let found = self
            .items
            .iter()
            .find(|item| item.kind == "trait" && item.key() == format!("trait {of}"));
        let Some(text) = found.and_then(|item| forwarding(&item.text, of, &pointer)) else {
            return;
        };
        self.add_items(&text, cell);
    }

    /// Whether a block of the notebook implements the trait for all types with certain others.
    fn has_blanket(&self, of: &str) -> bool {
        let items = self.items.iter();
        let mut blocks = items.filter(|item| {
            let header = item.header.as_ref();
            header.is_some_and(|header| header.is_trait && header.mentions.contains(of))
        });
        blocks.any(|item| is_blanket(&item.text, of))
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

/// What a trait is implemented for.
#[derive(Debug)]
enum Pointer {
    /// `&T` for every `T` that implements it.
    Reference,
    /// `Box<T>` for every such `T`.
    Box,
    /// Only this type, a box or a reference.
    To(String),
}

impl Pointer {
    fn is_shared(&self) -> bool {
        match self {
            Pointer::Reference => true,
            Pointer::Box => false,
            Pointer::To(ty) => ty.starts_with('&'),
        }
    }

    /// Returns the header of the block that implements a trait for it.
    fn header(&self, of: &str) -> String {
        let generics = format!("<T: {of} + ?Sized>");
        match self {
            Pointer::Reference => format!("impl{generics} {of} for &T"),
            Pointer::Box => format!("impl{generics} {of} for ::std::boxed::Box<T>"),
            Pointer::To(ty) => format!("impl {of} for {ty}"),
        }
    }
}

fn is_blanket(text: &str, of: &str) -> bool {
    let parsed = SourceFile::parse(text, Edition::CURRENT);
    let mut blocks = parsed
        .syntax_node()
        .descendants()
        .filter_map(ast::Impl::cast);
    blocks.any(|block| {
        let name = block.trait_().map(|name| name.syntax().text().to_string());
        let name = name.as_deref().and_then(|name| name.rsplit("::").next());
        let ty = block.self_ty().map(|ty| ty.syntax().text().to_string());
        let parameters = block.generic_param_list().into_iter();
        let parameters = parameters.flat_map(|list| list.type_or_const_params());
        let mut names = parameters.filter_map(|parameter| match parameter {
            ast::TypeOrConstParam::Type(parameter) => parameter.name(),
            ast::TypeOrConstParam::Const(_) => None,
        });
        name == Some(of) && names.any(|name| ty.as_deref() == Some(name.text()))
    })
}

fn forwarding(text: &str, of: &str, pointer: &Pointer) -> Option<String> {
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
        "{} {{ {} }}",
        pointer.header(of),
        methods.join(" ")
    ))
}

/// Returns a method that calls the same method of the value to which `pointer` points.
fn method(member: &ast::AssocItem, pointer: &Pointer) -> Option<String> {
    let ast::AssocItem::Fn(method) = member else {
        return None;
    };
    let parameters = method.param_list()?;
    let receiver = parameters.self_param()?;
    let is_reachable = !pointer.is_shared() || receiver.mut_token().is_none();
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
                &Pointer::Box
            )
            .unwrap(),
            "impl<T: S + ?Sized> S for ::std::boxed::Box<T> { fn a(&self, n: u8) -> u8 { (**self).a(n) } \
             fn b(&mut self)  { (**self).b() } }"
        );
        assert_eq!(
            forwarding("trait S { fn a(&self); }", "S", &Pointer::Reference).unwrap(),
            "impl<T: S + ?Sized> S for &T { fn a(&self)  { (**self).a() } }"
        );
        let changing = "trait S { fn a(&mut self); }";
        assert_eq!(forwarding(changing, "S", &Pointer::Reference), None);
        let boxed = Pointer::To("::std::boxed::Box<dyn S>".to_owned());
        assert_eq!(
            forwarding("trait S { fn a(&self); }", "S", &boxed).unwrap(),
            "impl S for ::std::boxed::Box<dyn S> { fn a(&self)  { (**self).a() } }"
        );
        for text in [
            "trait S { fn a(self); }",
            "trait S<T> { }",
            "trait S { type A; }",
            "trait S { fn a<T>(&self); }",
        ] {
            assert_eq!(forwarding(text, "S", &Pointer::Box), None, "{text}");
        }
    }

    #[test]
    fn blanket_blocks_are_found() {
        let is_found = |text| is_blanket(text, "S");
        assert!(is_found("impl<F: Fn()> S for F { }"));
        assert!(is_found("impl<F> m::S for F where F: Fn() { }"));
        assert!(!is_found("impl<T: S> S for Box<T> { }"));
        assert!(!is_found("impl<F: Fn()> R for F { }"));
    }
}
