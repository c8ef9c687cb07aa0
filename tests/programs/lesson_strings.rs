// Text: slices, characters, formatting, lifetimes.

use std::borrow::Cow;
use std::collections::BTreeMap;
fn first_word(s: &str) -> &str {
    s.split_whitespace().next().unwrap_or("")
}
fn longest<'a>(a: &'a str, b: &'a str) -> &'a str {
    if a.len() >= b.len() { a } else { b }
}
struct Excerpt<'a> {
    part: &'a str,
}
impl<'a> Excerpt<'a> {
    fn level(&self) -> i32 {
        3
    }
    fn announce(&self, s: &str) -> &'a str {
        println!("note {s}");
        self.part
    }
}
fn caesar(s: &str, k: u8) -> String {
    s.chars()
        .map(|c| match c {
            'a'..='z' => ((c as u8 - b'a' + k) % 26 + b'a') as char,
            _ => c,
        })
        .collect()
}
fn main() {
    let mut s = String::from("hello world");
    let word = first_word(&s);
    println!("{word}");
    s.clear();
    println!("{s:?}");
    let novel = String::from("Call me Ishmael. Some years ago");
    let first = novel.split('.').next().expect("a sentence");
    let e = Excerpt { part: first };
    println!("{} {}", e.level(), e.announce("x"));
    let result;
    {
        let inner = "long string";
        result = longest(&novel, inner);
    }
    println!("{result}");
    let secret = caesar("abc xyz", 3);
    println!("{secret} {}", caesar(&secret, 23));
    let mut text = "grüße 🦀".to_string();
    println!(
        "{} {} {:?}",
        text.len(),
        text.chars().count(),
        text.char_indices().nth(3)
    );
    text.insert_str(0, ">> ");
    text.extend(['!', '?']);
    text += "end";
    println!("{text} {:?}", text.find('🦀'));
    let bytes = text.as_bytes();
    println!("{:?}", &bytes[..3]);
    let parts: Vec<&str> = text.splitn(3, ' ').collect();
    println!("{parts:?}");
    if let Some((a, b)) = text.split_once(' ') {
        println!("{a}|{b}");
    }
    let upper: Cow<str> = if parts.len() > 2 {
        Cow::Owned(text.to_uppercase())
    } else {
        Cow::Borrowed(&text)
    };
    println!("{upper}");
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    for c in "banana".chars() {
        *counts.entry(c).or_default() += 1;
    }
    println!("{counts:?}");
    let raw = r#"a "quoted" \n"#;
    let multi = "one \
                 line";
    println!("{raw} {multi} {}", "a\tb\u{41}\x42");
    let num = "42".parse::<u8>().map(|n| n + 1);
    println!(
        "{num:?} {:?} {:?}",
        "x".parse::<i32>().is_err(),
        "3.5".parse::<f32>()
    );
    let cs: [char; 2] = ['a', 'b'];
    println!(
        "{} {}",
        String::from_iter(cs),
        cs.iter().rev().collect::<String>()
    );
    println!(
        "{:?} {:?}",
        String::from_utf8(vec![104, 105]),
        std::str::from_utf8(&[0xff]).is_err()
    );
    let trimmed = "  x ".trim_start().trim_end_matches(' ');
    println!(
        "[{trimmed}] {}",
        trimmed.repeat(2).eq_ignore_ascii_case("XX")
    );
    let name = "n";
    let width = 6;
    let prec = 2;
    println!("{name:>width$}|{0:?}|{1:.prec$}|{1:8.1}", 3, 1.23456);
}
