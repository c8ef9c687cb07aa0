//! Types with open parts: rustc has only assumed that numbers are `i32` or `f64`, and that the type of what never exists is `!`. A
//! later cell may determine other types.

use super::types::{is_open, split, with_static_references, writable};
use regex::{Captures, Regex};
use std::sync::LazyLock;

/// The type of what never exists, as rustc shows it.
const NEVER: &str = "!";

/// The module with the conversions of what threads send.
const CONVERSIONS: &str = "::threadbook_cell::conversions";

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

/// Whether the open parts of a value of this type can be converted.
pub fn is_convertible(shown: &str) -> bool {
    with_other_numbers(shown, "", "").is_some()
}

/// Returns an expression that converts the numbers in a value to the types that its use requires; `None` if the type does not
/// allow it. With an integer that the other type cannot hold the cell does not run; its error has the words `what` for the number.
pub fn with_other_numbers(shown: &str, value: &str, what: &str) -> Option<String> {
    if !has_open_parts(shown) {
        return Some(value.to_owned());
    }
    if shown == NEVER {
        return Some(format!("match {value} {{}}"));
    }
    if shown == "{integer}" {
        return Some(with_other_integer(value, "_", what));
    }
    if shown == "{float}" {
        return Some(format!("{value} as _"));
    }
    if let Some(inner) = shown
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'))
    {
        let parts = split(inner, ',');
        let names: Vec<String> = (0..parts.len())
            .map(|index| format!("threadbook_{index}"))
            .collect();
        let parts: Option<Vec<String>> = parts
            .iter()
            .zip(&names)
            .map(|(part, name)| with_other_numbers(part, name, what))
            .collect();
        let (names, parts) = (names.join(", "), parts?.join(", "));
        return Some(format!("{{ let ({names},) = {value}; ({parts},) }}"));
    }
    if let Some(inner) = shown
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        let (element, _) = inner.rsplit_once("; ")?;
        return Some(format!(
            "{value}.map({})",
            closure(&[element.to_owned()], what)?
        ));
    }
    static GENERIC: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("^([a-zA-Z:_]+)<(.*)>$").expect("a valid pattern"));
    let found = GENERIC.captures(shown)?;
    let arguments = split(&found[2], ',');
    match (found[1].rsplit("::").next()?, arguments.len()) {
        ("Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "BinaryHeap" | "LinkedList", 1)
        | ("HashMap" | "BTreeMap", 2) => {
            let closure = closure(&arguments, what)?;
            Some(format!("{value}.into_iter().map({closure}).collect()"))
        }
        ("Option", 1) => Some(format!("{value}.map({})", closure(&arguments, what)?)),
        ("Result", 2) => {
            let [ok, err] = [0, 1].map(|at| closure(&arguments[at..=at], what));
            Some(format!("{value}.map({}).map_err({})", ok?, err?))
        }
        ("JoinHandle", 1) if found[1].starts_with("std::") => {
            let closure = closure(&arguments, what)?;
            Some(format!("{CONVERSIONS}::convert_result({value}, {closure})"))
        }
        ("Receiver", 1) if found[1].starts_with("std::") => {
            let closure = closure(&arguments, what)?;
            Some(format!(
                "{CONVERSIONS}::convert_messages({value}, {closure})"
            ))
        }
        ("IntoIter", 1) if found[1].starts_with("std::vec") => {
            let closure = closure(&arguments, what)?;
            Some(format!(
                "{value}.map({closure}).collect::<::std::vec::Vec<_>>().into_iter()"
            ))
        }
        ("Range", 1) => {
            let bounds = ["start", "end"].map(|bound| format!("threadbook_range.{bound}"));
            let [start, end] = bounds.map(|bound| with_other_numbers(&arguments[0], &bound, what));
            let (start, end) = (start?, end?);
            Some(format!(
                "{{ let threadbook_range = {value}; ({start})..({end}) }}"
            ))
        }
        ("RangeFrom", 1) => {
            let start = with_other_numbers(&arguments[0], &format!("({value}).start"), what)?;
            Some(format!("({start}).."))
        }
        (ty, 1) => {
            let (path, content) = pointer_or_cell(ty, value, what)?;
            let inner = with_other_numbers(&arguments[0], &content, what)?;
            let constructor = match content.ends_with(".0") {
                true => path,
                false => format!("{path}::new"),
            };
            Some(format!("{constructor}({inner})"))
        }
        _ => None,
    }
}

/// Returns an expression that converts an `i32` to the integer type `ty`.
pub fn with_other_integer(value: &str, ty: &str, what: &str) -> String {
    format!("{CONVERSIONS}::convert_integer::<{ty}>({value}, {what:?})")
}

