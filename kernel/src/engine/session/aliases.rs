//! The notebook's `type` aliases.

use super::Session;
use std::collections::{BTreeSet, HashMap};

/// The aliases, each with the names in its definition.
pub struct Aliases<'a>(HashMap<&'a str, &'a BTreeSet<String>>);

impl<'a> Aliases<'a> {
    pub fn of(session: &'a Session) -> Aliases<'a> {
        let items = session.items.iter().filter(|item| item.kind == "type");
        let named = items.filter_map(|item| Some((item.names.first()?.1.as_str(), &item.mentions)));
        Aliases(named.collect())
    }

    /// Returns these names, with those that the aliases among them stand for in place of the aliases.
    pub fn resolved<'n>(&self, names: &'n BTreeSet<String>) -> BTreeSet<&'n str>
    where
        'a: 'n,
    {
        let mut resolved = BTreeSet::new();
        let mut seen = BTreeSet::new();
        let mut open: Vec<&'n str> = names.iter().map(String::as_str).collect();
        while let Some(name) = open.pop() {
            match self.0.get(name) {
                Some(definition) if seen.insert(name) => {
                    open.extend(definition.iter().map(String::as_str));
                }
                Some(_) => {}
                None => _ = resolved.insert(name),
            }
        }
        resolved
    }
}
