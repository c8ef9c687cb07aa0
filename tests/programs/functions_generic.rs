// Generic functions with bounds, turbofish calls and generic returns.

use std::fmt::{Debug, Display};
use std::ops::Add;

fn pair_up<A, B>(a: A, b: B) -> (A, B) {
    (a, b)
}

fn largest<T: PartialOrd + Copy>(items: &[T]) -> Option<T> {
    let mut best = *items.first()?;
    for &item in items {
        if item > best {
            best = item;
        }
    }
    Some(best)
}

fn total<T>(items: &[T]) -> T
where
    T: Add<Output = T> + Default + Copy,
{
    items.iter().fold(T::default(), |sum, &item| sum + item)
}

fn join<T: Display>(items: &[T], gap: &str) -> String {
    items.iter().map(T::to_string).collect::<Vec<_>>().join(gap)
}

fn apply<F, T, R>(value: T, f: F) -> R
where
    F: FnOnce(T) -> R,
{
    f(value)
}

fn make<T: Default + Debug>() -> T {
    T::default()
}

fn main() {
    println!("{:?}", pair_up(1, "one"));
    println!("{:?} {:?}", largest(&[3, 9, 4]), largest(&[1.5, 0.5]));
    println!("{:?}", largest::<char>(&[]));
    let sum = total(&[1.5, 2.5]);
    println!("{sum} {}", total::<u8>(&[1, 2, 3]));
    println!("{}", join(&['a', 'b', 'c'], "-"));
    let length = apply(String::from("four"), |s| s.len());
    println!("{length}");
    let empty: String = make();
    println!("{empty:?} {:?}", make::<(i32, bool)>());
}