/// Returns an expression that converts the numbers in the items of an iterator, in a box.
pub fn with_other_items(item: &str, iterator: &str, what: &str) -> Option<String> {
    let closure = closure(&[item.to_owned()], what)?;
    Some(format!("::std::boxed::Box::new({iterator}.map({closure}))"))
}

/// Returns the path of a standard library type that holds one value, and the expression that takes the value out of it.
fn pointer_or_cell(ty: &str, value: &str, what: &str) -> Option<(String, String)> {
    let module = match ty {
        "Box" => "boxed",
        "Cell" | "RefCell" => "cell",
        "Mutex" | "RwLock" | "Arc" => "sync",
        "Rc" => "rc",
        "Reverse" => "cmp",
        "Saturating" | "Wrapping" => "num",
        _ => return None,
    };
    let path = format!("::std::{module}::{ty}");
    let content = match ty {
        "Box" => format!("(*{value})"),
        "Reverse" | "Saturating" | "Wrapping" => format!("({value}).0"),
        "Cell" | "RefCell" => format!("({value}).into_inner()"),
        "Mutex" | "RwLock" => {
            format!("({value}).into_inner().unwrap_or_else(::std::sync::PoisonError::into_inner)")
        }
        // What others share keeps its type.
        _ => format!("{CONVERSIONS}::convert_shared({path}::into_inner({value}), {what:?})"),
    };
    Some((path, content))
}

/// Returns a closure that converts a value, or a key and a value.
fn closure(types: &[String], what: &str) -> Option<String> {
    let names = ["threadbook_a", "threadbook_b"];
    let parts: Option<Vec<String>> = types
        .iter()
        .zip(names)
        .map(|(ty, name)| with_other_numbers(ty, name, what))
        .collect();
    let (names, parts) = (names[..types.len()].join(", "), parts?.join(", "));
    Some(format!("|({names})| ({parts})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_converted_where_they_are() {
        let converted = |shown| with_other_numbers(shown, "v", "n");
        assert_eq!(
            converted("std::collections::HashMap<&str, {integer}>").as_deref(),
            Some(
                "v.into_iter().map(|(threadbook_a, threadbook_b)| (threadbook_a, ::threadbook_cell::conversions::convert_integer::<_>(threadbook_b, \"n\"))).collect()"
            )
        );
        assert_eq!(
            converted("std::vec::Vec<[{float}; 2]>").as_deref(),
            Some(
                "v.into_iter().map(|(threadbook_a)| (threadbook_a.map(|(threadbook_a)| (threadbook_a as _)))).collect()"
            )
        );
        assert_eq!(
            converted("({integer}, String)").as_deref(),
            Some(
                "{ let (threadbook_0, threadbook_1,) = v; (::threadbook_cell::conversions::convert_integer::<_>(threadbook_0, \"n\"), threadbook_1,) }"
            )
        );
        assert_eq!(
            converted("std::cell::RefCell<{integer}>").as_deref(),
            Some(
                "::std::cell::RefCell::new(::threadbook_cell::conversions::convert_integer::<_>((v).into_inner(), \"n\"))"
            )
        );
        assert_eq!(
            converted("std::cmp::Reverse<{integer}>").as_deref(),
            Some(
                "::std::cmp::Reverse(::threadbook_cell::conversions::convert_integer::<_>((v).0, \"n\"))"
            )
        );
        assert_eq!(
            converted("std::result::Result<!, String>").as_deref(),
            Some(
                "v.map(|(threadbook_a)| (match threadbook_a {})).map_err(|(threadbook_a)| (threadbook_a))"
            )
        );
        assert_eq!(
            converted("std::thread::JoinHandle<{integer}>").as_deref(),
            Some(
                "::threadbook_cell::conversions::convert_result(v, |(threadbook_a)| (::threadbook_cell::conversions::convert_integer::<_>(threadbook_a, \"n\")))"
            )
        );
        assert_eq!(
            converted("std::ops::RangeFrom<{integer}>").as_deref(),
            Some("(::threadbook_cell::conversions::convert_integer::<_>((v).start, \"n\"))..")
        );
        assert_eq!(
            with_other_items("(char, {integer})", "v", "n").as_deref(),
            Some(
                "::std::boxed::Box::new(v.map(|(threadbook_a)| ({ let (threadbook_0, threadbook_1,) = threadbook_a; (threadbook_0, ::threadbook_cell::conversions::convert_integer::<_>(threadbook_1, \"n\"),) })))"
            )
        );
        assert_eq!(converted("tokio::sync::mpsc::Receiver<{integer}>"), None);
        assert_eq!(converted("Mine<{integer}>"), None);
        assert_eq!(converted("fn() -> !"), None);
        assert_eq!(converted("&[{integer}]"), None);
        assert_eq!(with_never("Vec<(_, &'_ [_; 2])>"), "Vec<(!, &'_ [!; 2])>");
    }

    #[test]
    fn a_later_cell_determines_numbers() {
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
