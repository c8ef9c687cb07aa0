//! The type of a value, as Python prints it.

use std::any::type_name;

/// Returns Python's `type(x)`, as it prints: `<class 'int'>`.
///
/// Integers are `int`, `f32` and `f64` are `float`, strings, `char` and paths are `str`, vectors, arrays and slices are
/// `list`, `()` is `NoneType` (what a Python function without a result returns). References are followed. Any other
/// type has its Rust name, without the modules.
///
/// ```
/// use threadbook::prelude::*;
///
/// assert_eq!(class_of(&3), "<class 'int'>");
/// assert_eq!(class_of("text"), "<class 'str'>");
/// assert_eq!(class_of(&vec![1.5]), "<class 'list'>");
/// ```
pub fn class_of<T: ?Sized>(_: &T) -> String {
    format!("<class '{}'>", python_class(type_name::<T>()))
}

fn python_class(rust: &str) -> String {
    let rust = rust.trim_start_matches("&mut ").trim_start_matches('&');
    let bare = without_paths(rust);
    let head = bare.split('<').next().unwrap_or_default();
    match head {
        "i8" | "i16" | "i32" | "i64" | "i128" | "isize" | "u8" | "u16" | "u32" | "u64" | "u128"
        | "usize" => "int".into(),
        "f32" | "f64" => "float".into(),
        "str" | "String" | "char" | "Path" | "PathBuf" | "OsStr" | "OsString" => "str".into(),
        "Vec" | "VecDeque" => "list".into(),
        "HashMap" | "BTreeMap" => "dict".into(),
        "HashSet" | "BTreeSet" => "set".into(),
        "()" => "NoneType".into(),
        _ if bare.starts_with('[') => "list".into(),
        _ if bare.starts_with('(') => "tuple".into(),
        _ => bare,
    }
}

/// `alloc::vec::Vec<core::option::Option<i32>>` as `Vec<Option<i32>>`.
fn without_paths(name: &str) -> String {
    let mut bare = String::new();
    let mut rest = name;
    while !rest.is_empty() {
        let end = rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'))
            .unwrap_or(rest.len());
        let (path, after) = rest.split_at(end);
        bare.push_str(path.rsplit("::").next().unwrap_or_default());
        let separator = after.chars().next().map_or(0, char::len_utf8);
        bare.push_str(&after[..separator]);
        rest = &after[separator..];
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::{BTreeSet, HashMap};

    struct Account;

    #[test]
    fn python_names() {
        assert_eq!(class_of(&true), "<class 'bool'>");
        assert_eq!(class_of(&1u8), "<class 'int'>");
        assert_eq!(class_of(&1.0f32), "<class 'float'>");
        assert_eq!(class_of(&String::new()), "<class 'str'>");
        assert_eq!(class_of(&"x"), "<class 'str'>");
        assert_eq!(class_of(&[1, 2][..]), "<class 'list'>");
        assert_eq!(class_of(&[[1]; 2]), "<class 'list'>");
        assert_eq!(class_of(&(1, 'a')), "<class 'tuple'>");
        assert_eq!(class_of(&()), "<class 'NoneType'>");
        assert_eq!(class_of(&HashMap::<i32, i32>::new()), "<class 'dict'>");
        assert_eq!(class_of(&BTreeSet::<i32>::new()), "<class 'set'>");
    }

    #[test]
    fn other_types_keep_their_rust_name() {
        assert_eq!(class_of(&Account), "<class 'Account'>");
        assert_eq!(class_of(&Some(&Account)), "<class 'Option<&Account>'>");
    }
}
