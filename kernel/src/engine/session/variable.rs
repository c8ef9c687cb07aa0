//! The variables that cells leave to later ones.

use crate::engine::cell::names;
use ra_ap_parser::Edition;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub is_mut: bool,
    /// The type under which it is kept, as it can be written.
    pub ty: String,
    /// The type as rustc shows it.
    pub shown: String,
    /// The cell that defined it.
    pub cell: u32,
    pub openness: Openness,
    /// The variable that borrows from it for good. Then it stays where it is: it is kept as a reference, and can be read, but not
    /// changed or moved.
    pub lent_to: Option<String>,
    /// Paths, such as `p.name`, of parts that cells have moved out of it. Values that nobody sees stand in for them.
    pub moved_parts: BTreeSet<String>,
}

/// Whether a later cell may say more of a variable's type, since rustc has only assumed that a number is an `i32` or `f64`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Openness {
    #[default]
    Settled,
    /// It is a number.
    Number,
    /// Numbers are a part of it, in the type as rustc shows it. They can be converted.
    Inside(String),
    /// Numbers are a part of it. Its `let` can be done again.
    Again(String),
}

impl Variable {
    /// The names in its type.
    pub fn mentions(&self) -> BTreeSet<String> {
        names(&self.ty, Edition::CURRENT)
    }

    /// The type of what is kept.
    pub fn kept_type(&self) -> String {
        if self.lent_to.is_some() {
            format!("&'static {}", self.ty)
        } else {
            self.ty.clone()
        }
    }

    /// Moves the same parts out of it in a later cell, so that rustc knows that they are gone.
    pub fn moves(&self) -> String {
        let parts = self.moved_parts.iter();
        parts
            .map(|path| format!("::std::mem::drop({path});\n"))
            .collect()
    }

    /// Whether its type is known to be `Copy`, so that it cannot be moved.
    pub fn is_copy(&self) -> bool {
        self.lent_to.is_some() || is_copy(&self.ty)
    }
}

/// Whether a type is `Copy` as far as its name tells.
pub fn is_copy(ty: &str) -> bool {
    const SCALARS: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "()",
    ];
    let is_shared = ty.starts_with('&') && !ty.contains("mut ");
    SCALARS.contains(&ty) || is_shared
}

/// A `let` of an earlier cell that later cells have in front of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    pub text: String,
    pub variables: Vec<(String, bool)>,
    pub reason: Reason,
    /// All names in it.
    pub mentions: BTreeSet<String>,
    pub cell: u32,
}

/// Why a `let` waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It gives no value, or its type is said by a later cell.
    Unfinished,
    /// What it gives borrows from other variables. It is done again in each cell that names it, which gives the same.
    Borrows,
}

impl Deferred {
    /// Whether it can leave the cell with an error.
    pub fn can_fail(&self) -> bool {
        self.text.contains('?')
    }

    /// Whether it awaits something.
    pub fn awaits(&self) -> bool {
        self.text.contains(".await")
    }

    /// Whether it can end in another way than by giving a value, so that it must stand where that is seen to.
    pub fn can_leave(&self) -> bool {
        let panics = self
            .mentions
            .iter()
            .any(|name| matches!(name.as_str(), "unwrap" | "expect"));
        let calls_macros = self.text.replace("vec!", "").contains('!');
        panics || calls_macros || self.can_fail() || self.awaits()
    }
    /// Whether it is done again, and borrows from a variable.
    pub fn borrows_from(&self, name: &str) -> bool {
        self.reason == Reason::Borrows && self.mentions.contains(name) && !self.defines(name)
    }

    pub fn defines(&self, name: &str) -> bool {
        self.variables.iter().any(|(other, _)| other == name)
    }
}
