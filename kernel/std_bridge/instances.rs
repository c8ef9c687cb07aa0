//! Instantiates generic functions with the types that cells commonly use, so that rustc compiles these instances once for all
//! cells. Nothing calls this code.
//!
//! rustc reuses an instance of a generic function from another crate if that crate has one and neither crate is optimised.

use crate::Variables;
use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt::Debug;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, RwLock, mpsc};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub fn make_variables(store: &mut Variables) {
    keep(store, ());
    keep(store, 0_i32);
    keep(store, 0_u32);
    keep(store, 0_u64);
    keep(store, 0_usize);
    keep(store, 0.0_f64);
    keep(store, false);
    keep(store, "");
    keep(store, String::new());
    keep(store, vec![0_i32]);
    keep(store, vec![0_u64]);
    keep(store, vec![0_usize]);
    keep(store, vec![0.0_f64]);
    keep(store, vec![""]);
    keep(store, vec![String::new()]);
    keep(store, Arc::new(Mutex::new(0_i32)));
    keep(store, Arc::new(AtomicUsize::new(0)));
    keep(store, Instant::now());
}

fn keep<T: Debug + 'static>(store: &mut Variables, value: T) {
    store.put("", value);
    let value: T = store.take("");
    store.put_back("", value);
}

pub fn make_threads() {
    let mut handles = Vec::new();
    for number in 0..2 {
        handles.push(thread::spawn(move || println!("{number}")));
    }
    for handle in handles {
        handle.join().unwrap();
    }
    let handles: Vec<JoinHandle<()>> = (0..2).map(|_| thread::spawn(|| ())).collect();
    handles.into_iter().for_each(|handle| handle.join().unwrap());
    let handles: Vec<JoinHandle<i32>> = (0..2).map(|number| thread::spawn(move || number)).collect();
    let sum: i32 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    let handles: Vec<JoinHandle<u64>> = (0..2).map(|number| thread::spawn(move || number)).collect();
    let total: u64 = handles.into_iter().map(|handle| handle.join().unwrap()).sum();
    thread::scope(|scope| {
        scope.spawn(|| println!("{sum} {total}"));
        scope.spawn(|| total).join().unwrap();
    });
    thread::sleep(Duration::from_millis(1));
    println!("{:?} {:?}", thread::current().name(), thread::current().id());
    let failed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| ()));
    println!("{failed:?} {:?}", Instant::now().elapsed());
}

pub fn make_shared() {
    let counter = Arc::new(Mutex::new(0_i32));
    *Arc::clone(&counter).lock().unwrap() += 1;
    println!("{:?} {}", counter, counter.lock().unwrap());
    *Mutex::new(0_u32).lock().unwrap() += 1;
    println!("{}", Mutex::new(0_u32).into_inner().unwrap());
    Mutex::new(Vec::new()).lock().unwrap().push(1_i32);
    println!("{:?}", RwLock::new(0_i32).read().unwrap());
    *RwLock::new(0_i32).write().unwrap() += 1;
    let pair = (Mutex::new(false), Condvar::new());
    drop(pair.1.wait_while(pair.0.lock().unwrap(), |ready| *ready).unwrap());
    pair.1.notify_all();
    println!(
        "{} {} {} {} {}",
        AtomicUsize::new(0).fetch_add(1, Ordering::SeqCst),
        AtomicI32::new(0).fetch_add(1, Ordering::Relaxed),
        AtomicU32::new(0).load(Ordering::Relaxed),
        AtomicU64::new(0).fetch_add(1, Ordering::Relaxed),
        AtomicBool::new(false).swap(true, Ordering::AcqRel),
    );
    let (sender, receiver) = mpsc::channel::<i32>();
    sender.clone().send(1).unwrap();
    println!("{:?} {:?}", receiver.recv().unwrap(), receiver.into_iter().collect::<Vec<_>>());
    let (sender, receiver) = mpsc::channel::<String>();
    sender.clone().send(String::new()).unwrap();
    println!("{:?} {:?}", receiver.recv().unwrap(), receiver.into_iter().collect::<Vec<_>>());
}

pub fn make_collections() {
    let numbers: Vec<i32> = (0..3).collect();
    println!("{numbers:?} {} {}", numbers.iter().sum::<i32>(), numbers.len());
    println!("{:?}", numbers.iter().map(|number| number * 2).collect::<Vec<i32>>());
    let numbers: Vec<u64> = (0..3_u64).collect();
    println!("{numbers:?} {}", numbers.iter().sum::<u64>());
    let mut words = vec![String::from("a"), format!("{}", "-".repeat(10))];
    words.push("b".to_string());
    println!("{words:?} {}", words.join(" "));
    let mut counts: HashMap<String, i32> = HashMap::new();
    *counts.entry(String::new()).or_insert(0) += 1;
    counts.insert(String::new(), 1);
    println!("{counts:?} {:?} {:?}", counts.get(""), counts.iter().next());
    println!("{:?} {:?}", Rc::new(RefCell::new(0_i32)).borrow_mut(), Some(1_i32).unwrap());
    println!("{:?} {:?}", "1".parse::<i32>().unwrap(), Box::new(1_i32));
    println!("{:?} {:?} {:.2}", (1_i32, 2_i32), Some("a"), 1.0_f64);
    println!("{:?}", std::env::var_os("A"));
}
