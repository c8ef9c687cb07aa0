// Threads: spawn and join, values that are moved, results and named threads.

use std::sync::Arc;
use std::thread;

fn sum_range(from: u64, to: u64) -> u64 {
    (from..to).sum()
}

fn parallel_sum(limit: u64, parts: u64) -> u64 {
    let size = limit / parts;
    let handles: Vec<_> = (0..parts)
        .map(|i| thread::spawn(move || sum_range(i * size, (i + 1) * size)))
        .collect();
    handles
        .into_iter()
        .map(|handle| handle.join().unwrap())
        .sum()
}

fn main() {
    let handle = thread::spawn(|| 2 + 3);
    println!("{}", handle.join().unwrap());
    println!("{}", parallel_sum(1000, 4));
    let data = vec![3, 1, 2];
    let sorter = thread::spawn(move || {
        let mut data = data;
        data.sort();
        data
    });
    println!("{:?}", sorter.join().unwrap());
    let shared = Arc::new(String::from("shared"));
    let handles = ["a", "b", "c"].map(|suffix| {
        let shared = Arc::clone(&shared);
        thread::spawn(move || format!("{shared}-{suffix}"))
    });
    for handle in handles {
        println!("{}", handle.join().unwrap());
    }
    println!("{}", Arc::strong_count(&shared));
    let named = thread::Builder::new().name("worker".to_string());
    let handle = named.spawn(|| thread::current().name().map(str::len));
    println!("{:?}", handle.unwrap().join().unwrap());
    let failed = thread::spawn(|| std::panic::resume_unwind(Box::new(7)));
    println!("{}", failed.join().is_err());
}
