//! Generated traits that combine others: a trait object has only one trait besides auto traits.

use super::comparison::Comparison;
use crate::engine::lifetimes::with_lifetime_of_references;
use crate::prebuilt::Key;

/// A trait that combines others.
pub struct CombinedTrait {
    name: String,
    bounds: String,
    /// The lifetime that stands in the bounds for omitted ones.
    lifetime: Option<&'static str>,
    is_cloned: bool,
    comparison: Comparison,
}

impl CombinedTrait {
    const LIFETIME: &'static str = "'threadbook_item";

    /// Combines `bounds`, those for comparison, and `Clone` if `is_cloned`.
    pub fn of(bounds: &str, comparison: Comparison, is_cloned: bool) -> CombinedTrait {
        let bounds = with_lifetime_of_references(bounds, Self::LIFETIME);
        let cloned = if is_cloned { "Clone" } else { "" };
        let key = Key::from_iter([&bounds, cloned, &format!("{comparison:?}")]).end();
        CombinedTrait {
            name: format!("ThreadbookTraits{}", &key[..8]),
            lifetime: Some(Self::LIFETIME).filter(|lifetime| bounds.contains(lifetime)),
            bounds,
            is_cloned,
            comparison,
        }
    }

    /// Returns the trait as it is written in a type.
    pub fn written(&self) -> String {
        let name = &self.name;
        self.lifetime
            .map_or(name.clone(), |_| format!("{name}<'_>"))
    }

    /// Returns the items that define it. Objects of it are in boxes, or leaked if `is_leaked`.
    pub fn items(&self, is_leaked: bool) -> String {
        let (name, bounds) = (&self.name, &self.bounds);
        let (generic, first, outliving) = match self.lifetime {
            Some(lifetime) => (
                format!("<{lifetime}>"),
                format!("{lifetime}, "),
                format!("{lifetime}: 'threadbook, "),
            ),
            None => (String::new(), String::new(), String::new()),
        };
        let object = format!("dyn {name}{generic} + 'threadbook");
        let boxed = format!("::std::boxed::Box<{object}>");
        let stored = match is_leaked {
            true => format!("&'threadbook ({object})"),
            false => boxed.clone(),
        };
        let generics = format!("{outliving}'threadbook");
        let lifetime = self.lifetime.unwrap_or("'_");
        let compared = self.comparison.blocks(&generics, &stored, lifetime);
        if !self.is_cloned {
            return format!(
                "pub trait {name}{generic}: {bounds} {{}} \
                 impl<{first}T: {bounds}> {name}{generic} for T {{}} {compared}"
            );
        }
        let method =
            format!("fn threadbook_cloned<'threadbook>(&self) -> {boxed} where Self: 'threadbook");
        format!(
            "pub trait {name}{generic}: {bounds} {{ {method}; }} \
             impl<{first}T: ::std::clone::Clone + {bounds}> {name}{generic} for T {{ \
             {method} {{ ::std::boxed::Box::new(::std::clone::Clone::clone(self)) }} }} \
             impl<{generics}> ::std::clone::Clone for {boxed} {{ \
             fn clone(&self) -> Self {{ (**self).threadbook_cloned() }} }} {compared}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_omitted_lifetime_becomes_a_parameter_of_the_trait() {
        let combined =
            CombinedTrait::of("Iterator<Item = &u8> + Debug", Comparison::default(), false);
        assert!(combined.written().ends_with("<'_>"));
        let bounds = "Iterator<Item = &'threadbook_item u8> + Debug";
        assert!(combined.items(false).contains(bounds));
        let call = CombinedTrait::of("Fn(&str) -> usize", Comparison::default(), true);
        assert_eq!(call.written(), call.name);
    }
}
