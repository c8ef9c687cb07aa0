// return, break and continue as expressions that end something early.

fn sign(n: i32) -> &'static str {
    if n < 0 {
        return "negative";
    }
    if n == 0 {
        return "zero";
    }
    "positive"
}

fn first_long(words: &[&str]) -> Option<String> {
    for word in words {
        let word: &str = match word.len() {
            0..=3 => continue,
            99.. => return None,
            _ => word,
        };
        return Some(word.to_uppercase());
    }
    None
}

fn nested(limit: u32) -> u32 {
    let mut n = 0;
    let found = 'outer: loop {
        loop {
            n += 1;
            if n * n > limit {
                break 'outer n;
            }
            if n % 3 == 0 {
                break;
            }
        }
    };
    found * 10
}

fn only_prints(text: &str) {
    let Some(c) = text.chars().next() else {
        return println!("nothing");
    };
    println!("starts with {c}");
}

fn main() {
    println!("{} {} {}", sign(-2), sign(0), sign(2));
    println!("{:?}", first_long(&["a", "", "some", "longer"]));
    println!("{}", nested(50));
    only_prints("");
    let closure = |n: u8| {
        if n > 9 {
            return 'x';
        }
        (b'0' + n) as char
    };
    println!("{}{}", closure(7), closure(70));
}
