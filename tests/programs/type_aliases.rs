// Type aliases, plain and generic, and aliases of functions and results.

use std::collections::BTreeMap;

type Meters = f64;
type Grid<T> = Vec<Vec<T>>;
type Index = BTreeMap<String, Vec<usize>>;
type Operation = fn(i32, i32) -> i32;
type Result<T, E = String> = std::result::Result<T, E>;
type Pair<T, U = T> = (T, U);

struct Counter<T>(Vec<T>);

type ByteCounter = Counter<u8>;

impl ByteCounter {
    fn total(&self) -> u32 {
        self.0.iter().map(|&b| u32::from(b)).sum()
    }
}

fn distance(a: Meters, b: Meters) -> Meters {
    (a - b).abs()
}

fn index(text: &str) -> Index {
    let mut index = Index::new();
    for (place, word) in text.split_whitespace().enumerate() {
        index.entry(word.to_string()).or_default().push(place);
    }
    index
}

fn check(n: i32) -> Result<i32> {
    if n < 0 {
        Err(format!("{n} is negative"))
    } else {
        Ok(n)
    }
}

fn main() {
    println!("{}", distance(2.5, 4.0));
    let mut grid: Grid<char> = vec![vec!['.'; 3]; 2];
    grid[1][2] = '#';
    println!("{grid:?}");
    println!("{:?}", index("to be or not to be"));
    let operation: Operation = |a, b| a * b;
    println!("{}", operation(6, 7));
    println!("{:?} {:?}", check(1), check(-1));
    println!("{}", ByteCounter { 0: vec![200, 100] }.total());
    let pair: Pair<u8> = (1, 2);
    let mixed: Pair<u8, &str> = (3, "three");
    println!("{pair:?} {mixed:?}");
}
