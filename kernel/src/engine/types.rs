//! Types of variables, as rustc shows them and as they can be written.

use regex::Regex;
use std::sync::LazyLock;

/// What is known of a variable's type.
#[derive(Debug, PartialEq, Eq)]
pub enum Type {
    /// As it can be written in a `let`.
    Named(String),
    /// Closures have types that cannot be written, so evcxr cannot keep them.
    Closure,
    /// Nor can types that are made of closures be written, such as those of most iterators.
    MadeOfClosures,
    /// The cell has an error, or the type has no name; evcxr will say which.
    Unknown,
}

/// Turns a type as rustc shows it into one that can be written.
pub fn as_written(shown: &str) -> Type {
    static FUNCTION: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(.*\bfn\(.*) \{[^{}]*\}$"));
    static REFERENCE: LazyLock<Regex> = LazyLock::new(|| pattern(r"&(mut\b|[^'\s])"));
    if shown.starts_with("{closure") {
        return Type::Closure;
    }
    if shown.contains("{closure") || shown.contains("{async") {
        return Type::MadeOfClosures;
    }
    let text = FUNCTION.replace(shown, "$1");
    let text = text
        .replace("{integer}", "i32")
        .replace("{float}", "f64")
        .replace("'_", "'static");
    let text = REFERENCE.replace_all(&text, "&'static $1").into_owned();
    // What is left in braces has no name, `_` is unknown to rustc too, and `impl` hides the type.
    static NAMELESS: LazyLock<Regex> = LazyLock::new(|| pattern(r"\{|\b_\b|\bimpl\b"));
    if NAMELESS.is_match(&text) {
        Type::Unknown
    } else {
        Type::Named(text)
    }
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
        assert_eq!(
            as_written("std::vec::Vec<{integer}>"),
            named("std::vec::Vec<i32>")
        );
        assert_eq!(as_written("&str"), named("&'static str"));
        assert_eq!(
            as_written("(&mut [u8], {float})"),
            named("(&'static mut [u8], f64)")
        );
        assert_eq!(as_written("&'static str"), named("&'static str"));
        assert_eq!(
            as_written("std::slice::Iter<'_, i32>"),
            named("std::slice::Iter<'static, i32>")
        );
        assert_eq!(
            as_written("fn(i32) -> i32 {square}"),
            named("fn(i32) -> i32")
        );
        assert_eq!(
            as_written("std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>"),
            named("std::boxed::Box<dyn std::ops::Fn() + std::marker::Send>")
        );
    }

    #[test]
    fn types_without_a_name_are_told_apart() {
        assert_eq!(as_written("{closure@src/lib.rs:3:9: 3:11}"), Type::Closure);
        assert_eq!(
            as_written("std::iter::Map<std::vec::IntoIter<i32>, {closure@src/lib.rs:3:9: 3:11}>"),
            Type::MadeOfClosures
        );
        assert_eq!(as_written("std::vec::Vec<_>"), Type::Unknown);
        assert_eq!(
            as_written("impl std::iter::Iterator<Item = u8>"),
            Type::Unknown
        );
        assert_eq!(as_written("{type error}"), Type::Unknown);
    }
}
