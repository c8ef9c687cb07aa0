// Range expressions of all kinds.

use std::ops::{Bound, RangeBounds};

fn clip(range: impl RangeBounds<usize>, text: &str) -> String {
    let start = match range.start_bound() {
        Bound::Included(&n) => n,
        Bound::Excluded(&n) => n + 1,
        Bound::Unbounded => 0,
    };
    let end = match range.end_bound() {
        Bound::Included(&n) => n + 1,
        Bound::Excluded(&n) => n,
        Bound::Unbounded => text.len(),
    };
    text[start..end].to_string()
}

fn main() {
    let half_open = 1..4;
    println!("{half_open:?} {}", half_open.len());
    let closed = 1..=4;
    println!("{:?} {}", closed, closed.clone().sum::<i32>());
    println!("{:?} {:?} {:?} {:?}", .., 2.., ..5, ..=6);
    println!("{} {}", (1..4).contains(&4), (..=4).contains(&4));
    println!("{} {}", clip(1..3, "hello"), clip(..=1, "hello"));
    println!("{} {}", clip(2.., "hello"), clip(.., "hello"));
    for i in (0..10).rev().step_by(3) {
        println!("{i}");
    }
    let letters: String = ('a'..='f').collect();
    println!("{letters}");
    let data = [10, 20, 30, 40, 50];
    println!("{:?} {:?}", &data[1..3], &data[3..]);
    println!("{} {}", (5..5).is_empty(), (1.5..2.5).contains(&2.0));
    let mut range = 0..3;
    println!("{:?} {:?}", range.next(), range.next_back());
    println!("{} {}", range.start, range.end);
    println!("{}", clip((Bound::Excluded(1), Bound::Unbounded), "hello"));
}
