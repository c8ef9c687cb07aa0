// match: guards, bindings with @, nested matches and matches!.

use std::cmp::Ordering::{Equal, Greater, Less};

fn fizz(n: u32) -> String {
    match (n % 3, n % 5) {
        (0, 0) => "FizzBuzz".to_string(),
        (0, _) => "Fizz".to_string(),
        (_, 0) => "Buzz".to_string(),
        _ => n.to_string(),
    }
}

fn grade(points: Option<u32>) -> char {
    match points {
        Some(p) if p > 100 => '?',
        Some(90..) => 'A',
        Some(p @ 70..=89) if p % 2 == 0 => 'B',
        Some(p) => match p / 10 {
            6..=8 => 'C',
            _ => 'D',
        },
        None => '-',
    }
}

fn compare(a: i32, b: i32) -> &'static str {
    match a.cmp(&b) {
        Less => "<",
        Equal => "=",
        Greater => ">",
    }
}

fn price(age: u8, member: bool) -> u32 {
    match (age, member) {
        (0..=5, _) => 0,
        (_, true) | (65.., _) => 7,
        (years, false) if years < 18 => 8,
        _ => 10,
    }
}

fn main() {
    let line: Vec<String> = (1..=15).map(fizz).collect();
    println!("{}", line.join(" "));
    let grades: String = [Some(95), Some(80), Some(71), Some(12), None]
        .map(grade)
        .iter()
        .collect();
    println!("{grades}");
    println!("{} {} {}", compare(1, 2), compare(2, 2), compare(3, 2));
    println!("{} {}", price(3, false), price(30, true));
    println!("{} {}", price(12, false), price(40, false));
    match grades.len() {
        n @ (1 | 2) => println!("short {n}"),
        n => println!("long {n}"),
    }
    println!("{}", matches!(grades.chars().next(), Some('A'..='C')));
}
