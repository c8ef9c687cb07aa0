// Atomics: counters, flags, compare and exchange, and a tiny spin lock.

use std::hint::spin_loop;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering, fence};
use std::thread;

static HITS: AtomicU32 = AtomicU32::new(0);

#[derive(Default)]
struct SpinLock {
    locked: AtomicBool,
}

impl SpinLock {
    fn with<R>(&self, work: impl FnOnce() -> R) -> R {
        while self.locked.swap(true, Ordering::Acquire) {
            spin_loop();
        }
        let result = work();
        self.locked.store(false, Ordering::Release);
        result
    }
}

fn hit(times: u32) {
    for _ in 0..times {
        HITS.fetch_add(1, Ordering::Relaxed);
    }
}

fn main() {
    let handles = [10, 20, 30].map(|n| thread::spawn(move || hit(n)));
    handles.into_iter().for_each(|h| h.join().unwrap());
    println!("{}", HITS.load(Ordering::SeqCst));
    let value = AtomicI64::new(5);
    for new in [6, 7] {
        let result = value.compare_exchange(5, new, Ordering::SeqCst, Ordering::SeqCst);
        println!("{result:?}");
    }
    println!("{}", value.fetch_max(50, Ordering::Relaxed));
    println!("{}", value.swap(1, Ordering::Relaxed));
    let data = Arc::new((AtomicI64::new(0), AtomicBool::new(false)));
    let writer = Arc::clone(&data);
    let handle = thread::spawn(move || {
        writer.0.store(42, Ordering::Relaxed);
        fence(Ordering::Release);
        writer.1.store(true, Ordering::Relaxed);
    });
    while !data.1.load(Ordering::Acquire) {
        thread::yield_now();
    }
    println!("{}", data.0.load(Ordering::Relaxed));
    handle.join().unwrap();
    let lock = SpinLock::default();
    println!("{}", lock.with(|| value.into_inner() + 1));
}
