// impl Trait in arguments and returns, dyn returns, and captured lifetimes.

use std::fmt::{Debug, Display};

fn evens(limit: u32) -> impl Iterator<Item = u32> + Clone {
    (0..limit).filter(|n| n % 2 == 0)
}

fn show(items: impl IntoIterator<Item = impl Display>) -> String {
    let parts: Vec<String> = items.into_iter().map(|item| item.to_string()).collect();
    parts.join(",")
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(' ').filter(|word| !word.is_empty())
}

fn sorted<T: Ord>(mut items: Vec<T>) -> impl IntoIterator<Item = T> + Debug
where
    T: Debug,
{
    items.sort();
    items
}

trait Source {
    fn lines(&self) -> impl Iterator<Item = String>;
}

struct Repeat(&'static str, usize);

impl Source for Repeat {
    fn lines(&self) -> impl Iterator<Item = String> {
        (1..=self.1).map(|n| self.0.repeat(n))
    }
}

fn count_down(from: u8, quick: bool) -> Box<dyn Iterator<Item = u8>> {
    if quick {
        Box::new(std::iter::once(from))
    } else {
        Box::new((0..=from).rev())
    }
}

fn main() {
    let numbers = evens(9);
    println!("{}", show(numbers.clone()));
    println!("{}", numbers.sum::<u32>());
    println!("{}", show(words("one  two three")));
    {
        let list = sorted(vec![3, 1, 2]);
        println!("{list:?}");
        println!("{}", list.into_iter().map(|n| n * n).max().unwrap());
    }
    println!("{}", show(Repeat("ab", 3).lines()));
    println!(
        "{} {}",
        show(count_down(3, false)),
        show(count_down(3, true))
    );
}
