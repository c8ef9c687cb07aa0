//! Types with open parts: rustc has only assumed that numbers are `i32` or `f64`, and that the type of what never exists is `!`. A
//! later cell may determine other types.

use super::types::{is_open, with_static_references, writable};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The type of what never exists, as rustc shows it.
pub const NEVER: &str = "!";

/// Whether a type, as rustc shows it, has open parts.
pub fn has_open_parts(shown: &str) -> bool {
    ["{integer}", "{float}", NEVER]
        .iter()
        .any(|part| shown.contains(part))
}

/// Returns a shown type with `!` for what rustc has left open.
pub fn with_never(shown: &str) -> String {
    static OPEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(^|[^'\w])_\b").expect("a valid pattern"));
    OPEN.replace_all(shown, format!("${{1}}{NEVER}").as_str())
        .into_owned()
}

/// Returns a type of numbers without suffixes as rustc shows it before it assumes their types.
pub fn as_open(ty: &str) -> String {
    ty.replace("i32", "{integer}").replace("f64", "{float}")
}

/// Returns an expression of the type whose open parts have types that rustc infers; those of numbers are integers or floats.
pub fn with_open_numbers(shown: &str) -> String {
    static OPEN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\{integer\}|\{float\}|!").expect("a valid pattern"));
    let mut names: Vec<String> = Vec::new();
    let (mut parameters, mut numbers) = (Vec::new(), Vec::new());
    let ty = OPEN.replace_all(shown, |part: &Captures| {
        let name = format!("ThreadbookNumber{}", names.len());
        if &part[0] != NEVER {
            parameters.push(format!("{name},"));
            let number = if &part[0] == "{float}" { "0.0" } else { "0" };
            numbers.push(format!("{number},"));
        }
        names.push(name.clone());
        name
    });
    format!(
        "{{ fn threadbook_open<{}>(_: ({})) -> {} {{ loop {{}} }} threadbook_open(({})) }}",
        names.join(", "),
        parameters.join(" "),
        with_static_references(&writable(&ty)),
        numbers.join(" ")
    )
}

/// Whether `ty` is the shown type with concrete types for its open parts.
pub fn matches_with_numbers(shown: &str, ty: &str) -> bool {
    // Some of the numbers may still be open.
    const INTEGER: &str = r"(?:[iu](?:8|16|32|64|128|size)|\{integer\})";
    const FLOAT: &str = r"(?:f32|f64|\{float\})";
    let pattern = regex::escape(shown)
        .replace(r"\{integer\}", INTEGER)
        .replace(r"\{float\}", FLOAT)
        .replace(NEVER, ".+");
    // What rustc infers from a written type has the lifetimes in it.
    let ty = ty.replace("&'static ", "&");
    !is_open(&ty) && Regex::new(&format!("^{pattern}$")).is_ok_and(|pattern| pattern.is_match(&ty))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_cell_determines_numbers() {
        assert_eq!(with_never("Vec<(_, &'_ [_; 2])>"), "Vec<(!, &'_ [!; 2])>");
        let shown = "std::vec::Vec<({integer}, {float})>";
        assert_eq!(
            with_open_numbers(shown),
            "{ fn threadbook_open<ThreadbookNumber0, ThreadbookNumber1>(_: (ThreadbookNumber0, ThreadbookNumber1,)) \
             -> std::vec::Vec<(ThreadbookNumber0, ThreadbookNumber1)> { loop {} } threadbook_open((0, 0.0,)) }"
        );
        assert!(matches_with_numbers(shown, "std::vec::Vec<(u8, f32)>"));
        assert!(!matches_with_numbers(shown, "std::vec::Vec<(String, f32)>"));
        assert!(matches_with_numbers("Option<!>", "Option<(u8, u8)>"));
        assert!(!matches_with_numbers("Option<!>", "Option<_>"));
        assert!(matches_with_numbers(
            "(&str, {integer})",
            "(&'static str, u8)"
        ));
    }
}
