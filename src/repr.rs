//! Python's repr of a value, made from its `Debug` text.

mod number;
mod text;
mod word;

use std::any::type_name;
use std::fmt::Debug;

/// Returns a value as Python prints it in a list or as a cell's result.
///
/// Made from the `Debug` text: strings get Python's quotes and escapes, and there is `True` and `False`, `1e+16`,
/// `nan`. Lists, tuples, maps and the shape of structs look alike in both languages and stay.
///
/// ```
/// use threadbook::prelude::*;
///
/// assert_eq!(repr("it's"), r#""it's""#);
/// assert_eq!(repr(&vec!["a", "b"]), "['a', 'b']");
/// assert_eq!(repr(&(true, 1e16, f64::NAN)), "(True, 1e+16, nan)");
/// ```
pub fn repr<T: Debug + ?Sized>(value: &T) -> String {
    let debug = format!("{value:?}");
    if debug == "{}" && is_set(type_name::<T>()) {
        return "set()".into();
    }
    translate(&debug)
}

/// Python has no literal for the empty set, and `{}` is an empty dict.
fn is_set(rust: &str) -> bool {
    let head = rust.trim_start_matches('&').split('<').next();
    head.is_some_and(|path| path.ends_with("::HashSet") || path.ends_with("::BTreeSet"))
}

fn translate(debug: &str) -> String {
    let mut out = String::with_capacity(debug.len());
    let mut rest = debug;
    while let Some(first) = rest.chars().next() {
        let token = match first {
            '"' | '\'' => text::literal(rest),
            '0'..='9' => Some(number::literal(rest)),
            _ if word::is_word(first) => Some(word::literal(rest)),
            _ => None,
        };
        // What is not a token (an apostrophe in a type's own text, say) is kept as it is.
        let (length, python) = token.unwrap_or_else(|| (first.len_utf8(), first.into()));
        out.push_str(&python);
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests;
