//! Decides how a cell's variables are stored for the next cell.

use crate::engine::rustc::{
    ProbeResult, Type, as_shown, as_written, closure_places, has_open_parts, is_open, phantom,
    signature, with_other_numbers, with_static_lifetimes, writable,
};
use crate::engine::session::{Openness, Variable};
use crate::engine::source::{PersistedVariable, Trait};
use crate::prebuilt::Key;
use std::collections::BTreeSet;

/// What to do with a variable.
#[derive(Debug, PartialEq, Eq)]
pub enum Persistence {
    Kept(PersistedVariable),
    /// Probe its traits: its type has no name.
    AskTraits,
    /// Give the closures in its type nameable types.
    NameClosures,
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
    /// Whether the traits of its type have been probed.
    pub traits: bool,
    /// Whether the type first chosen for it was more general than the value is.
    pub is_special: bool,
}

/// A type as it is written, and the expression that turns the variable into a value of it.
type Written = (String, String);

impl ProbedVariable<'_> {
    /// Decides from the probe's result.
    pub fn keep(&self) -> Persistence {
        let Some(shown) = self.answer.types.get(self.name) else {
            return Persistence::Ends("its type is unknown".to_owned());
        };
        let written = match as_written(shown) {
            Type::Named(ty) if self.is_special => {
                Some((with_static_lifetimes(&ty), self.name.to_owned()))
            }
            Type::Named(ty) => Some((ty, self.name.to_owned())),
            Type::Unknown => None,
            Type::Nameless if self.can_name_closures && !closure_places(shown).is_empty() => {
                return Persistence::NameClosures;
            }
            _ if !self.traits => return Persistence::AskTraits,
            Type::Closure => self.closure(),
            Type::Opaque(traits) => self
                .iterator_or_future()
                .or_else(|| Some(self.opaque(&traits))),
            Type::Nameless => self.iterator_or_future(),
        };
        match written {
            Some((ty, value)) => Persistence::Kept(PersistedVariable {
                variable: Variable {
                    name: self.name.to_owned(),
                    is_mut: self.is_mut,
                    ty,
                    shown: as_shown(shown),
                    cell: self.cell,
                    is_anchored: false,
                    loans: Vec::new(),
                    moved_parts: BTreeSet::new(),
                    places_left: Vec::new(),
                    openness: if matches!(shown.as_str(), "{integer}" | "{float}") {
                        Openness::Number
                    } else if has_open_parts(shown)
                        && value == self.name
                        && with_other_numbers(shown, self.name).is_some()
                    {
                        Openness::Convertible(shown.clone())
                    } else {
                        Openness::Settled
                    },
                },
                value,
            }),
            None if shown.contains("{closure") => Persistence::Ends(
                "its type contains a closure, so it lasts only for its cell".to_owned(),
            ),
            None => {
                Persistence::Ends("its type has no name, so it lasts only for its cell".to_owned())
            }
        }
    }

    /// Stores a closure. A `Copy` one, such as one that captures nothing, becomes a leaked reference, which is `Copy` too: the
    /// closure owns nothing, so nothing is lost if it is never dropped. Others are boxed.
    fn closure(&self) -> Option<Written> {
        let name = self.name;
        let kind = if self.is(Trait::Fn) {
            "::std::ops::Fn"
        } else if self.is(Trait::FnMut) {
            "::std::ops::FnMut"
        } else {
            "::std::ops::FnOnce"
        };
        let (arguments, result) = signature(self.answer.calls.get(name)?)?;
        if result.contains("{closure") {
            return self.closure_of_closures(kind);
        }
        let traits = self.call(kind, &arguments, &result)? + &self.auto_traits();
        if kind.ends_with("::Fn") && self.is(Trait::Copy) {
            return Some((
                format!("&'static (dyn {traits})"),
                format!("::std::boxed::Box::leak(::std::boxed::Box::new({name}))"),
            ));
        }
        Some(boxed(name, &traits))
    }

    /// Stores a closure that returns closures.
    fn closure_of_closures(&self, kind: &str) -> Option<Written> {
        let (arguments, second) = signature(self.answer.second_calls.get(self.name)?)?;
        let (second_arguments, result) = signature(&format!("std::marker::PhantomData<{second}>"))?;
        let inner_kind = if self.is_special {
            "::std::ops::FnMut"
        } else {
            "::std::ops::Fn"
        };
        let inner = format!(
            "::std::boxed::Box<dyn {}>",
            self.call(inner_kind, &second_arguments, &result)?
        );
        let traits = self.call(kind, &arguments, &inner)?;
        let names: Vec<_> = (0..arguments.len())
            .map(|index| format!("threadbook_{index}"))
            .collect();
        let names = names.join(", ");
        let value = format!(
            "::std::boxed::Box::new(move |{names}| -> {inner} {{ ::std::boxed::Box::new({}({names})) }})",
            self.name
        );
        Some((format!("::std::boxed::Box<dyn {traits}>"), value))
    }

    /// Returns `Fn(A, B) -> R`.
    fn call(&self, kind: &str, arguments: &[String], result: &str) -> Option<String> {
        let is_known = |text: &str| {
            !text
                .replace("{integer}", "")
                .replace("{float}", "")
                .contains('{')
                && !is_open(text)
        };
        if !arguments.iter().all(|argument| is_known(argument)) || !is_known(result) {
            return None;
        }
        let borrows = arguments
            .iter()
            .any(|argument| argument.contains(['&', '\'']));
        let arguments: Vec<_> = arguments
            .iter()
            .map(|argument| self.part(argument, self.is_special))
            .collect();
        // The result of a closure without borrowed arguments borrows from nothing.
        let result = match result {
            "()" => String::new(),
            result => format!(" -> {}", self.part(result, self.is_special || !borrows)),
        };
        Some(format!("{kind}({}){result}", arguments.join(", ")))
    }

    fn part(&self, shown: &str, is_static: bool) -> String {
        let written = writable(shown);
        if is_static {
            with_static_lifetimes(&written)
        } else {
            written
        }
    }

    /// Stores an iterator or a future.
    fn iterator_or_future(&self) -> Option<Written> {
        let send = if self.is(Trait::Send) {
            " + ::std::marker::Send"
        } else {
            ""
        };
        if let Some(item) = self
            .answer
            .items
            .get(self.name)
            .and_then(|shown| phantom(shown))
        {
            let item = writable(item);
            let library = "::threadbook_cell::iterators";
            let traits = match (
                self.is(Trait::Clone),
                self.is(Trait::DoubleEnded),
                self.is(Trait::ExactSize),
            ) {
                (false, false, false) => format!("::std::iter::Iterator<Item = {item}>"),
                (false, true, false) => format!("::std::iter::DoubleEndedIterator<Item = {item}>"),
                (false, false, true) => format!("::std::iter::ExactSizeIterator<Item = {item}>"),
                (false, true, true) => format!("{library}::DoubleEndedExactSize<{item}>"),
                (true, false, false) => format!("{library}::Clonable<{item}>"),
                (true, true, false) => format!("{library}::ClonableDoubleEnded<{item}>"),
                (true, false, true) => format!("{library}::ClonableExactSize<{item}>"),
                (true, true, true) => format!("{library}::ClonableDoubleEndedExactSize<{item}>"),
            };
            return Some(boxed(self.name, &format!("{traits}{send}")));
        }
        let output = self
            .answer
            .outputs
            .get(self.name)
            .and_then(|shown| phantom(shown))?;
        let ty = format!(
            "::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = {}>{send}>>",
            writable(output)
        );
        Some((ty, format!("::std::boxed::Box::pin({})", self.name)))
    }

    /// Stores a value of a type `impl Trait`.
    fn opaque(&self, traits: &str) -> Written {
        let of_objects = traits_of_objects(traits);
        let traits = match together(traits) {
            Some((name, _)) => name,
            None => of_objects.join(" + "),
        };
        boxed(self.name, &format!("{traits}{}", self.auto_traits()))
    }

    fn is(&self, of: Trait) -> bool {
        !self.answer.lacks.contains(&(self.name.to_owned(), of))
    }

    fn auto_traits(&self) -> String {
        let mut traits = String::new();
        for (of, text) in [
            (Trait::Send, " + ::std::marker::Send"),
            (Trait::Sync, " + ::std::marker::Sync"),
            (
                Trait::UnwindSafe,
                " + ::std::panic::UnwindSafe + ::std::panic::RefUnwindSafe",
            ),
        ] {
            if self.is(of) {
                traits.push_str(text);
            }
        }
        traits
    }
}

