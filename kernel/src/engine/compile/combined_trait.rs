//! Generated traits that combine others: a trait object has only one trait besides auto traits.

use crate::engine::lifetimes::with_lifetime_of_references;
use crate::prebuilt::Key;

/// A trait that combines others.
pub struct CombinedTrait {
    name: String,
    bounds: String,
    /// The lifetime that stands in the bounds for omitted ones.
    lifetime: Option<&'static str>,
    is_cloned: bool,
}

impl CombinedTrait {
    const LIFETIME: &'static str = "'threadbook_item";

    /// Combines `bounds`, and `Clone` if `is_cloned`.
    pub fn of(bounds: &str, is_cloned: bool) -> CombinedTrait {
        let bounds = with_lifetime_of_references(bounds, Self::LIFETIME);
        let key = Key::from_iter([bounds.as_str(), if is_cloned { "Clone" } else { "" }]).end();
        CombinedTrait {
            name: format!("ThreadbookTraits{}", &key[..8]),
            lifetime: Some(Self::LIFETIME).filter(|lifetime| bounds.contains(lifetime)),
            bounds,
            is_cloned,
        }
    }

    /// Returns the trait as it is written in a type.
    pub fn written(&self) -> String {
        let name = &self.name;
        self.lifetime
            .map_or(name.clone(), |_| format!("{name}<'_>"))
    }

    /// Returns the items that define it.
    pub fn items(&self) -> String {
        let (name, bounds) = (&self.name, &self.bounds);
        let (generic, first, outliving) = match self.lifetime {
            Some(lifetime) => (
                format!("<{lifetime}>"),
                format!("{lifetime}, "),
                format!("{lifetime}: 'threadbook, "),
            ),
            None => (String::new(), String::new(), String::new()),
        };
        if !self.is_cloned {
            return format!(
                "pub trait {name}{generic}: {bounds} {{}} \
                 impl<{first}T: ?::std::marker::Sized + {bounds}> {name}{generic} for T {{}}"
            );
        }
        let boxed = format!("::std::boxed::Box<dyn {name}{generic} + 'threadbook>");
        let method =
            format!("fn threadbook_cloned<'threadbook>(&self) -> {boxed} where Self: 'threadbook");
        format!(
            "pub trait {name}{generic}: {bounds} {{ {method}; }} \
             impl<{first}T: ::std::clone::Clone + {bounds}> {name}{generic} for T {{ \
             {method} {{ ::std::boxed::Box::new(::std::clone::Clone::clone(self)) }} }} \
             impl<{outliving}'threadbook> ::std::clone::Clone for {boxed} {{ \
             fn clone(&self) -> Self {{ (**self).threadbook_cloned() }} }}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_omitted_lifetime_becomes_a_parameter_of_the_trait() {
        let combined = CombinedTrait::of("Iterator<Item = &u8> + Debug", false);
        assert!(combined.written().ends_with("<'_>"));
        let bounds = "Iterator<Item = &'threadbook_item u8> + Debug";
        assert!(combined.items().contains(bounds));
        let call = CombinedTrait::of("Fn(&str) -> usize", true);
        assert_eq!(call.written(), call.name);
    }
}
