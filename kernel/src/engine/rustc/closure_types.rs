//! Closure types: with `-Zverbose-internals` rustc shows the signature of each closure in a type.

use super::types::{split, writable};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The signature of a closure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClosureType {
    /// `Fn`, `FnMut` or `FnOnce`, if that is known.
    pub kind: Option<&'static str>,
    pub arguments: Vec<String>,
    pub result: String,
}

impl ClosureType {
    /// Returns the signature to write after `fn` or the name of a trait.
    pub fn call(&self) -> String {
        let arguments = self.arguments.join(", ");
        match self.result.as_str() {
            "()" => format!("({arguments})"),
            result => format!("({arguments}) -> {result}"),
        }
    }
}

static PLACE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\{closure@src/lib\.rs:(\d+):(\d+): \d+:\d+\}"));

/// Returns the lines and columns of the source at which the closures in a type begin, counted from 1.
pub fn closure_places(shown: &str) -> Vec<(usize, usize)> {
    PLACE
        .captures_iter(shown)
        .map(|found| place(&found))
        .collect()
}

/// Returns a type with its closures replaced by the types that `ty` returns.
pub fn with_closures(shown: &str, ty: impl Fn((usize, usize)) -> Option<String>) -> String {
    let replaced = PLACE.replace_all(shown, |found: &Captures| {
        ty(place(found)).unwrap_or_else(|| found[0].to_owned())
    });
    replaced.into_owned()
}

fn place(found: &Captures) -> (usize, usize) {
    let number = |index: usize| found[index].parse().unwrap_or_default();
    (number(1), number(2))
}

/// Returns the closures of a type that is shown in detail, in the order of [`closure_places`]; `None` for a closure about which
/// rustc does not know enough.
pub fn closure_types(detailed: &str) -> Vec<Option<ClosureType>> {
    static CLOSURE: LazyLock<Regex> = LazyLock::new(|| {
        pattern(
            r#"^closure_kind_ty=(\S+) closure_sig_as_fn_ptr_ty=(?:for<.*?> )?extern "rust-call" fn\((.*?)\)(?: -> (.*?))? upvar_tys="#,
        )
    });
    let starts: Vec<_> = detailed
        .match_indices("closure_kind_ty=")
        .map(|(at, _)| at)
        .collect();
    let ends = starts.iter().skip(1).copied().chain([detailed.len()]);
    let parts = starts
        .iter()
        .zip(ends)
        .map(|(start, end)| &detailed[*start..end]);
    let types = parts.map(|part| {
        let found = CLOSURE.captures(part)?;
        let kind = match &found[1] {
            "i8" => Some("Fn"),
            "i16" => Some("FnMut"),
            "i32" => Some("FnOnce"),
            _ => None,
        };
        let arguments = plain(&found[2])?;
        let arguments = arguments.strip_prefix('(')?.strip_suffix(')')?;
        let result = found
            .get(3)
            .map_or(Some("()".to_owned()), |result| plain(result.as_str()))?;
        Some(ClosureType {
            kind,
            arguments: split(arguments, ','),
            result,
        })
    });
    types.collect()
}

/// Returns a type as a cell can write it; `None` if a part of it has no name or is unknown.
fn plain(detailed: &str) -> Option<String> {
    static REGION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"'(?:\^[\w.]+(?:\(DefId\([^()]*\)\))?|\?\w+|\{[\w ]+\}|re\w*) ?")
    });
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| pattern(r"\?\d+([if])\b"));
    let text = REGION.replace_all(detailed, "");
    let text = NUMBER.replace_all(&text, |found: &Captures| {
        if &found[1] == "i" {
            "{integer}"
        } else {
            "{float}"
        }
    });
    let text = text.replace(", std::alloc::Global", "");
    let text = writable(&text);
    (!text.contains(['?', '{', '^'])).then_some(text)
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closures_are_found_by_their_places() {
        let shown = "(Cacher<{closure@src/lib.rs:10:23: 10:26}>, {closure@src/lib.rs:2:1: 2:9})";
        assert_eq!(closure_places(shown), [(10, 23), (2, 1)]);
        assert_eq!(closure_places("Vec<i32>"), []);
        let named = with_closures(shown, |place| (place == (2, 1)).then(|| "fn()".to_owned()));
        assert_eq!(named, "(Cacher<{closure@src/lib.rs:10:23: 10:26}>, fn())");
    }

    #[test]
    fn a_verbose_type_shows_the_signatures_of_closures() {
        let counted = r#"Cacher<{f::{closure#0} closure_kind_ty=i8 closure_sig_as_fn_ptr_ty=extern "rust-call" fn((u32,)) -> u32 upvar_tys=?8t}>"#;
        let borrowing = r#"std::option::Option<{f::{closure#3} closure_kind_ty=?37t closure_sig_as_fn_ptr_ty=for<Region(BrNamed(DefId(0:17 ~ a[385e]::f::'_)))> extern "rust-call" fn((&'^0.Named(DefId(0:17 ~ a[385e]::f::'_)) str,)) -> usize upvar_tys=?36t}>"#;
        let [Some(counted)] = &closure_types(counted)[..] else {
            panic!("no closure")
        };
        assert_eq!(counted.kind, Some("Fn"));
        assert_eq!(counted.call(), "(u32) -> u32");
        let [Some(borrowing)] = &closure_types(borrowing)[..] else {
            panic!("no closure")
        };
        assert_eq!(borrowing.kind, None);
        assert_eq!(borrowing.call(), "(&str) -> usize");
    }
}
