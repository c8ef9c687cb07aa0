//! All crates that a notebook has asked for.

use super::dependency::Dependency;
use std::collections::BTreeMap;

/// The crates, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependencies(BTreeMap<String, Dependency>);

impl Dependencies {
    /// Adds a crate. One that is there already under this name, or under one that is the same but for `-` and `_`, is replaced; it is
    /// given back if it was another one.
    pub fn add(&mut self, dependency: Dependency) -> Option<Dependency> {
        let key = key(&dependency.name);
        // `:dep x` asks for nothing that is not there.
        let asks_for_any = dependency == Dependency::any(&dependency.name);
        if asks_for_any && self.0.contains_key(&key) {
            return None;
        }
        let old = self.0.insert(key.clone(), dependency);
        old.filter(|old| old.value != self.0[&key].value)
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(&key(name))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Dependency> {
        self.0.values()
    }
}

/// The name of a crate in Rust.
fn key(name: &str) -> String {
    name.replace('-', "_")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn a_crate_that_is_named_twice_is_one() {
        let read = |argument| Dependency::read(argument, Path::new("/")).unwrap();
        let mut all = Dependencies::default();
        assert_eq!(all.add(read("my-crate = \"1\"")), None);
        assert_eq!(all.add(read("my-crate = \"1\"")), None);
        assert_eq!(all.add(read("my_crate")), None);
        let old = all.add(read("my_crate = \"2\""));
        assert_eq!(old.as_ref().map(Dependency::shown), Some("1"));
        assert_eq!(all.iter().map(Dependency::shown).collect::<Vec<_>>(), ["2"]);
        assert!(all.has("my-crate"));
    }
}
