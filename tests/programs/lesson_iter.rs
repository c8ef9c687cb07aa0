// Iterators: sources, adaptors, consumers.

use std::iter::{self, from_fn, successors, zip};
fn primes() -> impl Iterator<Item = u32> {
    let mut found: Vec<u32> = vec![];
    (2..).filter(move |n| {
        let p = found
            .iter()
            .take_while(|p| *p * *p <= *n)
            .all(|p| n % p != 0);
        if p {
            found.push(*n)
        }
        p
    })
}
fn evens<'a>(xs: &'a [i32]) -> impl Iterator<Item = &'a i32> + 'a {
    xs.iter().filter(|x| **x % 2 == 0)
}
fn boxed(up: bool) -> Box<dyn Iterator<Item = i32>> {
    if up {
        Box::new(0..3)
    } else {
        Box::new((0..3).rev())
    }
}
struct Fib {
    a: u64,
    b: u64,
}
impl Iterator for Fib {
    type Item = u64;
    fn next(&mut self) -> Option<u64> {
        (self.a, self.b) = (self.b, self.a + self.b);
        Some(self.a)
    }
}
struct String2(String);
impl FromIterator<i32> for String2 {
    fn from_iter<I: IntoIterator<Item = i32>>(i: I) -> Self {
        String2(i.into_iter().map(|x| x.to_string()).collect())
    }
}
fn main() {
    let mut ps = primes();
    println!("{:?}", ps.by_ref().take(5).collect::<Vec<_>>());
    println!("{:?}", ps.next());
    let data = vec![1, 2, 3, 4, 5, 6];
    let mut e = evens(&data);
    e.next();
    println!("{:?}", e.collect::<Vec<_>>());
    let windows: Vec<i32> = data.windows(2).map(|w| w[1] - w[0]).collect();
    println!(
        "{windows:?} {:?}",
        data.chunks(4).map(<[i32]>::len).collect::<Vec<_>>()
    );
    let (small, big): (Vec<&i32>, Vec<&i32>) = data.iter().partition(|x| **x < 3);
    println!("{small:?} {big:?}");
    let mut counter = 0;
    let mut tick = from_fn(|| {
        counter += 1;
        (counter < 4).then_some(counter)
    });
    println!("{:?}", tick.next());
    println!("{:?}", tick.collect::<Vec<_>>());
    println!("{counter}");
    println!(
        "{:?}",
        successors(Some(1u32), |x| x.checked_mul(1000)).collect::<Vec<_>>()
    );
    let scan: Vec<_> = data
        .iter()
        .scan(0, |s, x| {
            *s += x;
            Some(*s)
        })
        .collect();
    println!("{scan:?}");
    let names = ["a", "b"];
    let zipped: Vec<(&str, &i32)> = zip(names, &data).collect();
    println!("{zipped:?}");
    let (l, r): (Vec<&str>, Vec<i32>) = zipped.iter().map(|(a, b)| (*a, **b)).unzip();
    println!("{l:?} {r:?}");
    let mut it = data
        .iter()
        .copied()
        .enumerate()
        .skip(1)
        .step_by(2)
        .peekable();
    println!("{:?}", it.peek());
    println!("{:?}", it.size_hint());
    let rest = it.map(|(i, x)| i as i32 * x).sum::<i32>();
    println!("{rest}");
    println!(
        "{:?}",
        boxed(true).chain(boxed(false)).collect::<String2>().0
    );
    println!(
        "{:?}",
        Fib { a: 0, b: 1 }
            .skip_while(|x| *x < 10)
            .step_by(2)
            .take(3)
            .collect::<Vec<_>>()
    );
    let longest = ["aa", "b", "cc"].iter().max_by_key(|s| s.len());
    println!("{longest:?} {:?}", "b,a".split(',').min());
    let nested = vec![vec![1], vec![], vec![2, 3]];
    let flat = nested.iter().flatten().rev();
    println!("{:?}", flat.clone().map(|x| x * x).collect::<Vec<_>>());
    println!("{:?} {}", flat.clone().position(|x| *x == 2), flat.count());
    println!(
        "{:?}",
        iter::repeat_with(|| 7)
            .take(2)
            .chain(iter::once(1))
            .chain(iter::empty())
            .collect::<Vec<_>>()
    );
    let mut sorted = vec!["pear", "fig", "apple"];
    sorted.sort_unstable_by_key(|s| std::cmp::Reverse(s.len()));
    sorted.dedup();
    sorted.retain(|s| *s != "fig");
    println!(
        "{sorted:?} {:?}",
        sorted.binary_search_by(|s| s.cmp(&"zzz"))
    );
    let drained: Vec<_> = sorted.drain(..1).collect();
    println!(
        "{drained:?} {sorted:?} {:?}",
        sorted.first().zip(drained.last())
    );
}
