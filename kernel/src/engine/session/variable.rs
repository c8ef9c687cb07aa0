//! Variables that persist from one cell to the next.

use super::{Loan, Openness};
use crate::engine::cell::{names, references, renamed, with_renamed_binding};
use crate::engine::lifetimes::{
    count_lifetimes, leading_traits, with_each_lifetime, with_lifetime,
};
use ra_ap_parser::Edition;
use std::collections::BTreeSet;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    pub name: String,
    pub is_mut: bool,
    /// The type under which it is stored, as it can be written.
    pub ty: String,
    /// The type as rustc shows it.
    pub shown: String,
    /// The cell that defined it.
    pub cell: u32,
    pub openness: Openness,
    /// Whether it stays in one place, since others borrow from it or point to it. Then it is stored in a box, and each mention of
    /// it is dereferenced.
    pub is_anchored: bool,
    /// Whether it is leaked, not boxed, since it is borrowed for as long as its type allows: then nothing can move it any more. An
    /// example is a node with references to nodes of its own type.
    pub is_leaked: bool,
    /// What it borrows from. All lenders are anchored.
    pub loans: Vec<Loan>,
    /// Paths, such as `p.name`, of parts that cells have moved out of it. Placeholder values fill them.
    pub moved_parts: BTreeSet<String>,
    /// Without these, its largest places, such as `p.age`. None if nothing is moved, or the fields are not known.
    pub places_left: Vec<String>,
}

impl Variable {
    /// Returns a variable of cell `cell` that borrows nothing, and from which nothing has been moved, under the type that it is shown
    /// with.
    pub fn new(name: &str, is_mut: bool, ty: String, cell: u32) -> Variable {
        Variable {
            name: name.to_owned(),
            is_mut,
            shown: ty.clone(),
            ty,
            cell,
            openness: Openness::Settled,
            is_anchored: false,
            is_leaked: false,
            loans: Vec::new(),
            moved_parts: BTreeSet::new(),
            places_left: Vec::new(),
        }
    }

    /// Returns the names in its type.
    pub fn mentions(&self) -> BTreeSet<String> {
        names(&self.ty, Edition::CURRENT)
    }

    /// Returns the variable with another type, if there is one.
    pub fn with_type(&self, ty: Option<&String>) -> Variable {
        Variable {
            ty: ty.unwrap_or(&self.ty).clone(),
            ..self.clone()
        }
    }

    /// Returns the type of the stored value.
    pub fn stored_type(&self) -> String {
        self.type_for("'static")
    }

    /// Returns the type of the stored value if what it borrows from lives for `lifetime`.
    pub fn type_for(&self, lifetime: &str) -> String {
        match self.loans.is_empty() {
            true => self.in_place(self.ty.clone(), "'static"),
            false => self.type_of_borrower(lifetime),
        }
    }

    /// Returns the type of the stored value if all its references live for `lifetime`.
    pub fn type_of_borrower(&self, lifetime: &str) -> String {
        self.in_place(with_lifetime(&self.ty, lifetime), lifetime)
    }

    /// Returns the type of the stored value with the lifetime that `lifetime` returns for each place of one.
    pub fn type_with(&self, lifetime: impl Fn(usize) -> String) -> String {
        let of_leaked = match self.lifetimes() {
            0 => "'static".to_owned(),
            _ => lifetime(0),
        };
        self.in_place(with_each_lifetime(&self.ty, lifetime), &of_leaked)
    }

    /// Returns how many lifetimes are in its type.
    pub fn lifetimes(&self) -> usize {
        count_lifetimes(&self.ty)
    }

    fn in_place(&self, ty: String, lifetime: &str) -> String {
        match (self.is_anchored, self.is_leaked) {
            (true, true) => format!("&{lifetime} {ty}"),
            (true, false) => format!("::std::boxed::Box<{ty}>"),
            (false, _) => ty,
        }
    }

    /// Whether it can be leaked from now on: nothing can change it or move it any more.
    pub fn can_be_leaked(&self) -> bool {
        !self.is_mut && !self.is_leaked && self.moved_parts.is_empty()
    }

    /// Whether it may be given another value that borrows, once it has lost its own.
    pub fn can_borrow_again(&self) -> bool {
        // A written lifetime could be `'static`.
        self.is_mut && !self.loans.is_empty() && !self.ty.replace("'_", "").contains('\'')
    }

    /// Whether it borrows from this variable.
    pub fn borrows_from(&self, name: &str) -> bool {
        self.loans.iter().any(|loan| loan.lender == name)
    }

    /// Whether it may point to the same value as another variable, by an `Rc` or an `Arc`.
    pub fn may_share_with(&self, other: &Variable) -> bool {
        let (own, others) = (without_modules(&self.ty), without_modules(&other.ty));
        let contents: BTreeSet<&str> = shared_contents(&own).collect();
        shared_contents(&others).any(|content| contents.contains(content))
    }

