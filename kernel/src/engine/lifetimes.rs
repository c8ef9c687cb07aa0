//! Lifetimes in types as rustc shows them.

/// Returns a type with `lifetime` for each omitted lifetime, also of trait objects. What the signature of a function omits stays:
/// it may differ from call to call (The Rust Reference, "Lifetime elision").
pub fn with_lifetime(ty: &str, lifetime: &str) -> String {
    with_lifetimes(ty, &mut || lifetime.to_owned(), true)
}

/// Like [`with_lifetime`], with the lifetime that `lifetime` returns for each place, these counted from 0.
pub fn with_each_lifetime(ty: &str, lifetime: impl Fn(usize) -> String) -> String {
    let mut places = 0..;
    with_lifetimes(
        ty,
        &mut || places.next().map_or_else(String::new, &lifetime),
        true,
    )
}

/// Returns how many lifetimes [`with_lifetime`] writes.
pub fn count_lifetimes(ty: &str) -> usize {
    let mut count = 0;
    let mut lifetime = || {
        count += 1;
        String::new()
    };
    with_lifetimes(ty, &mut lifetime, true);
    count
}

/// Like [`with_lifetime`], but what a trait object may borrow stays omitted: nothing, unless it is behind a reference.
pub fn with_lifetime_of_references(ty: &str, lifetime: &str) -> String {
    with_lifetimes(ty, &mut || lifetime.to_owned(), false)
}

fn with_lifetimes(ty: &str, lifetime: &mut dyn FnMut() -> String, bounds_objects: bool) -> String {
    let mut written = String::new();
    let mut rest = ty;
    while let Some(letter) = rest.chars().next() {
        if let Some((signature, after)) = signature(rest).filter(|_| !ends_in_name(&written)) {
            written.push_str(signature);
            rest = after;
        } else if let Some(object) = rest
            .strip_prefix("dyn ")
            .filter(|_| bounds_objects && !ends_in_name(&written))
        {
            let traits = leading_traits(object);
            let bound = match traits.contains(" + '") {
                true => String::new(),
                false => format!(" + {}", lifetime()),
            };
            let traits_written = with_lifetimes(traits, lifetime, true);
            written.push_str(&format!("(dyn {traits_written}{bound})"));
            rest = &object[traits.len()..];
        } else if let Some(after) = rest.strip_prefix("'_") {
            written.push_str(&lifetime());
            rest = after;
        } else if let Some(after) = rest.strip_prefix('&') {
            written.push('&');
            if !after.starts_with('\'') {
                written.push_str(&format!("{} ", lifetime()));
            }
            rest = after;
        } else {
            written.push(letter);
            rest = &rest[letter.len_utf8()..];
        }
    }
    written
}

/// Splits off the signature of a function at the beginning of a text, with its result if that may borrow from the arguments.
fn signature(text: &str) -> Option<(&str, &str)> {
    let name = ["fn", "Fn", "FnMut", "FnOnce"].into_iter().find(|name| {
        let after = text.strip_prefix(name);
        after.is_some_and(|after| after.starts_with('('))
    })?;
    let mut depth = 0;
    let close = text.char_indices().find(|(_, letter)| {
        depth += i32::from(*letter == '(') - i32::from(*letter == ')');
        *letter == ')' && depth == 0
    });
    let end = close?.0 + 1;
    let (arguments, after) = text.split_at(end);
    let result = after
        .strip_prefix(" -> ")
        .filter(|_| arguments[name.len()..].contains(['&', '\'']));
    let end = result.map_or(end, |result| {
        text.len() - result.len() + leading_traits(result).len()
    });
    Some(text.split_at(end))
}

fn ends_in_name(text: &str) -> bool {
    text.ends_with(|letter: char| letter.is_alphanumeric() || letter == '_')
}

/// Returns the type, or the traits, at the beginning of a text.
pub fn leading_traits(text: &str) -> &str {
    let mut depth = 0;
    let mut before = ' ';
    for (at, letter) in text.char_indices() {
        match letter {
            '(' | '[' | '<' => depth += 1,
            ')' | ']' | ',' | ';' if depth == 0 => return &text[..at],
            '>' if depth == 0 && before != '-' => return &text[..at],
            ')' | ']' => depth -= 1,
            '>' if before != '-' => depth -= 1,
            _ => {}
        }
        before = letter;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn omitted_lifetimes_are_written() {
        for (ty, written) in [
            (
                "std::slice::IterMut<'_, i32>",
                "std::slice::IterMut<'t, i32>",
            ),
            (
                "(&mut [i32], &'static str)",
                "(&'t mut [i32], &'static str)",
            ),
            (
                "Vec<Box<dyn std::ops::Fn(&str) -> &str>>",
                "Vec<Box<(dyn std::ops::Fn(&str) -> &str + 't)>>",
            ),
            (
                "Box<dyn std::ops::Fn(i32) -> &str + std::marker::Send>",
                "Box<(dyn std::ops::Fn(i32) -> &'t str + std::marker::Send + 't)>",
            ),
            ("&(dyn A + 'static)", "&'t ((dyn A + 'static))"),
            ("fn(&u8) -> &u8", "fn(&u8) -> &u8"),
            ("Option<fn(&u8)>", "Option<fn(&u8)>"),
        ] {
            assert_eq!(with_lifetime(ty, "'t"), written);
        }
    }
}
