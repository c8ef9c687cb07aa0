// Statics, locks, once cells, conditions, and barriers.

use std::collections::HashMap;
use std::sync::{
    Arc, Barrier, Condvar, LazyLock, Mutex, MutexGuard, Once, OnceLock, RwLock, atomic::*, mpsc,
};
use std::thread::{self, scope};
use std::time::{Duration, Instant};
static NAMES: LazyLock<RwLock<HashMap<u32, String>>> =
    LazyLock::new(|| RwLock::new(HashMap::new()));
static TOTAL: Mutex<u64> = Mutex::new(0);
static READY: AtomicBool = AtomicBool::new(false);
static CONFIG: OnceLock<String> = OnceLock::new();
static START: Once = Once::new();
fn config() -> &'static str {
    CONFIG.get_or_init(|| "set".to_string())
}
fn total() -> MutexGuard<'static, u64> {
    TOTAL.lock().unwrap()
}
struct Gate {
    open: Mutex<bool>,
    bell: Condvar,
}
impl Gate {
    fn wait(&self) {
        let guard = self.open.lock().unwrap();
        drop(self.bell.wait_while(guard, |open| !*open).unwrap());
    }
    fn open(&self) {
        *self.open.lock().unwrap() = true;
        self.bell.notify_all();
    }
}
fn main() {
    let mut numbers = vec![1, 2, 3, 4];
    let sum = scope(|s| {
        let (l, r) = numbers.split_at(2);
        let a = s.spawn(|| l.iter().sum::<i32>());
        let b = s.spawn(|| r.iter().sum::<i32>());
        a.join().unwrap() + b.join().unwrap()
    });
    println!("{sum}");
    scope(|s| {
        for n in &mut numbers {
            s.spawn(move || *n *= 2);
        }
    });
    println!("{numbers:?}");
    let handles: Vec<_> = (1..=4)
        .map(|i| {
            thread::spawn(move || {
                NAMES.write().unwrap().insert(i, format!("n{i}"));
                *total() += i as u64;
            })
        })
        .collect();
    for h in handles {
        h.join().unwrap();
    }
    println!("{} {}", NAMES.read().unwrap().len(), total());
    let names = NAMES.read().unwrap();
    let mut keys: Vec<_> = names.keys().collect();
    keys.sort();
    println!("{keys:?} {}", names[&2]);
    drop(names);
    START.call_once(|| println!("once"));
    START.call_once(|| println!("twice"));
    println!("{} {}", config(), START.is_completed());
    let gate = Arc::new(Gate {
        open: Mutex::new(false),
        bell: Condvar::new(),
    });
    let waiter = {
        let gate = gate.clone();
        thread::Builder::new()
            .name("waiter".into())
            .spawn(move || {
                gate.wait();
                thread::current().name().map(str::to_owned)
            })
            .unwrap()
    };
    READY.store(true, Ordering::Release);
    gate.open();
    println!("{:?}", waiter.join().unwrap());
    let barrier = Barrier::new(3);
    let leaders = scope(|s| {
        let hs: Vec<_> = (0..3)
            .map(|_| s.spawn(|| barrier.wait().is_leader() as u32))
            .collect();
        hs.into_iter().map(|h| h.join().unwrap()).sum::<u32>()
    });
    println!("{leaders}");
    let (tx, rx) = mpsc::sync_channel::<i32>(1);
    let producer = thread::spawn(move || {
        for i in 0..4 {
            tx.send(i).unwrap();
        }
    });
    let got: Vec<i32> = rx.iter().collect();
    producer.join().unwrap();
    println!("{got:?}");
    let start = Instant::now();
    thread::sleep(Duration::from_millis(5));
    let took = start.elapsed();
    println!("{}", took >= Duration::from_millis(5));
    let r = thread::spawn(|| -> u32 { panic!("oops") }).join();
    let message = r.unwrap_err().downcast_ref::<&str>().map(|s| s.to_string());
    println!("{message:?}");
    let poisoned = Arc::new(Mutex::new(1));
    let p = poisoned.clone();
    let _ = thread::spawn(move || {
        let _g = p.lock().unwrap();
        panic!("poison")
    })
    .join();
    let value = poisoned.lock().unwrap_or_else(|e| e.into_inner());
    println!("{} {}", *value, poisoned.is_poisoned());
    drop(value);
    let parked = thread::spawn(|| {
        while !READY.load(Ordering::Acquire) {
            thread::park();
        }
        "unparked"
    });
    parked.thread().unpark();
    println!("{}", parked.join().unwrap());
}
