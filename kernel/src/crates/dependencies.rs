//! All crates that a notebook asks for.

use super::dependency::Dependency;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::UNIX_EPOCH;

/// The crates, by name.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Dependencies(BTreeMap<String, Dependency>);

impl Dependencies {
    /// Adds a crate. Replaces a crate of the same name, where `-` and `_` are the same, and returns it if it was a
    /// different one.
    pub fn add(&mut self, dependency: Dependency) -> Option<Dependency> {
        let key = key(&dependency.name);
        // Any version satisfies `:dep x`.
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

/// Returns the name of a crate in Rust.
fn key(name: &str) -> String {
    name.replace('-', "_")
}

impl Dependencies {
    /// Returns the current state of the local crates: their files, with lengths and times.
    ///
    /// # Errors
    /// When a directory is gone.
    pub fn state(&self) -> Result<String> {
        let mut state = String::new();
        for dependency in self.iter() {
            if let Some(path) = dependency.path() {
                add_state(path, &mut state).with_context(|| {
                    format!(
                        "the crate `{}` is no longer at {}",
                        dependency.name,
                        path.display()
                    )
                })?;
            }
        }
        Ok(state)
    }
}

fn add_state(folder: &Path, state: &mut String) -> Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<std::io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name();
        if name == "target" || name.as_encoded_bytes().starts_with(b".") {
            continue;
        }
        let about = entry.metadata()?;
        if about.is_dir() {
            add_state(&entry.path(), state)?;
        } else {
            let time = about
                .modified()?
                .duration_since(UNIX_EPOCH)
                .unwrap_or_default();
            state.push_str(&format!(
                "{} {} {}\n",
                entry.path().display(),
                about.len(),
                time.as_nanos()
            ));
        }
    }
    Ok(())
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
