// Iterators over earlier variables, advanced in later statements.

use std::collections::BTreeMap;

fn take_two<'a>(items: &mut impl Iterator<Item = &'a i32>) -> i32 {
    items.next().unwrap_or(&0) + items.next().unwrap_or(&0)
}

fn main() {
    let numbers = vec![1, 2, 3, 4, 5, 6];
    let mut iter = numbers.iter();
    println!("{:?} {:?}", iter.next(), iter.next_back());
    println!("{}", take_two(&mut iter));
    println!("{:?}", iter.as_slice());
    let mut evens = numbers.iter().filter(|n| *n % 2 == 0).enumerate();
    println!("{:?}", evens.next());
    println!("{:?}", evens.last());
    let text = String::from("a1b2");
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next) => println!("{c} before {next}"),
            None => println!("{c} at the end"),
        }
    }
    let mut map = BTreeMap::from([("x", 1), ("y", 2)]);
    for (key, value) in map.iter_mut() {
        *value += key.len() as i32;
    }
    let keys = map.keys();
    let values = map.values().rev();
    println!("{:?}", keys.zip(values).collect::<Vec<_>>());
    let mut cells = [0; 4];
    {
        let mut writer = cells.iter_mut();
        if let Some(cell) = writer.next() {
            *cell = 7;
        }
        writer.by_ref().take(2).for_each(|cell| *cell = 8);
    }
    println!("{cells:?}");
}
