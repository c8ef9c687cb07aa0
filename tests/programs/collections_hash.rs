// HashMap and HashSet, with sorted output.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};

fn word_count(text: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for word in text.split_whitespace() {
        *counts.entry(word.to_lowercase()).or_insert(0) += 1;
    }
    counts
}

fn sorted<T: Ord + Clone>(set: &HashSet<T>) -> Vec<T> {
    let mut items: Vec<T> = set.iter().cloned().collect();
    items.sort();
    items
}

fn main() {
    let mut counts: Vec<_> = word_count("the cat and The dog and the end")
        .into_iter()
        .collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    for (word, count) in &counts {
        println!("{word}: {count}");
    }
    let mut stock: HashMap<&str, i32> = HashMap::from([("nut", 4), ("bolt", 0)]);
    println!(
        "{:?} {:?}",
        stock.insert("nut", 5),
        stock.insert("screw", 1)
    );
    println!("{:?} {:?}", stock.get("nut"), stock.get("none"));
    if let Entry::Occupied(entry) = stock.entry("bolt") {
        println!("removed {:?}", entry.remove_entry());
    }
    stock.entry("nut").and_modify(|n| *n *= 10).or_insert(1);
    println!(
        "{} {} {}",
        stock["nut"],
        stock.len(),
        stock.contains_key("bolt")
    );
    stock.retain(|_, n| *n > 1);
    println!("{stock:?}");
    let a: HashSet<u32> = (1..6).collect();
    let b: HashSet<u32> = HashSet::from([4, 5, 6]);
    println!("{:?} {:?}", sorted(&(&a & &b)), sorted(&(&a - &b)));
    println!("{:?} {:?}", sorted(&(&a | &b)), sorted(&(&a ^ &b)));
    println!("{} {}", a.is_disjoint(&b), a.is_superset(&[1, 2].into()));
}
