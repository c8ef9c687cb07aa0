//! Conversions of values whose types have open parts to the types that a later cell determines.

use super::numbers::{NEVER, has_open_parts};
use super::types::split;
use regex::Regex;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The module with the conversions of what threads send.
const CONVERSIONS: &str = "::threadbook_cell::conversions";

/// The fields of structs, each with its type, by the structs' types.
pub type Structs = BTreeMap<String, Vec<(String, String)>>;

/// Whether the open parts of a value of this type can be converted.
pub fn is_convertible(shown: &str, structs: &Structs) -> bool {
    with_other_numbers(shown, structs, "", "").is_some()
}

/// Returns an expression that converts the open parts of a value to the types that its use requires; `None` if the type does not
/// allow it. With an integer that the other type cannot hold the cell does not run; its error has the words `what` for the number.
pub fn with_other_numbers(
    shown: &str,
    structs: &Structs,
    value: &str,
    what: &str,
) -> Option<String> {
    Conversion { structs, what }.of(shown, value)
}

/// Returns an expression that converts the numbers in the items of an iterator, in a box.
pub fn with_other_items(item: &str, iterator: &str, what: &str) -> Option<String> {
    let structs = &Structs::new();
    let closure = Conversion { structs, what }.closure(&[item.to_owned()])?;
    Some(format!("::std::boxed::Box::new({iterator}.map({closure}))"))
}

/// Returns an expression that converts an `i32` to the integer type `ty`.
pub fn with_other_integer(value: &str, ty: &str, what: &str) -> String {
    format!("{CONVERSIONS}::convert_integer::<{ty}>({value}, {what:?})")
}

struct Conversion<'a> {
    structs: &'a Structs,
    /// The words for a number that cannot be converted.
    what: &'a str,
}

impl Conversion<'_> {
    /// Returns the conversion of a value.
    fn of(&self, shown: &str, value: &str) -> Option<String> {
        if !has_open_parts(shown) {
            return Some(value.to_owned());
        }
        if shown == NEVER {
            return Some(format!("match {value} {{}}"));
        }
        if shown == "{integer}" {
            return Some(with_other_integer(value, "_", self.what));
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
                .map(|(part, name)| self.of(part, name))
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
                self.closure(&[element.to_owned()])?
            ));
        }
        static GENERIC: LazyLock<Regex> =
            LazyLock::new(|| Regex::new(r"^([\w:]+)<(.*)>$").expect("a valid pattern"));
        let found = GENERIC.captures(shown)?;
        let arguments = split(&found[2], ',');
        if let Some(fields) = self.structs.get(shown) {
            return self.fields(&found[1], fields, value);
        }
        match (found[1].rsplit("::").next()?, arguments.len()) {
            ("Vec" | "VecDeque" | "HashSet" | "BTreeSet" | "BinaryHeap" | "LinkedList", 1)
            | ("HashMap" | "BTreeMap", 2) => {
                let closure = self.closure(&arguments)?;
                Some(format!("{value}.into_iter().map({closure}).collect()"))
            }
            ("Option", 1) => Some(format!("{value}.map({})", self.closure(&arguments)?)),
            ("Result", 2) => {
                let [ok, err] = [0, 1].map(|at| self.closure(&arguments[at..=at]));
                Some(format!("{value}.map({}).map_err({})", ok?, err?))
            }
            ("JoinHandle", 1) if found[1].starts_with("std::") => {
                let closure = self.closure(&arguments)?;
                Some(format!("{CONVERSIONS}::convert_result({value}, {closure})"))
            }
            ("Receiver", 1) if found[1].starts_with("std::") => {
                let closure = self.closure(&arguments)?;
                Some(format!(
                    "{CONVERSIONS}::convert_messages({value}, {closure})"
                ))
            }
            ("IntoIter", 1) if found[1].starts_with("std::vec") => {
                let closure = self.closure(&arguments)?;
                Some(format!(
                    "{value}.map({closure}).collect::<::std::vec::Vec<_>>().into_iter()"
                ))
            }
            ("Range", 1) => {
                let bounds = ["start", "end"].map(|bound| format!("threadbook_range.{bound}"));
                let [start, end] = bounds.map(|bound| self.of(&arguments[0], &bound));
                let (start, end) = (start?, end?);
                Some(format!(
                    "{{ let threadbook_range = {value}; ({start})..({end}) }}"
                ))
            }
            ("RangeFrom", 1) => {
                let start = self.of(&arguments[0], &format!("({value}).start"))?;
                Some(format!("({start}).."))
            }
            ("PhantomData", 1) => Some("::std::marker::PhantomData".to_owned()),
            (ty, 1) => {
                let (path, content) = pointer_or_cell(ty, value, self.what)?;
                let inner = self.of(&arguments[0], &content)?;
                let constructor = match content.ends_with(".0") {
                    true => path,
                    false => format!("{path}::new"),
                };
                Some(format!("{constructor}({inner})"))
            }
            _ => None,
        }
    }

    /// Converts the fields of a struct of the notebook.
    fn fields(&self, path: &str, fields: &[(String, String)], value: &str) -> Option<String> {
        let (mut taken, mut converted) = (String::new(), String::new());
        for (index, (field, ty)) in fields.iter().enumerate() {
            let name = format!("threadbook_{index}");
            taken.push_str(&format!("{field}: {name}, "));
            converted.push_str(&format!("{field}: {}, ", self.of(ty, &name)?));
        }
        Some(format!(
            "{{ let {path} {{ {taken}}} = {value}; {path} {{ {converted}}} }}"
        ))
    }

    /// Returns a closure that converts a value, or a key and a value.
    fn closure(&self, types: &[String]) -> Option<String> {
        let names = ["threadbook_a", "threadbook_b"];
        let parts: Option<Vec<String>> = types
            .iter()
            .zip(names)
            .map(|(ty, name)| self.of(ty, name))
            .collect();
        let (names, parts) = (names[..types.len()].join(", "), parts?.join(", "));
        Some(format!("|({names})| ({parts})"))
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_converted_where_they_are() {
        let converted = |shown: &str| with_other_numbers(shown, &Structs::new(), "v", "n");
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
    }

    #[test]
    fn structs_of_the_notebook_are_converted_by_their_fields() {
        let fields = [("x", "{integer}"), ("1", "std::vec::Vec<{integer}>")];
        let fields = fields.map(|(name, ty)| (name.to_owned(), ty.to_owned()));
        let structs = Structs::from([("P<{integer}>".to_owned(), fields.into())]);
        let found = with_other_numbers("P<{integer}>", &structs, "v", "n");
        let converted = "{ let P { x: threadbook_0, 1: threadbook_1, } = v; P { \
                         x: ::threadbook_cell::conversions::convert_integer::<_>(threadbook_0, \"n\"), \
                         1: threadbook_1.into_iter().map(|(threadbook_a)| \
                         (::threadbook_cell::conversions::convert_integer::<_>(threadbook_a, \"n\"))).collect(), } }";
        assert_eq!(found.as_deref(), Some(converted));
    }
}
