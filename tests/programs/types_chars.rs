// The types char and bool, and escapes in literals.

fn rotate(c: char, by: u8) -> char {
    match c {
        'a'..='z' => ((c as u8 - b'a' + by) % 26 + b'a') as char,
        'A'..='Z' => ((c as u8 - b'A' + by) % 26 + b'A') as char,
        other => other,
    }
}

fn main() {
    let letters = ['a', 'ß', '\u{4e2d}', '\'', '\x41'];
    println!("{letters:?}");
    for c in letters {
        println!("{} {} {}", c.len_utf8(), c.is_alphabetic(), c as u32);
    }
    println!(
        "{}",
        "Hello, World"
            .chars()
            .map(|c| rotate(c, 13))
            .collect::<String>()
    );
    println!("{:?} {:?}", 'x'.to_digit(16), 'f'.to_digit(16));
    println!("{:?} {:?}", char::from_digit(7, 10), char::from_u32(0xd800));
    println!("{} {}", 'ß'.to_uppercase(), 'Q'.to_ascii_lowercase());
    let (yes, no) = (true, false);
    println!("{} {} {}", yes && !no, yes & no, yes ^ no);
    println!("{:?} {:?}", yes.then(|| "some"), no.then_some("none"));
    println!("{} {}", yes as i32 + 1, yes > no);
    println!("tab\tquote\" backslash\\ and {{braces}}");
    println!("{}", r#"raw "text" \n"#);
    println!("{:?}", b"bytes\xff");
    println!(
        "one line \
         only"
    );
    println!("{:?}", ('a'..'e').rev().collect::<Vec<_>>());
    println!("{}", 'é'.escape_unicode());
}
