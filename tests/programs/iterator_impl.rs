// Implementing Iterator, DoubleEndedIterator, IntoIterator and FromIterator.

struct Steps {
    from: i32,
    to: i32,
}

impl Iterator for Steps {
    type Item = i32;

    fn next(&mut self) -> Option<i32> {
        (self.from < self.to).then(|| {
            self.from += 1;
            self.from - 1
        })
    }
}

impl DoubleEndedIterator for Steps {
    fn next_back(&mut self) -> Option<i32> {
        (self.from < self.to).then(|| {
            self.to -= 1;
            self.to
        })
    }
}

#[derive(Debug)]
struct Bag(Vec<i32>);

impl IntoIterator for Bag {
    type Item = i32;
    type IntoIter = std::vec::IntoIter<i32>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl FromIterator<i32> for Bag {
    fn from_iter<I: IntoIterator<Item = i32>>(items: I) -> Self {
        Bag(items.into_iter().collect())
    }
}

fn main() {
    let mut steps = Steps { from: 0, to: 6 };
    println!("{:?} {:?}", steps.next(), steps.next_back());
    println!("{:?}", steps.by_ref().take(2).collect::<Vec<_>>());
    println!("{:?} {:?}", steps.last(), Steps { from: 3, to: 3 }.next());
    let bag: Bag = Steps { from: 1, to: 5 }.map(|n| n * n).rev().collect();
    println!("{bag:?}");
    for (i, n) in bag.into_iter().enumerate() {
        println!("{i}: {n}");
    }
    let pairs = Steps { from: 0, to: 3 }.zip("xyz".chars());
    println!("{:?}", pairs.collect::<Vec<_>>());
}
