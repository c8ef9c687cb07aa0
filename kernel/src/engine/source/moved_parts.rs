//! Parts that cells move out of variables. Placeholders fill their places, so that the variables can be stored.

use super::map::{Source, Use};
use std::collections::{BTreeMap, BTreeSet};

/// The moved parts of variables, by the variable's name. A part is a path such as `p.name`.
#[derive(Debug, Clone, Default)]
pub struct MovedParts(BTreeMap<String, BTreeSet<String>>);

impl MovedParts {
    pub const fn none() -> MovedParts {
        MovedParts(BTreeMap::new())
    }

    pub fn new(parts: BTreeMap<String, BTreeSet<String>>) -> MovedParts {
        MovedParts(parts)
    }

    /// Whether parts of this variable are moved.
    pub fn is_of(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    pub fn variables(&self) -> impl Iterator<Item = &String> {
        self.0.keys()
    }

    /// Adds statements that make placeholders for the parts that will have been moved out of a variable at the end of the cell, and
    /// that tell rustc which parts earlier cells have moved.
    pub fn save(&self, source: &mut Source, name: &str, moved_before: &BTreeSet<String>) {
        for (placeholder, path) in self.placeholders(name) {
            let line = format!("let {placeholder} = ::threadbook_cell::Placeholder::of(&{path});");
            source.use_variable(&line, Use::Refill, name);
        }
        for path in moved_before {
            source.generate(&format!("::std::mem::forget({path});\n"));
        }
    }

    /// Adds statements that fill the places of the parts that were moved out of a variable.
    pub fn refill(&self, source: &mut Source, name: &str) {
        for (placeholder, path) in self.placeholders(name) {
            let line = format!("{path} = {placeholder}.value();");
            source.use_variable(&line, Use::Refill, name);
        }
    }

    /// Returns the moved parts of a variable, each with the name of its placeholder.
    fn placeholders(&self, name: &str) -> impl Iterator<Item = (String, &String)> {
        let parts = self.0.get(name).into_iter().flatten().enumerate();
        parts.map(move |(index, path)| (format!("threadbook_part_{index}_of_{name}"), path))
    }

    /// Returns the type under which a variable is stored and the expression to store, given those of its value.
    pub fn stored(&self, name: &str, ty: String, value: String) -> (String, String) {
        let Some(parts) = self.0.get(name) else {
            return (ty, value);
        };
        let forget = parts
            .iter()
            .map(|path| format!("::std::mem::forget({path}); "));
        let rest = format!("|{name}: {ty}| {{ {} }}", forget.collect::<String>());
        let value = format!("::threadbook_cell::Incomplete::new({value}, {rest})");
        (incomplete(&ty), value)
    }
}

/// Returns the type under which a variable with placeholders is stored, given that of its value.
pub fn incomplete(ty: &str) -> String {
    format!("::threadbook_cell::Incomplete<{ty}>")
}