    /// Whether its type is known to be `Copy`, so that no use moves it.
    pub fn is_copy(&self) -> bool {
        is_copy(&self.ty)
    }
}

/// Returns a type with the last segment of each path.
fn without_modules(ty: &str) -> String {
    let is_in_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut parts: Vec<&str> = ty.split("::").collect();
    let last = parts.pop().unwrap_or_default();
    let before = parts.iter().map(|part| part.trim_end_matches(is_in_name));
    before.chain([last]).collect()
}

/// Returns each `T` of an `Rc<T>` or `Arc<T>` in a type, or of their `Weak<T>`, that may borrow.
fn shared_contents(ty: &str) -> impl Iterator<Item = &str> {
    let pointers = ["Rc<", "Arc<", "Weak<"].into_iter();
    let contents = pointers.flat_map(|pointer| {
        ty.match_indices(pointer)
            .map(move |(at, _)| at + pointer.len())
    });
    let contents = contents.map(|start| leading_traits(&ty[start..]));
    contents.filter(|content| content.contains(['&', '\'']) || content.contains("dyn "))
}

/// Returns the name under which a variable lives on after another one has taken its name.
pub fn hidden_name(name: &str, cell: u32) -> String {
    format!("threadbook_{name}_{cell}")
}

/// Whether a type is `Copy`, judging by its name.
pub fn is_copy(ty: &str) -> bool {
    const SCALARS: [&str; 17] = [
        "bool", "char", "f32", "f64", "i8", "i16", "i32", "i64", "i128", "isize", "u8", "u16",
        "u32", "u64", "u128", "usize", "()",
    ];
    let is_shared = ty.starts_with('&') && !ty.contains("mut ");
    SCALARS.contains(&ty) || is_shared || ty.starts_with("fn(")
}

/// A deferred `let`: a statement of an earlier cell that is repeated in front of later cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deferred {
    pub text: String,
    pub variables: Vec<(String, bool)>,
    pub reason: Reason,
    /// All names in its text.
    pub mentions: BTreeSet<String>,
    pub cell: u32,
}

/// Why a `let` is deferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It has no value, or a later cell determines its type.
    Unfinished,
    /// Its value borrows from other variables. Each cell that names it repeats it, with the same result.
    Borrows,
}

impl Deferred {
    /// Returns the declaration of a `mut` variable of a cell that has lost its value, and may get another one.
    pub fn declared(name: &str, ty: &str, cell: u32) -> Deferred {
        Deferred {
            text: format!("let mut {name}: {ty};"),
            variables: vec![(name.to_owned(), true)],
            reason: Reason::Unfinished,
            mentions: names(ty, Edition::CURRENT),
            cell,
        }
    }

    /// Whether it declares variables without values.
    pub fn has_no_value(&self) -> bool {
        self.reason == Reason::Unfinished && !self.text.contains('=')
    }

    /// Whether it can leave the cell with an error.
    pub fn can_fail(&self) -> bool {
        self.text.contains('?')
    }

    /// Whether it awaits something.
    pub fn awaits(&self) -> bool {
        self.text.contains(".await")
    }

    /// Whether it can end without a value, so that it must stand inside the function that handles this.
    pub fn can_leave(&self) -> bool {
        let panics = self
            .mentions
            .iter()
            .any(|name| matches!(name.as_str(), "unwrap" | "expect"));
        let calls_macros = self.text.replace("vec!", "").contains('!');
        panics || calls_macros || self.can_fail() || self.awaits()
    }

    /// Whether it is repeated and borrows from this variable.
    pub fn borrows_from(&self, name: &str) -> bool {
        self.reason == Reason::Borrows && self.needs(name)
    }

    /// Whether it reads this variable, which something else defines.
    pub fn needs(&self, name: &str) -> bool {
        self.reads(name) && !self.defines(name)
    }

    /// Whether it reads this variable.
    pub fn reads(&self, name: &str) -> bool {
        let mut found = references(&self.text, Edition::CURRENT).into_iter();
        self.mentions.contains(name) && found.any(|reference| reference.name == name)
    }

    pub fn defines(&self, name: &str) -> bool {
        self.variables.iter().any(|(other, _)| other == name)
    }

    /// Gives the variable that it borrows from another name.
    pub fn rename_lender(&mut self, name: &str, other: &str, edition: Edition) {
        self.text = renamed(&self.text, name, other, edition);
        self.mentions.remove(name);
        self.mentions.insert(other.to_owned());
    }

    /// Gives one of the variables that it defines another name; returns whether it could.
    pub fn rename(&mut self, name: &str, other: &str) -> bool {
        let Some(text) = with_renamed_binding(&self.text, name, other) else {
            return false;
        };
        self.text = text;
        self.mentions.insert(other.to_owned());
        for (defined, _) in &mut self.variables {
            if defined == name {
                *defined = other.to_owned();
            }
        }
        true
    }
}
