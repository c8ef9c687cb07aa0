//! Trait objects, which hold the values whose types have no names.

use super::combined_trait::CombinedTrait;
use super::comparison::Comparison;
use crate::engine::rustc::{
    ProbeResult, is_open, phantom, signature, split, with_static_references, writable,
};
use crate::engine::source::Trait;
use std::collections::BTreeMap;

/// A variable whose type has no name, with what rustc knows about it.
pub struct NamelessValue<'a> {
    pub name: &'a str,
    pub is_mut: bool,
    pub answer: &'a ProbeResult,
    /// Whether the type first chosen for it was more general than the value is.
    pub is_special: bool,
    /// Whether it captures nothing if it is a closure.
    pub captures_nothing: bool,
}

/// How a value is stored.
#[derive(Debug, PartialEq, Eq)]
pub struct StoredForm {
    /// The type, as it is written.
    pub ty: String,
    /// The expression that turns the variable into a value of it.
    pub value: String,
    /// The items that define the trait in the type, if it is not one of the notebook or of a library.
    pub items: Option<String>,
}

impl NamelessValue<'_> {
    /// Returns the form of a closure.
    pub fn closure(&self) -> Option<StoredForm> {
        let kind = if self.is(Trait::Fn) {
            "::std::ops::Fn"
        } else if self.is(Trait::FnMut) {
            "::std::ops::FnMut"
        } else {
            "::std::ops::FnOnce"
        };
        let (arguments, result) = signature(self.answer.calls.get(self.name)?)?;
        if result.contains("{closure") {
            return self.closure_of_closures(kind);
        }
        if self.captures_nothing && !self.is_special {
            // As the closure itself, the pointer is `Copy` and can be passed on as a pointer.
            let ty = self.call("fn", &arguments, &result)?;
            return Some(StoredForm {
                value: format!("{} as {ty}", self.name),
                ty,
                items: None,
            });
        }
        let call = self.call(kind, &arguments, &result)?;
        Some(self.object(vec![call], Comparison::default(), kind.ends_with("::Fn")))
    }

    /// Returns the form of a closure that returns closures.
    fn closure_of_closures(&self, kind: &str) -> Option<StoredForm> {
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
        let traits = format!("{kind}({}) -> {inner}", self.arguments(&arguments)?);
        let names: Vec<_> = (0..arguments.len())
            .map(|index| format!("threadbook_{index}"))
            .collect();
        let names = names.join(", ");
        Some(StoredForm {
            ty: format!("::std::boxed::Box<dyn {traits}>"),
            value: format!(
                "::std::boxed::Box::new(move |{names}| -> {inner} {{ ::std::boxed::Box::new({}({names})) }})",
                self.name
            ),
            items: None,
        })
    }

    /// Returns `Fn(A, B) -> R`.
    fn call(&self, kind: &str, arguments: &[String], result: &str) -> Option<String> {
        if !is_known(result) {
            return None;
        }
        let mut borrowed = arguments.iter();
        let borrows = borrowed.any(|argument| argument.contains(['&', '\'']));
        // The result of a closure without borrowed arguments borrows from nothing.
        let result = match result {
            "()" => String::new(),
            result => format!(" -> {}", self.part(result, self.is_special || !borrows)),
        };
        Some(format!("{kind}({}){result}", self.arguments(arguments)?))
    }

    /// Returns `A, B`.
    fn arguments(&self, shown: &[String]) -> Option<String> {
        let arguments = shown.iter().map(|argument| {
            let part = self.part(argument, self.is_special);
            is_known(argument).then_some(part)
        });
        let arguments: Option<Vec<_>> = arguments.collect();
        Some(arguments?.join(", "))
    }

    fn part(&self, shown: &str, is_static: bool) -> String {
        let written = writable(shown);
        if is_static {
            with_static_references(&written)
        } else {
            written
        }
    }

    /// Returns the form of an iterator or a future.
    pub fn iterator_or_future(&self) -> Option<StoredForm> {
        let part = |of: &BTreeMap<String, String>| Some(writable(phantom(of.get(self.name)?)?));
        if let Some(item) = part(&self.answer.items) {
            let ends = match self.is(Trait::DoubleEnded) {
                true => format!("::std::iter::DoubleEndedIterator<Item = {item}>"),
                false => format!("::std::iter::Iterator<Item = {item}>"),
            };
            let length = "::std::iter::ExactSizeIterator".to_owned();
            let length = Some(length).filter(|_| self.is(Trait::ExactSize));
            let traits = [ends].into_iter().chain(length).collect();
            return Some(self.object(traits, Comparison::default(), false));
        }
        let output = part(&self.answer.outputs)?;
        let send = match self.is(Trait::Send) {
            true => " + ::std::marker::Send",
            false => "",
        };
        Some(StoredForm {
            ty: format!(
                "::std::pin::Pin<::std::boxed::Box<dyn ::std::future::Future<Output = {output}>{send}>>"
            ),
            value: format!("::std::boxed::Box::pin({})", self.name),
            items: None,
        })
    }

    /// Returns the form of a value of a type `impl Trait`.
    pub fn opaque(&self, traits: &str) -> StoredForm {
        let mut traits = split(traits, '+');
        let comparison = Comparison::of(&traits);
        traits.retain(|of| is_for_objects(of));
        let traits = traits
            .into_iter()
            .map(|of| match self.is_special && of.contains("Fn") {
                // Its arguments have one lifetime, which the call that made it has chosen.
                true => with_static_references(&of),
                false => of,
            });
        self.object(traits.collect(), comparison, !self.is_mut)
    }

    /// Returns the form of a value with these traits. A `Copy` one becomes a leaked reference if one `does` for its traits: it owns
    /// nothing, so nothing is lost if it is never dropped, and the reference is `Copy` too. Others are boxed.
    fn object(
        &self,
        mut traits: Vec<String>,
        comparison: Comparison,
        reference_does: bool,
    ) -> StoredForm {
        let name = self.name;
        let is_leaked = reference_does && self.is(Trait::Copy);
        let is_cloned = !is_leaked && self.is(Trait::Clone);
        let autos = self.auto_traits();
        traits.extend(autos.iter().map(|of| (*of).to_owned()));
        let is_one = traits.len() == autos.len() + 1 && comparison.is_empty();
        traits.extend(comparison.bounds());
        let combined = (is_cloned || !is_one)
            .then(|| CombinedTrait::of(&traits.join(" + "), comparison, is_cloned));
        let object = match &combined {
            Some(combined) => combined.written(),
            None => traits.join(" + "),
        };
        let (ty, value) = match is_leaked {
            true => (
                format!("&(dyn {object})"),
                format!("::threadbook_cell::leaked({name})"),
            ),
            false => (
                format!("::std::boxed::Box<dyn {object}>"),
                format!("::std::boxed::Box::new({name})"),
            ),
        };
        StoredForm {
            ty,
            value,
            items: combined.map(|combined| combined.items(is_leaked)),
        }
    }

    fn is(&self, of: Trait) -> bool {
        has_trait(self.name, of, self.answer)
    }

    fn auto_traits(&self) -> Vec<&'static str> {
        auto_traits(self.name, self.answer)
    }
}

