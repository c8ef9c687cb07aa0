// Constants, statics, associated constants and static atomics.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

const SECONDS_PER_DAY: u32 = 24 * 60 * 60;
const PRIMES: [u32; 5] = [2, 3, 5, 7, 11];
const _: () = assert!(PRIMES.len() == 5);

static GREETING: &str = "hello";
static CALLS: AtomicUsize = AtomicUsize::new(0);
static LOG: Mutex<Vec<String>> = Mutex::new(Vec::new());

struct Circle;

impl Circle {
    const SIDES: u32 = 1;
    const CORNERS: u32 = Self::SIDES - 1;
}

fn log(message: &str) -> usize {
    LOG.lock().unwrap().push(message.to_uppercase());
    CALLS.fetch_add(1, Ordering::SeqCst) + 1
}

fn next_id() -> u32 {
    static NEXT: AtomicUsize = AtomicUsize::new(100);
    NEXT.fetch_add(1, Ordering::Relaxed) as u32
}

fn main() {
    println!("{SECONDS_PER_DAY}");
    println!("{}", PRIMES.iter().sum::<u32>());
    println!("{GREETING} {}", GREETING.len());
    println!("{}", log("first"));
    println!("{}", log("second"));
    println!("{:?}", LOG.lock().unwrap());
    println!("{}", CALLS.load(Ordering::SeqCst));
    println!("{} {}", next_id(), next_id());
    println!("{} {}", Circle::SIDES, Circle::CORNERS);
    const LOCAL: i8 = -5;
    println!("{}", LOCAL.abs());
}
