// Every kind of pattern: literals, ranges, paths, or-patterns, slices, rest and more.

const LIMIT: i32 = 100;

enum Unit {
    A,
    B(i32),
}

fn number(n: i32) -> &'static str {
    match n {
        i32::MIN..=-1 => "negative",
        0 => "zero",
        1 | 2 | 3 => "few",
        LIMIT => "the limit",
        4..LIMIT => "many",
        _ => "too many",
    }
}

fn letter(c: char) -> &'static str {
    match c {
        'a' | 'e' | 'i' | 'o' | 'u' => "vowel",
        'a'..='z' => "consonant",
        _ => "other",
    }
}

fn slice(items: &[i32]) -> String {
    match items {
        [] => "empty".into(),
        [one] => format!("one: {one}"),
        [first, .., last] if first == last => format!("same ends: {first}"),
        [first, middle @ .., last] => format!("{first} {middle:?} {last}"),
    }
}

fn deep(value: &Option<Box<(i32, Unit)>>) -> i32 {
    match value.as_deref() {
        None => 0,
        Some((n @ (1 | 5), Unit::A)) => *n,
        Some(&(_, Unit::B(n))) => n,
        Some((..)) => -1,
    }
}

fn main() {
    println!("{} {} {}", number(-5), number(2), number(50));
    println!("{} {} {}", number(0), number(100), number(101));
    println!("{} {} {}", letter('e'), letter('x'), letter('!'));
    println!("{} / {}", slice(&[]), slice(&[4]));
    println!("{} / {}", slice(&[1, 2, 1]), slice(&[1, 2, 3, 4]));
    let five = Some(Box::new((5, Unit::A)));
    println!("{} {}", deep(&five), deep(&None));
    println!("{}", deep(&Some(Box::new((0, Unit::B(42))))));
    let (ref_count, "text" | "other") = (1, "text") else {
        panic!()
    };
    println!("{ref_count}");
}
