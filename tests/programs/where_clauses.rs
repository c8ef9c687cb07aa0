// Generics with where clauses on functions, structs, impls and traits.

use std::collections::BTreeMap;
use std::fmt::{Debug, Display};
use std::iter::Sum;

struct Pair<A, B>
where
    A: Clone,
{
    left: A,
    right: B,
}

impl<A, B> Pair<A, B>
where
    A: Clone + Display,
    B: Debug,
{
    fn show(&self) -> String {
        format!("{}|{:?}", self.left.clone(), self.right)
    }
}

fn total<T>(items: &[T]) -> f64
where
    for<'a> f64: Sum<&'a T>,
{
    items.iter().sum()
}

fn tally<I>(items: I) -> BTreeMap<I::Item, usize>
where
    I: IntoIterator,
    I::Item: Ord,
{
    items.into_iter().fold(BTreeMap::new(), |mut map, item| {
        *map.entry(item).or_insert(0) += 1;
        map
    })
}

fn main() {
    let pair = Pair {
        left: 'a',
        right: [1, 2],
    };
    println!("{}", pair.show());
    println!("{}", total(&[1.0, 2.0, 6.0]));
    let counts = tally("hello".chars());
    println!("{counts:?}");
    println!("{:?}", tally(vec![3, 1, 3]));
    println!("{}", counts.values().sum::<usize>());
}
