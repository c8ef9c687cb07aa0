// Mutex and RwLock shared by threads.

use std::sync::{Arc, Mutex, RwLock};
use std::thread;

#[derive(Debug, Default)]
struct Stats {
    count: u32,
    total: u64,
}

impl Stats {
    fn add(&mut self, value: u64) {
        self.count += 1;
        self.total += value;
    }
}

fn record(stats: &Mutex<Stats>, values: &[u64]) {
    for &value in values {
        stats.lock().unwrap().add(value);
    }
}

fn main() {
    let stats = Arc::new(Mutex::new(Stats::default()));
    let handles: Vec<_> = (1..=4)
        .map(|n| {
            let stats = Arc::clone(&stats);
            thread::spawn(move || record(&stats, &[n, n * 10]))
        })
        .collect();
    for handle in handles {
        handle.join().unwrap();
    }
    println!("{:?}", stats.lock().unwrap());
    {
        let mut guard = stats.lock().unwrap();
        guard.total = 0;
        println!("{}", stats.try_lock().is_err());
    }
    println!("{}", stats.lock().unwrap().total);
    let table = Arc::new(RwLock::new(vec![1, 2, 3]));
    let reader = Arc::clone(&table);
    let sum = thread::spawn(move || reader.read().unwrap().iter().sum::<i32>());
    println!("{}", sum.join().unwrap());
    table.write().unwrap().push(4);
    {
        let items = table.read().unwrap();
        println!(
            "{} {:?} {}",
            items.len(),
            items.last(),
            table.try_write().is_err()
        );
    }
    let inner = Arc::try_unwrap(table).unwrap().into_inner().unwrap();
    println!("{inner:?}");
}
