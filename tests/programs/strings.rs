// Strings: building, searching, splitting, replacing and UTF-8.

use std::fmt::Write;

fn caesar(text: &str, shift: u8) -> String {
    text.bytes()
        .map(|b| match b {
            b'a'..=b'z' => ((b - b'a' + shift) % 26 + b'a') as char,
            _ => b as char,
        })
        .collect()
}

fn is_palindrome(text: &str) -> bool {
    let letters = text.to_lowercase().replace(' ', "");
    letters.chars().eq(letters.chars().rev())
}

fn main() {
    let mut text = String::with_capacity(16);
    text.push_str("hello");
    text.push(' ');
    text += "world";
    println!("{text} {} {}", text.len(), text.contains("lo w"));
    text.insert_str(5, ",");
    println!("{:?} {:?}", text.find('o'), text.rfind("o"));
    println!("{:?} {:?}", text.pop(), text.remove(0));
    println!("{}", text.replace('l', "L"));
    println!("{:?}", text.split(", ").collect::<Vec<_>>());
    println!("{:?}", "key=a=b".split_once('='));
    println!("{:?}", "a,b,,c".splitn(3, ',').collect::<Vec<_>>());
    println!("[{}] [{}]", "  x ".trim_end(), "xxaxx".trim_matches('x'));
    println!(
        "{} {}",
        caesar("abc xyz", 3),
        is_palindrome("Never odd or even")
    );
    let word = "naïve";
    println!(
        "{} {} {:?}",
        word.len(),
        word.chars().count(),
        word.char_indices().nth(3)
    );
    println!("{} {:?}", &word[..2], word.get(..3));
    println!("{:?}", String::from_utf8(vec![0xff]).is_err());
    let mut out = String::new();
    for n in 1..=3 {
        write!(out, "{n}-").unwrap();
    }
    writeln!(out, "end").unwrap();
    print!("{out}");
    println!("{}", ["a", "b"].concat() + &"c".repeat(2));
    println!(
        "{:?}",
        "one\ntwo\r\n".lines().map(str::len).collect::<Vec<_>>()
    );
    println!("{}", "apple" < "banana" && "Z" < "a");
}
