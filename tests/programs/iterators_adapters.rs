// Iterator adapters and consumers.

use std::iter;

fn primes() -> impl Iterator<Item = u32> {
    (2_u32..).filter(|n| (2..*n).take_while(|d| d * d <= *n).all(|d| n % d != 0))
}

fn show(items: impl Iterator<Item = u32>) {
    println!("{:?}", items.collect::<Vec<_>>());
}

fn main() {
    show(primes().take(8));
    show(primes().skip_while(|&p| p < 50).step_by(2).take(2));
    let words = ["apple", "fig", "plum", "kiwi"];
    println!("{:?}", words.iter().max_by_key(|w| w.len()));
    let (long, short): (Vec<&str>, Vec<&str>) = words.iter().partition(|w| w.len() > 3);
    println!("{long:?} {short:?}");
    show((1..=3).flat_map(|n| [n; 2]));
    let factorials = (1..=5_u32).scan(1, |product, n| {
        *product *= n;
        Some(*product)
    });
    show(factorials);
    show(iter::successors(Some(1_u32), |n| n.checked_mul(1000)));
    let (odd, letters): (Vec<i32>, String) = [1, 3].into_iter().zip("ab".chars()).unzip();
    println!("{odd:?} {letters}");
    let digits = (1..=4).rev().map(|n| n.to_string());
    println!("{:?}", digits.reduce(|a, b| a + &b));
    println!("{:?} {:?}", (1..9).find(|n| n % 4 == 0), (5..9).max());
    println!("{} {}", (1..4).any(|n| n == 2), (1..4).all(|n| n == 2));
    let sum: i32 = (0..3).chain(7..9).inspect(|n| println!("at {n}")).sum();
    println!("{sum}");
    show([3, 1, 2].into_iter().cycle().skip(2).take(5));
    let mut numbers = (1..10_u32).peekable();
    while numbers.next_if(|n| *n < 4).is_some() {}
    println!("{:?}", numbers.peek());
    show(numbers.by_ref().take(2));
    println!("{:?}", numbers.size_hint());
    let flat = [vec![100_i8], vec![], vec![20, 30]].into_iter().flatten();
    println!("{:?}", flat.clone().try_fold(0_i8, |s, n| s.checked_add(n)));
    println!("{:?} {:?}", flat.clone().last(), flat.count());
    println!("{}", [1, 2].iter().lt([1, 3].iter()));
}
