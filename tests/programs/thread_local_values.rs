// thread_local! with Cell, RefCell and a lazy start value.

use std::cell::{Cell, RefCell};
use std::thread;

thread_local! {
    static COUNTER: Cell<u32> = const { Cell::new(0) };
    static LOG: RefCell<Vec<String>> = RefCell::new(vec!["start".to_string()]);
}

fn next() -> u32 {
    COUNTER.with(|counter| {
        counter.set(counter.get() + 1);
        counter.get()
    })
}

fn log(text: &str) {
    LOG.with_borrow_mut(|log| log.push(text.to_string()));
}

fn history() -> String {
    LOG.with_borrow(|log| log.join(","))
}

fn main() {
    println!("{} {}", next(), next());
    log("main");
    println!("{}", history());
    let other = thread::spawn(|| {
        log("other");
        (next(), history())
    });
    println!("{:?}", other.join().unwrap());
    println!("{} {}", next(), history());
    COUNTER.set(100);
    println!("{}", next());
    let taken = LOG.take();
    println!("{taken:?} {:?}", history());
    let threads = (0..3).map(|n| thread::spawn(move || (0..n).map(|_| next()).sum::<u32>()));
    let sums: Vec<u32> = threads.map(|handle| handle.join().unwrap()).collect();
    println!("{sums:?}");
}
