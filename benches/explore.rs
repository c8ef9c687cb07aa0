//! Measures in how many orders a second a cell is run, beside shuttle and loom, which take the place of `std` in a program, run it in one
//! process, and know no processes, variables or output.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use std::time::Instant;
use support::kernel::Kernel;
use support::sandbox::Sandbox;
use support::venv::Venv;

/// How many orders of each program are run.
const ORDERS: u32 = 4000;

/// The orders a second that a cell should have on a machine that does nothing else.
const GOAL: f64 = 1000.0;

/// A program, as the code of a cell and as what the two crates run.
struct Program {
    name: &'static str,
    code: &'static str,
    in_shuttle: fn(),
    in_loom: fn(),
}

/// Defines a module with one program, compiled against both crates.
macro_rules! program {
    ($module:ident, $name:literal, $($program:tt)*) => {
        mod $module {
            pub const PROGRAM: super::Program = super::Program {
                name: $name,
                code: stringify!($($program)*),
                in_shuttle: in_shuttle::run,
                in_loom: in_loom::run,
            };

            mod in_shuttle {
                #[allow(unused_imports, reason = "a program needs some of them")]
                use shuttle::{sync::{Arc, Mutex, mpsc, atomic::{AtomicI32, Ordering::SeqCst}}, thread};

                pub fn run() {
                    $($program)*
                }
            }

            mod in_loom {
                #[allow(unused_imports, reason = "a program needs some of them")]
                use loom::{sync::{Arc, Mutex, mpsc, atomic::{AtomicI32, Ordering::SeqCst}}, thread};

                pub fn run() {
                    $($program)*
                }
            }
        }
    };
}

program! { updates, "two threads, load and store, four rounds",
    let x = Arc::new(AtomicI32::new(0));
    let threads = [0, 1].map(|_| {
        let x = x.clone();
        thread::spawn(move || for _ in 0..4 {
            let seen = x.load(SeqCst);
            x.store(seen + 1, SeqCst);
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

program! { lock, "three threads, a lock, three rounds",
    let x = Arc::new(Mutex::new(0));
    let threads = [0, 1, 2].map(|_| {
        let x = x.clone();
        thread::spawn(move || for _ in 0..3 {
            *x.lock().unwrap() += 1;
        })
    });
    for thread in threads {
        thread.join().unwrap();
    }
}

program! { channel, "three senders, a receiver",
    let (sender, receiver) = mpsc::channel();
    let threads = [0, 1, 2].map(|number| {
        let sender = sender.clone();
        thread::spawn(move || sender.send(number).unwrap())
    });
    let sum: i32 = (0..3).map(|_| receiver.recv().unwrap()).sum();
    assert_eq!(sum, 3);
    for thread in threads {
        thread.join().unwrap();
    }
}

/// Prints a row for each program.
pub fn measure(venv: &Venv) {
    let sandbox = Sandbox::new();
    let mut kernel = Kernel::start(venv, &sandbox);
    kernel
        .execute("use std::sync::{Arc, Mutex, mpsc};\nuse std::sync::atomic::{AtomicI32, Ordering::SeqCst};\nuse std::thread;")
        .ok();
    println!(
        "{:46}{:>12}{:>12}{:>12}{:>12}",
        "orders a second", "threadbook", "goal", "shuttle", "loom"
    );
    for program in [updates::PROGRAM, lock::PROGRAM, channel::PROGRAM] {
        println!(
            "{:46}{:>12.0}{GOAL:>12.0}{:>12.0}{:>12.0}",
            program.name,
            of_cell(&mut kernel, program.code),
            a_second(program.in_shuttle, |run| {
                shuttle::check_dfs(run, Some(ORDERS as usize));
            }),
            a_second(program.in_loom, |run| {
                let mut model = loom::model::Builder::new();
                model.max_permutations = Some(ORDERS as usize);
                model.check(run);
            }),
        );
    }
}

/// Returns in how many orders a second the kernel runs a cell.
fn of_cell(kernel: &mut Kernel, code: &str) -> f64 {
    let mut run = |orders: u32| {
        // The first time compiles it, so that only the runs differ.
        let cell = format!("//: explore orders={orders} time=600\n{code}");
        kernel.execute(&cell).ok();
        let begin = Instant::now();
        let executed = kernel.execute(&cell).ok();
        let displays = executed.0.iter();
        let orders = displays
            .filter_map(|message| {
                let explored = &message.content["metadata"]["threadbook"]["explored"];
                explored["orders"].as_f64()
            })
            .sum::<f64>();
        (orders, begin.elapsed().as_secs_f64())
    };
    let ((one, without), (all, with)) = (run(1), run(ORDERS));
    (all - one) / (with - without)
}

/// Returns how often a second `check` runs a program.
fn a_second(program: fn(), check: impl FnOnce(Box<dyn Fn() + Send + Sync>)) -> f64 {
    let runs = Arc::new(AtomicU32::new(0));
    let counter = runs.clone();
    let begin = Instant::now();
    check(Box::new(move || {
        counter.fetch_add(1, Relaxed);
        program();
    }));
    f64::from(runs.load(Relaxed)) / begin.elapsed().as_secs_f64()
}
