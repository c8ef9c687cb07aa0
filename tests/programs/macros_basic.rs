// Macros by example: several arms, repetitions and a trailing comma.

use std::collections::BTreeMap;

macro_rules! square {
    ($x:expr) => {
        $x * $x
    };
}

macro_rules! largest {
    ($x:expr) => { $x };
    ($x:expr, $($rest:expr),+) => {{
        let a = $x;
        let b = largest!($($rest),+);
        if a > b { a } else { b }
    }};
}

macro_rules! map {
    () => { BTreeMap::new() };
    ($($key:expr => $value:expr),+ $(,)?) => {
        BTreeMap::from([$(($key, $value)),+])
    };
}

macro_rules! count {
    (@one $item:tt) => { 1 };
    ($($item:tt)*) => { 0 $(+ count!(@one $item))* };
}

macro_rules! say {
    ($($arg:tt)*) => { println!("say: {}", format!($($arg)*)) };
}

fn main() {
    let nine = square!(3);
    println!("{nine} {}", square!(1 + 4));
    println!("largest: {}", largest!(4, 17, 9));
    let ages = map! { "Ann" => 31, "Bob" => 28, };
    for (name, age) in &ages {
        println!("{name} is {age}");
    }
    let mut empty: BTreeMap<u8, u8> = map!();
    empty.insert(1, 2);
    println!("{empty:?}");
    println!("{} tokens, {} tokens", count!(), count!(a (b c) + 4));
    say!("{} and {:?}", 1, "two");
    say!("{nine:>4}");
}
