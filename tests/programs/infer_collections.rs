// Collections whose types are known only from later statements.

use std::collections::{BTreeMap, HashSet, VecDeque};

fn total(values: &[u16]) -> u32 {
    values.iter().map(|&v| u32::from(v)).sum()
}

fn main() {
    let mut bytes = Vec::new();
    let mut map = BTreeMap::new();
    let mut set = HashSet::new();
    let mut nested = vec![Vec::new(), Vec::new()];
    println!("nothing is known yet");
    bytes.push(1u8);
    bytes.push(200);
    println!("{bytes:?}");
    map.insert("a", vec![]);
    map.entry("b").or_insert_with(Vec::new).push(1.5_f32);
    println!("{map:?}");
    set.insert(('x', 1_i64));
    println!("{}", set.contains(&('x', 1)));
    nested[1].push(String::from("deep"));
    println!("{nested:?}");
    let values = [1, 2, 3];
    println!("{}", total(&values));
    let mut queue = VecDeque::with_capacity(4);
    println!("{}", queue.is_empty());
    queue.push_back(Some('q'));
    println!("{queue:?}");
    let collected = "3 4".split(' ').flat_map(str::parse).collect::<Vec<_>>();
    let first: i8 = collected[0];
    println!("{first} {}", collected.len());
}
