// BTreeMap, BTreeSet and BinaryHeap.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Task {
    urgency: u8,
    name: &'static str,
}

fn shortest(edges: &[(char, char, u32)], from: char, to: char) -> Option<u32> {
    let mut heap = BinaryHeap::from([Reverse((0, from))]);
    let mut done = BTreeSet::new();
    while let Some(Reverse((cost, node))) = heap.pop() {
        if node == to {
            return Some(cost);
        }
        if done.insert(node) {
            let next = edges.iter().filter(|edge| edge.0 == node);
            heap.extend(next.map(|&(_, end, length)| Reverse((cost + length, end))));
        }
    }
    None
}

fn main() {
    let mut map: BTreeMap<i32, &str> = [(3, "three"), (1, "one"), (7, "seven")].into();
    map.insert(5, "five");
    println!("{map:?}");
    println!("{:?}", map.first_key_value());
    println!("{:?}", map.pop_last());
    println!("{:?}", map.range(2..).map(|(k, _)| *k).collect::<Vec<_>>());
    let high = map.split_off(&4);
    println!("{map:?} {high:?}");
    let set: BTreeSet<char> = "mississippi".chars().collect();
    println!("{set:?} {:?}", set.range('n'..).next());
    let mut tasks: BinaryHeap<Task> = BinaryHeap::new();
    tasks.push(Task {
        urgency: 2,
        name: "wash",
    });
    tasks.push(Task {
        urgency: 9,
        name: "cook",
    });
    println!("{:?} {}", tasks.peek().map(|task| task.name), tasks.len());
    println!("{:?}", tasks.into_sorted_vec());
    let edges = [
        ('a', 'b', 7_u32),
        ('a', 'c', 2),
        ('c', 'b', 3),
        ('b', 'd', 1),
    ];
    println!(
        "{:?} {:?}",
        shortest(&edges, 'a', 'd'),
        shortest(&edges, 'd', 'a')
    );
}
