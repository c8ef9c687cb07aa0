// Channels, cells and locks whose types are known only from later statements.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::{Arc, Mutex, mpsc};
use std::thread;

fn half(n: u64) -> u64 {
    n / 2
}

fn main() {
    let (tx, rx) = mpsc::channel();
    let log = Arc::new(Mutex::new(Vec::new()));
    let slot = RefCell::new(None);
    let shared = Rc::new(Cell::new(Default::default()));
    println!("made");
    let other = tx.clone();
    let writer = Arc::clone(&log);
    let handle = thread::spawn(move || {
        other.send(("from the thread", 7_u16)).unwrap();
        writer.lock().unwrap().push('t');
    });
    handle.join().unwrap();
    println!("{:?}", rx.recv());
    tx.send(("from main", 8)).unwrap();
    println!("{:?}", rx.recv().map(|(_, n)| n.pow(2)));
    log.lock().unwrap().push('m');
    println!("{:?}", log.lock().unwrap());
    *slot.borrow_mut() = Some(2.5_f32);
    println!("{slot:?}");
    shared.set((1_i8, true));
    println!("{:?}", shared.get());
    let once = OnceCell::new();
    println!("{}", once.get().is_none());
    once.set(String::from("set")).unwrap();
    println!("{once:?}");
    let number = 40;
    println!("{number}");
    println!("{}", half(number));
}
