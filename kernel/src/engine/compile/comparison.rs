//! Comparison and hashing of values of a type `impl …` that are stored as trait objects.

use crate::engine::lifetimes::with_lifetime_of_references;
use std::collections::BTreeSet;

/// The module with traits that stand for those that no trait object can have.
const MODULE: &str = "::threadbook_cell::comparison";

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
}

/// The traits of a value for comparison and hashing, each with the type with which it compares the value, unless that is its own.
#[derive(Debug, Default)]
pub struct Comparison(BTreeSet<(Kind, Option<String>)>);

impl Comparison {
    /// Returns those of these traits that are for comparison and hashing, with the ones that they imply.
    pub fn of(traits: &[String]) -> Comparison {
        let all = traits.iter().flat_map(|of| {
            let (path, other) = match of.split_once('<') {
                Some((path, rest)) => (path, rest.strip_suffix('>')),
                None => (of.as_str(), None),
            };
            let kinds: &[Kind] = match path.rsplit("::").next().unwrap_or_default() {
                "PartialEq" => &[Kind::PartialEq],
                "Eq" => &[Kind::PartialEq, Kind::Eq],
                "PartialOrd" => &[Kind::PartialEq, Kind::PartialOrd],
                "Ord" => &[Kind::PartialEq, Kind::Eq, Kind::PartialOrd, Kind::Ord],
                "Hash" => &[Kind::Hash],
                _ => &[],
            };
            kinds
                .iter()
                .map(move |kind| (*kind, other.map(str::to_owned)))
        });
        Comparison(all.collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the traits of the trait object that do the work.
    pub fn bounds(&self) -> Vec<String> {
        let all = self
            .0
            .iter()
            .filter_map(|(kind, other)| match (kind, other) {
                (Kind::PartialEq, None) => Some(format!("{MODULE}::Equal")),
                (Kind::PartialOrd, None) => Some(format!("{MODULE}::Ordered")),
                (Kind::PartialEq, Some(other)) => Some(format!("::std::cmp::PartialEq<{other}>")),
                (Kind::PartialOrd, Some(other)) => Some(format!("::std::cmp::PartialOrd<{other}>")),
                (Kind::Hash, _) => Some(format!("{MODULE}::Hashed")),
                (Kind::Eq | Kind::Ord, _) => None,
            });
        all.collect()
    }

    /// Returns the blocks that implement the traits for `ty`, a box of or a reference to the trait object. `lifetime` stands for those
    /// that are omitted in the types with which it is compared.
    pub fn blocks(&self, generics: &str, ty: &str, lifetime: &str) -> String {
        let blocks = self.0.iter().map(|(kind, other)| {
            let other = other.as_ref();
            let other = other.map(|other| with_lifetime_of_references(other, lifetime));
            let block = |of: &str, methods: &str| format!("impl<{generics}> {of} for {ty} {{ {methods} }} ");
            match (kind, other) {
                (Kind::PartialEq, None) => {
                    block(
                        "::std::cmp::PartialEq",
                        "fn eq(&self, other: &Self) -> bool { (**self).threadbook_eq((**other).threadbook_erased()) }",
                    ) + &block(
                        &format!("::std::cmp::PartialEq<{MODULE}::Unlike>"),
                        &format!("fn eq(&self, other: &{MODULE}::Unlike) -> bool {{ match *other {{}} }}"),
                    )
                }
                (Kind::PartialOrd, None) => {
                    block(
                        "::std::cmp::PartialOrd",
                        &format!("fn partial_cmp(&self, other: &Self) -> {ORDERING} {{ (**self).threadbook_partial_cmp((**other).threadbook_erased()) }}"),
                    ) + &block(
                        &format!("::std::cmp::PartialOrd<{MODULE}::Unlike>"),
                        &format!("fn partial_cmp(&self, other: &{MODULE}::Unlike) -> {ORDERING} {{ match *other {{}} }}"),
                    )
                }
                (Kind::PartialEq, Some(other)) => block(
                    &format!("::std::cmp::PartialEq<{other}>"),
                    &format!("fn eq(&self, other: &{other}) -> bool {{ ::std::cmp::PartialEq::eq(&**self, other) }}"),
                ),
                (Kind::PartialOrd, Some(other)) => block(
                    &format!("::std::cmp::PartialOrd<{other}>"),
                    &format!("fn partial_cmp(&self, other: &{other}) -> {ORDERING} {{ ::std::cmp::PartialOrd::partial_cmp(&**self, other) }}"),
                ),
                (Kind::Eq, _) => block("::std::cmp::Eq", ""),
                (Kind::Ord, _) => block(
                    "::std::cmp::Ord",
                    "fn cmp(&self, other: &Self) -> ::std::cmp::Ordering { \
                     ::std::cmp::PartialOrd::partial_cmp(self, other).expect(\"values of one type\") }",
                ),
                (Kind::Hash, _) => block(
                    "::std::hash::Hash",
                    "fn hash<H: ::std::hash::Hasher>(&self, state: &mut H) { (**self).threadbook_hash(state) }",
                ),
            }
        });
        blocks.collect()
    }
}

const ORDERING: &str = "::std::option::Option<::std::cmp::Ordering>";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_imply_others() {
        let bounds = |traits: &[&str]| {
            let traits: Vec<String> = traits.iter().map(|of| of.to_string()).collect();
            Comparison::of(&traits).bounds()
        };
        assert_eq!(
            bounds(&["std::cmp::Ord", "Shape", "std::hash::Hash"]),
            ["Equal", "Ordered", "Hashed"].map(|of| format!("{MODULE}::{of}"))
        );
        assert_eq!(
            bounds(&["std::cmp::PartialOrd<i32>"]),
            ["::std::cmp::PartialEq<i32>", "::std::cmp::PartialOrd<i32>"]
        );
        assert!(bounds(&["Shape", "std::fmt::Debug"]).is_empty());
    }
}
