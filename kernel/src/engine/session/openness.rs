//! Whether later cells may still determine the types of variables.

use std::collections::BTreeMap;

/// A type with open parts, all as rustc shows them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenType {
    pub shown: String,
    /// The notebook's structs in it: the fields by the struct's type, each with its own type.
    pub structs: BTreeMap<String, Vec<(String, String)>>,
}

impl OpenType {
    /// Returns a type that contains no structs of the notebook.
    pub fn plain(shown: &str) -> OpenType {
        OpenType {
            shown: shown.to_owned(),
            structs: BTreeMap::new(),
        }
    }
}

/// Whether a later cell may still determine a variable's type: rustc has only assumed that a number is an `i32` or `f64`, or that the
/// type of what never exists is `!`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Openness {
    #[default]
    Settled,
    /// The variable is a number.
    Number,
    /// The type, as rustc shows it here, has open parts that can be converted.
    Convertible(OpenType),
    /// The variable is an iterator, whose items can be converted.
    Items(OpenItems),
    /// The type contains numbers.
    Repeatable {
        /// The `let`, which can be repeated until the variable has changed.
        text: String,
        /// For a closure, the type of its call, as rustc shows it.
        call: Option<String>,
        /// The items, if the variable is an iterator: they can be converted even then.
        items: Option<OpenItems>,
    },
}

/// The items of an iterator over numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenItems {
    /// Their type, as rustc shows it.
    pub item: String,
    /// The type under which the iterator is stored once that is known, with this type in place of it.
    pub iterator: String,
}

impl Openness {
    /// Returns the openness of a variable that begins to borrow: its `let` cannot be repeated later.
    #[must_use]
    pub fn of_borrower(self) -> Openness {
        match self {
            Openness::Convertible(_) | Openness::Items(_) => self,
            _ => self.of_changed(),
        }
    }

    /// Returns the openness of a variable that may have changed: its `let`, repeated, could give another value.
    #[must_use]
    pub fn of_changed(self) -> Openness {
        match self {
            Openness::Repeatable { items, .. } => items.map_or(Openness::Settled, Openness::Items),
            other => other,
        }
    }
}