fn boxed(name: &str, traits: &str) -> Written {
    (
        format!("::std::boxed::Box<dyn {traits}>"),
        format!("::std::boxed::Box::new({name})"),
    )
}

/// Returns the traits of `impl A + B` that a trait object can have.
fn traits_of_objects(traits: &str) -> Vec<&str> {
    let is_for_objects = |of: &&str| {
        !matches!(
            *of,
            "Clone" | "Copy" | "std::clone::Clone" | "std::marker::Copy"
        )
    };
    traits.split(" + ").filter(is_for_objects).collect()
}

/// Combines several traits: a trait object has only one besides auto traits. Returns the combined trait's name and definition.
pub fn together(traits: &str) -> Option<(String, String)> {
    let is_auto = |of: &&&str| {
        let name = of.rsplit("::").next().unwrap_or(of);
        matches!(
            name,
            "Send" | "Sync" | "Unpin" | "UnwindSafe" | "RefUnwindSafe"
        ) || of.starts_with('\'')
    };
    let all = traits_of_objects(traits);
    let bounds: Vec<&str> = all.iter().filter(|of| !is_auto(of)).copied().collect();
    if bounds.len() < 2 {
        return None;
    }
    let bounds = bounds.join(" + ");
    let name = format!("ThreadbookTraits{}", &Key::from_iter([&bounds]).end()[..8]);
    let item = format!(
        "pub trait {name}: {bounds} {{}} impl<T: {bounds} + ?::std::marker::Sized> {name} for T {{}}"
    );
    Some((name, item))
}