/// Returns the type of a box with an iterator over items of the type `item` that has the traits of the variable `name`, which is
/// stored under the type `stored`.
pub fn boxed_iterator(name: &str, stored: &str, item: &str, answer: &ProbeResult) -> String {
    let has = |of| has_trait(name, of, answer);
    let iterator = match (has(Trait::DoubleEnded), has(Trait::ExactSize)) {
        (true, true) => format!("::threadbook_cell::conversions::ConvertedItems<{item}>"),
        (true, false) => format!("::std::iter::DoubleEndedIterator<Item = {item}>"),
        (false, _) => format!("::std::iter::Iterator<Item = {item}>"),
    };
    // A trait object in it may lack auto traits that the value itself has.
    let is_kept = |of: &&str| !stored.contains("dyn ") || stored.contains(*of);
    let autos = auto_traits(name, answer).into_iter().filter(is_kept);
    let autos: String = autos.map(|of| format!(" + {of}")).collect();
    format!("::std::boxed::Box<dyn {iterator}{autos}>")
}

fn has_trait(name: &str, of: Trait, answer: &ProbeResult) -> bool {
    !answer.lacks.contains(&(name.to_owned(), of))
}

fn auto_traits(name: &str, answer: &ProbeResult) -> Vec<&'static str> {
    let all = [
        (Trait::Send, "::std::marker::Send"),
        (Trait::Sync, "::std::marker::Sync"),
        (
            Trait::UnwindSafe,
            "::std::panic::UnwindSafe + ::std::panic::RefUnwindSafe",
        ),
    ];
    let here = all
        .into_iter()
        .filter(|(of, _)| has_trait(name, *of, answer));
    here.map(|(_, text)| text).collect()
}

/// Whether a trait object can have this trait of `impl A + B`. What is probed separately is added again.
pub fn is_for_objects(of: &str) -> bool {
    const OTHERS: [&str; 14] = [
        "Clone",
        "Copy",
        "Default",
        "Eq",
        "Hash",
        "Ord",
        "PartialEq",
        "PartialOrd",
        "RefUnwindSafe",
        "Send",
        "Sized",
        "Sync",
        "Unpin",
        "UnwindSafe",
    ];
    let path = of.split('<').next().unwrap_or_default();
    let name = path.rsplit("::").next().unwrap_or_default();
    !OTHERS.contains(&name) && !of.starts_with(['\'', '?'])
}

/// Whether a type can be written, once its numbers have types.
fn is_known(shown: &str) -> bool {
    let settled = shown.replace("{integer}", "").replace("{float}", "");
    !settled.contains('{') && !is_open(shown)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn traits_that_are_not_for_objects_are_left_out() {
        let traits = "Shape + std::clone::Clone + PartialEq<u8> + 'static + m::Draw<u8>";
        let mut kept = split(traits, '+');
        kept.retain(|of| is_for_objects(of));
        assert_eq!(kept, ["Shape", "m::Draw<u8>"]);
        let call = "Fn(i32) -> std::boxed::Box<(dyn std::ops::Fn(i32) -> i32 + 'static)>";
        assert_eq!(split(&format!("{call} + Send"), '+'), [call, "Send"]);
    }
}
