//! Function items in types: rustc shows the type of the function `f` itself as `fn(u8) -> u8 {f}`, which cannot be written.

use regex::Regex;
use std::sync::LazyLock;

static ITEM: LazyLock<Regex> = LazyLock::new(|| {
    let signature = r"((?:for<[^>]*> )?(?:unsafe )?(?:extern [^ ]+ )?fn\([^{}]*)";
    Regex::new(&format!(r"{signature} \{{([\w:]+)\}}")).expect("a valid pattern")
});

/// Returns the function items in a type, each with the type of a pointer to it and the function's name without its path.
pub fn function_items(shown: &str) -> Vec<(String, String)> {
    let items = ITEM.captures_iter(shown).map(|found| {
        let name = found[2].rsplit(':').next().unwrap_or_default();
        (found[1].to_owned(), name.to_owned())
    });
    items.collect()
}

/// Returns a type with function pointers in place of function items.
pub fn with_function_pointers(shown: &str) -> String {
    ITEM.replace_all(shown, "$1").into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_become_pointers() {
        let shown = "Two<fn(u8) -> u8 {m::f}, for<'a> fn(&'a str) -> &'a str {g}>";
        let items = function_items(shown);
        let names: Vec<&str> = items.iter().map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["f", "g"]);
        assert_eq!(items[1].0, "for<'a> fn(&'a str) -> &'a str");
        let pointers = "Two<fn(u8) -> u8, for<'a> fn(&'a str) -> &'a str>";
        assert_eq!(with_function_pointers(shown), pointers);
        assert_eq!(with_function_pointers("Vec<{integer}>"), "Vec<{integer}>");
    }
}
