//! Measures in how many orders a second a cell is run.

use crate::common::kernel::Kernel;
use crate::common::sandbox::Sandbox;
use crate::common::venv::Venv;
use std::time::Instant;

/// How many orders of each cell are run.
const ORDERS: u32 = 4000;

/// What the cell is, its code, and the orders a second that it should have on a machine that does nothing else.
const CELLS: [(&str, &str, f64); 3] = [
    (
        "four threads, load and store",
        "let x = AtomicI32::new(0);\nthread::scope(|scope| for _ in 0..4 { scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); }); });",
        1000.0,
    ),
    (
        "three threads, a lock, three rounds",
        "let x = Mutex::new(0);\nthread::scope(|scope| for _ in 0..3 { scope.spawn(|| for _ in 0..3 { *x.lock().unwrap() += 1; }); });",
        1000.0,
    ),
    (
        "three senders, a receiver",
        "let (sender, receiver) = mpsc::channel();\nfor sender in [sender.clone(), sender.clone(), sender] { thread::spawn(move || sender.send(1).unwrap()); }\nlet sum: i32 = receiver.iter().sum();",
        1000.0,
    ),
];

/// Prints a row for each cell.
pub fn measure(venv: &Venv) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(venv, &sandbox);
    kernel
        .execute("use std::sync::{Mutex, mpsc};\nuse std::sync::atomic::{AtomicI32, Ordering::SeqCst};\nuse std::thread;")
        .ok();
    println!(
        "{:46}{:>16}{:>10}",
        "orders of an explored cell", "a second", "goal"
    );
    for (name, code, goal) in CELLS {
        let seconds = |kernel: &mut Kernel, orders: u32| {
            // Compiles it, so that only the runs differ.
            let cell = format!("//: explore orders={orders} time=600\n{code}");
            kernel.execute(&cell).ok();
            let begin = Instant::now();
            kernel.execute(&cell).ok();
            begin.elapsed().as_secs_f64()
        };
        let (one, all) = (seconds(&mut kernel, 1), seconds(&mut kernel, ORDERS));
        let a_second = f64::from(ORDERS - 1) / (all - one);
        println!("{name:46}{a_second:>16.0}{goal:>10.0}");
    }
}
