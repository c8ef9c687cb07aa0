//! Converts types as rustc shows them to types as they can be written.

use crate::engine::lifetimes::leading_traits;
use crate::engine::source::TYPES_FUNCTION;
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The library that cells link with.
pub const CELL_LIBRARY: &str = "::threadbook_cell";

/// What is known about a variable's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// As it can be written in a `let`.
    Named(String),
    /// A closure.
    Closure,
    /// `impl …`, with its traits.
    Opaque(String),
    /// An `async` block, a type that contains closures or function items, or a type that the cell defines in a block.
    Nameless,
    /// Unknown to rustc.
    Unknown,
}

/// Converts a type as rustc shows it into one that can be written.
pub fn as_written(shown: &str) -> Type {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r"^((?:for<[^>]*> )?(?:unsafe )?(?:extern [^ ]+ )?fn\(.*) \{[^{}]*\}$")
    });
    let text = FUNCTION.replace(shown, "$1").into_owned();
    if text.starts_with("{closure") {
        return Type::Closure;
    }
    if let Some(traits) = text.strip_prefix("impl ") {
        return Type::Opaque(writable(traits));
    }
    // Whatever remains in braces has no name.
    static NAMELESS: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"\{(?:closure|async|coroutine|gen|[a-zA-Z_<])|\bimpl\b"));
    let text = writable(&text);
    if text.contains("{type error}") {
        Type::Unknown
    } else if NAMELESS.is_match(&text) || text.contains(TYPES_FUNCTION) {
        Type::Nameless
    } else {
        Type::Named(text)
    }
}

/// Whether a type as a cell can write it is that of a value that never exists, such as one that rustc left open.
pub fn is_never(written: &str) -> bool {
    let name = written.strip_prefix(CELL_LIBRARY);
    name.is_some_and(|name| name == "::Never")
}

/// Returns a type, or a part of one, as a cell can write it.
pub fn writable(shown: &str) -> String {
    // A type that rustc leaves unsettled in a function without errors is the type of a value that never exists (The Edition
    // Guide, "Never type fallback change").
    static UNSETTLED: LazyLock<Regex> = LazyLock::new(|| pattern(r"(^|[^'\w])(?:_\b|!)"));
    let text = shown.replace("{integer}", "i32").replace("{float}", "f64");
    let never = format!("{CELL_LIBRARY}::Never");
    let text = UNSETTLED.replace_all(&text, format!("${{1}}{never}").as_str());
    let text = with_brackets(&without_repeated_binders(&text));
    // Both modules have the same types, and `mpmc` is unstable.
    text.replace("std::sync::mpmc::", "std::sync::mpsc::")
}

/// Removes the lifetimes that rustc shows once more in front of a closure's result, as in `for<'a> Fn(&'a str) -> for<'a> &'a str`.
fn without_repeated_binders(ty: &str) -> String {
    static RESULT: LazyLock<Regex> = LazyLock::new(|| pattern(r"-> for<[^<>]*> (\w*)"));
    let shown = RESULT.replace_all(ty, |found: &Captures| match &found[1] {
        "fn" | "unsafe" | "extern" | "dyn" | "impl" => found[0].to_owned(),
        word => format!("-> {word}"),
    });
    shown.into_owned()
}

/// Adds parentheses where a reference to a trait object with several traits needs them. rustc omits them in arguments.
fn with_brackets(ty: &str) -> String {
    static OBJECT: LazyLock<Regex> = LazyLock::new(|| pattern(r"&('\w+ )?(mut )?dyn "));
    let Some(found) = OBJECT.find(ty) else {
        return ty.to_owned();
    };
    let (before, object) = ty.split_at(found.end() - "dyn ".len());
    let end = leading_traits(object).len();
    let (object, after) = object.split_at(end);
    let after = with_brackets(after);
    if object.contains(" + ") {
        format!("{before}({object}){after}")
    } else {
        format!("{before}{object}{after}")
    }
}

/// Returns what follows `dyn` in each boxed trait object of a type.
pub fn boxed_objects(ty: &str) -> Vec<&str> {
    const BOX: &str = "std::boxed::Box<dyn ";
    let starts = ty.match_indices(BOX).map(|(at, _)| at + BOX.len());
    starts.map(|start| leading_traits(&ty[start..])).collect()
}

/// Returns a type with `impl …` for each boxed trait object.
pub fn with_opaque_objects(ty: &str) -> String {
    boxed_objects(ty).iter().fold(ty.to_owned(), |ty, object| {
        let boxed = format!("std::boxed::Box<dyn {object}>");
        let opaque = format!("impl {object}");
        let ty = ty.replace(&format!("std::pin::Pin<{boxed}>"), &opaque);
        ty.replace(&boxed, &opaque)
    })
}

/// Whether rustc has left a part of the type open.
pub fn is_open(shown: &str) -> bool {
    static OPEN: LazyLock<Regex> = LazyLock::new(|| pattern(r"(^|[^'\w])_\b"));
    OPEN.is_match(shown)
}

/// Whether a type, as rustc shows it, is one of the standard library's iterators, judging by its path.
pub fn is_iterator(shown: &str) -> bool {
    let path = shown.split('<').next().unwrap_or_default();
    let is_of_std = path.starts_with("std::");
    path.starts_with("std::iter::")
        || path.starts_with("std::ops::Range")
        || is_of_std && path.ends_with("::IntoIter")
}

