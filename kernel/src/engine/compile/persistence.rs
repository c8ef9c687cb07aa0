//! Decides how a cell's variables are stored for the next cell.

use super::trait_objects::{NamelessValue, StoredForm};
use crate::engine::rustc::{
    ProbeResult, Structs, Type, as_shown, as_written, closure_places, function_items,
    has_open_parts, is_convertible, with_static_references,
};
use crate::engine::session::{OpenType, Openness, Variable};
use crate::engine::source::PersistedVariable;

/// What to do with a variable.
#[derive(Debug, PartialEq, Eq)]
pub enum Persistence {
    /// Store it, with the items that its type needs.
    Kept(Box<PersistedVariable>, Option<String>),
    /// Probe its traits: its type has no name.
    AskTraits,
    /// Give the closures in its type nameable types.
    NameClosures,
    /// The results of calls in its type must get nameable types first.
    NameCalls,
    /// The variable ends with the cell, for this reason.
    Ends(String),
}

/// A variable that rustc was asked about.
pub struct ProbedVariable<'a> {
    pub name: &'a str,
    pub is_mut: bool,
    pub cell: u32,
    pub answer: &'a ProbeResult,
    /// Whether the closures in its type can still get nameable types.
    pub can_name_closures: bool,
    /// Whether the results of calls in its type can still get nameable types.
    pub can_name_calls: bool,
    /// Whether the traits of its type have been probed.
    pub traits: bool,
    /// Whether the type first chosen for it was more general than the value is.
    pub is_special: bool,
    /// Whether its value, if that is a closure, captures nothing.
    pub captures_nothing: bool,
}

impl ProbedVariable<'_> {
    /// Decides from the probe's result.
    pub fn keep(&self) -> Persistence {
        let Some(shown) = self.answer.types.get(self.name) else {
            return Persistence::Ends("its type is unknown".to_owned());
        };
        let value = NamelessValue {
            name: self.name,
            is_mut: self.is_mut,
            answer: self.answer,
            is_special: self.is_special,
            captures_nothing: self.captures_nothing,
        };
        let form = match as_written(shown) {
            Type::Named(ty) => Some(self.as_it_is(ty)),
            Type::Unknown => None,
            Type::Nameless
                if self.can_name_closures
                    && !(closure_places(shown).is_empty() && function_items(shown).is_empty()) =>
            {
                return Persistence::NameClosures;
            }
            // As a mere iterator it would lose `peek`.
            Type::Nameless if self.can_name_calls && shown.contains("::Peekable<") => {
                return Persistence::NameCalls;
            }
            _ if !self.traits => return Persistence::AskTraits,
            Type::Closure => value.closure(),
            Type::Opaque(traits) => value
                .iterator_or_future()
                .or_else(|| Some(value.opaque(&traits))),
            Type::Nameless => value.iterator_or_future(),
        };
        match form {
            Some(form) => Persistence::Kept(Box::new(self.stored(shown, &form)), form.items),
            None if shown.contains("{closure") => Persistence::Ends(
                "its type contains a closure, so it lasts only for its cell".to_owned(),
            ),
            None => {
                Persistence::Ends("its type has no name, so it lasts only for its cell".to_owned())
            }
        }
    }
    fn as_it_is(&self, ty: String) -> StoredForm {
        StoredForm {
            ty: match self.is_special {
                true => with_static_references(&ty),
                false => ty,
            },
            value: self.name.to_owned(),
            items: None,
        }
    }

    fn stored(&self, shown: &str, form: &StoredForm) -> PersistedVariable {
        let openness = if matches!(shown, "{integer}" | "{float}") {
            Openness::Number
        } else if has_open_parts(shown)
            && form.value == self.name
            && is_convertible(shown, &Structs::new())
        {
            Openness::Convertible(OpenType::plain(shown))
        } else {
            Openness::Settled
        };
        PersistedVariable {
            variable: Variable {
                shown: as_shown(shown),
                openness,
                ..Variable::new(self.name, self.is_mut, form.ty.clone(), self.cell)
            },
            value: form.value.clone(),
        }
    }
}
