// Lifetimes in functions, structs, traits and bounds.

use std::fmt::Display;

fn longer<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() >= b.len() { a } else { b }
}

fn first<'a, 'b>(a: &'a str, _b: &'b str) -> &'a str {
    a
}

struct Excerpt<'t> {
    text: &'t str,
}

impl<'t> Excerpt<'t> {
    fn of(text: &'t str, end: char) -> Self {
        let text = text.split(end).next().unwrap_or_default();
        Excerpt { text }
    }

    fn text(&self) -> &'t str {
        self.text
    }
}

fn announce<'a, T: Display + 'a>(text: &'a str, by: T) -> String {
    format!("{by}: {}", longer(text, "..."))
}

fn apply<F>(f: F) -> String
where
    F: for<'x> Fn(&'x str) -> &'x str,
{
    let local = String::from("  local  ");
    f(&local).to_string()
}

static NAMES: [&'static str; 2] = ["left", "right"];

fn main() {
    let owned = String::from("Call me Ishmael. Some years ago");
    println!("{}", longer(&owned, "short"));
    println!("{}", Excerpt::of(&owned, '.').text());
    let fixed: &'static str = first("stays", &owned);
    drop(owned);
    println!("{fixed}");
    println!("{}", announce("hello", 7));
    println!("{}", announce("", "Ann"));
    println!("{:?}", apply(str::trim));
    let longest = NAMES.into_iter().fold("", |a, b| longer(a, b));
    println!("{longest}");
    println!("{}", apply(|text| &text[..3]).len());
}