/// Returns a type, as rustc shows it, with `'static` for each omitted lifetime.
pub fn with_static_references(ty: &str) -> String {
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"&(mut\b|[^'\s])"));
    REFERENCE
        .replace_all(&ty.replace("'_", "'static"), "&'static $1")
        .into_owned()
}

/// Returns the type as the user sees it: without the places of closures in the generated source.
pub fn as_shown(shown: &str) -> String {
    static PLACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"@src/lib\.rs:[\d: ]+\}"));
    let text = PLACE.replace_all(shown, "}");
    let text = text.replace("{integer}", "i32").replace("{float}", "f64");
    let text = text.replace(&format!("{TYPES_FUNCTION}::"), "");
    text.replace("std::sync::mpmc::", "std::sync::mpsc::")
}

/// Splits `PhantomData<((A, B), R)>` into the arguments and the result of a call.
pub fn signature(shown: &str) -> Option<(Vec<String>, String)> {
    let inner = phantom(shown)?.strip_prefix('(')?.strip_suffix(')')?;
    let [arguments, result] = <[String; 2]>::try_from(split(inner, ',')).ok()?;
    let arguments = arguments.strip_prefix('(')?.strip_suffix(')')?;
    Some((split(arguments, ','), result))
}

/// Returns the argument of `PhantomData<…>`.
pub fn phantom(shown: &str) -> Option<&str> {
    shown
        .strip_prefix("std::marker::PhantomData<")?
        .strip_suffix('>')
}

/// Splits at the separators outside of brackets.
pub fn split(list: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    let mut before = ' ';
    for letter in list.chars() {
        match letter {
            '(' | '[' | '<' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        before = letter;
        match parts.last_mut() {
            Some(_) if letter == separator && depth == 0 => parts.push(String::new()),
            Some(part) => part.push(letter),
            None => {}
        }
    }
    let parts = parts.iter().map(|part| part.trim().to_owned());
    parts.filter(|part| !part.is_empty()).collect()
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a valid pattern")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(text: &str) -> Type {
        Type::Named(text.to_owned())
    }

    #[test]
    fn types_are_made_writable() {
        for (shown, written) in [
            ("std::vec::Vec<{integer}>", "std::vec::Vec<i32>"),
            // In a function's body, lifetimes can be omitted.
            ("(&mut [u8], {float})", "(&mut [u8], f64)"),
            ("fn(&str) -> usize {length}", "fn(&str) -> usize"),
            (
                "Rc<&dyn Fn(i32, (u8, u8)) -> Vec<i32> + Send, &mut dyn Any>",
                "Rc<&(dyn Fn(i32, (u8, u8)) -> Vec<i32> + Send), &mut dyn Any>",
            ),
            ("&'static (dyn Any + Send)", "&'static (dyn Any + Send)"),
            ("fn(i32) -> i32 {square}", "fn(i32) -> i32"),
            (
                "std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>",
                "std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>",
            ),
            (
                "std::thread::JoinHandle<_>",
                "std::thread::JoinHandle<::threadbook_cell::Never>",
            ),
            ("std::str::Chars<'_>", "std::str::Chars<'_>"),
            (
                "std::thread::JoinHandle<!>",
                "std::thread::JoinHandle<::threadbook_cell::Never>",
            ),
            (
                "std::sync::mpmc::SendError<i32>",
                "std::sync::mpsc::SendError<i32>",
            ),
        ] {
            assert_eq!(as_written(shown), named(written));
        }
    }

    #[test]
    fn unnameable_types_are_distinguished() {
        assert_eq!(as_written("{closure@src/lib.rs:3:9: 3:11}"), Type::Closure);
        let map = "std::iter::Map<std::vec::IntoIter<i32>, {closure@src/lib.rs:3:9: 3:11}>";
        assert_eq!(as_written(map), Type::Nameless);
        assert_eq!(
            as_written("std::iter::Filter<A, fn(&i32) -> bool {even}>"),
            Type::Nameless
        );
        assert_eq!(
            as_written("{async block@src/lib.rs:3:9: 3:11}"),
            Type::Nameless
        );
        let iterator = "impl std::iter::Iterator<Item = u8>";
        assert_eq!(
            as_written(iterator),
            Type::Opaque("std::iter::Iterator<Item = u8>".to_owned())
        );
        assert_eq!(as_written("{type error}"), Type::Unknown);
    }

    #[test]
    fn boxed_objects_are_found() {
        let ty = "std::vec::Vec<(u8, std::boxed::Box<dyn Fn(i32) -> Vec<i32> + Send>)>";
        assert_eq!(boxed_objects(ty), ["Fn(i32) -> Vec<i32> + Send"]);
        assert_eq!(
            with_opaque_objects(ty),
            "std::vec::Vec<(u8, impl Fn(i32) -> Vec<i32> + Send)>"
        );
        assert_eq!(boxed_objects("Vec<i32>"), [""; 0]);
    }

    #[test]
    fn signatures_are_split() {
        let parts =
            |shown| signature(shown).map(|(arguments, result)| (arguments.join("; "), result));
        let expected =
            |arguments: &str, result: &str| Some((arguments.to_owned(), result.to_owned()));
        assert_eq!(
            parts("std::marker::PhantomData<((i32,), i32)>"),
            expected("i32", "i32")
        );
        assert_eq!(
            parts("std::marker::PhantomData<((), u32)>"),
            expected("", "u32")
        );
        assert_eq!(
            parts("std::marker::PhantomData<((&str, fn(u8) -> u8), (A, B<C, D>))>"),
            expected("&str; fn(u8) -> u8", "(A, B<C, D>)")
        );
        assert_eq!(parts("i32"), None);
    }
}
