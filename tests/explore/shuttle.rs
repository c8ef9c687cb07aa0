//! Programs that are run by shuttle too, which takes the place of `std` in them, and tries all sequences of their steps.

use shuttle::sync::atomic::{AtomicBool, AtomicI32, Ordering::SeqCst};
use shuttle::sync::{Arc, Barrier, Condvar, Mutex, Once, RwLock, mpsc};
use shuttle::thread;
use std::collections::BTreeSet;

/// A program, as the code of a cell and as what shuttle runs.
pub struct Program {
    pub name: &'static str,
    pub code: &'static str,
    /// Returns the values that shuttle finds, as they are shown.
    pub outcomes: fn() -> BTreeSet<String>,
}

macro_rules! programs {
    ($($name:literal: $program:block)*) => {
        pub const PROGRAMS: &[Program] = &[$(
            Program {
                name: $name,
                code: stringify!($program),
                outcomes: || outcomes(|| format!("{:?}", $program)),
            },
        )*];
    };
}

/// Returns what a program returns in all sequences of its steps.
fn outcomes(program: fn() -> String) -> BTreeSet<String> {
    let found = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let outcomes = found.clone();
    shuttle::check_dfs(
        move || {
            let outcome = program();
            outcomes.lock().expect("outcomes").insert(outcome);
        },
        None,
    );
    std::mem::take(&mut *found.lock().expect("outcomes"))
}

programs! {
    "a lock": {
        let order = Mutex::new(Vec::new());
        thread::scope(|scope| {
            scope.spawn(|| order.lock().unwrap().push(1));
            scope.spawn(|| order.lock().unwrap().push(2));
        });
        order.into_inner().unwrap()
    }
    "a lost update": {
        let x = AtomicI32::new(0);
        thread::scope(|scope| {
            scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); });
            scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); });
        });
        x.load(SeqCst)
    }
    "three unequal updates": {
        let x = AtomicI32::new(1);
        thread::scope(|scope| {
            scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); });
            scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen * 3, SeqCst); });
            scope.spawn(|| { x.fetch_sub(5, SeqCst); });
        });
        x.load(SeqCst)
    }
    "each raises its flag and looks at the other": {
        let (x, y) = (AtomicBool::new(false), AtomicBool::new(false));
        thread::scope(|scope| {
            let left = scope.spawn(|| { x.store(true, SeqCst); y.load(SeqCst) });
            let right = scope.spawn(|| { y.store(true, SeqCst); x.load(SeqCst) });
            (left.join().unwrap(), right.join().unwrap())
        })
    }
    "exchanges that are tried again": {
        let (x, failures) = (AtomicI32::new(1), AtomicI32::new(0));
        let multiply = |by: i32| {
            let mut seen = x.load(SeqCst);
            while let Err(now) = x.compare_exchange(seen, seen * by, SeqCst, SeqCst) {
                seen = now;
                failures.fetch_add(1, SeqCst);
            }
        };
        thread::scope(|scope| {
            scope.spawn(|| multiply(2));
            scope.spawn(|| multiply(5));
        });
        (x.load(SeqCst), failures.load(SeqCst))
    }
    "a condition": {
        let pair = Arc::new((Mutex::new(0), Condvar::new()));
        let other = pair.clone();
        let thread = thread::spawn(move || {
            *other.0.lock().unwrap() = 1;
            other.1.notify_one();
            *other.0.lock().unwrap() += 1;
        });
        let mut number = pair.0.lock().unwrap();
        while *number == 0 {
            number = pair.1.wait(number).unwrap();
        }
        let seen = *number;
        drop(number);
        thread.join().unwrap();
        seen
    }
    "two senders": {
        let (sender, receiver) = mpsc::channel();
        let other = sender.clone();
        let first = thread::spawn(move || { sender.send(1).unwrap(); sender.send(2).unwrap(); });
        let second = thread::spawn(move || other.send(3).unwrap());
        let received: Vec<i32> = receiver.iter().collect();
        first.join().unwrap();
        second.join().unwrap();
        received
    }
    "a channel with room for one": {
        let (sender, receiver) = mpsc::sync_channel(1);
        let sent = Arc::new(AtomicI32::new(0));
        let count = sent.clone();
        let thread = thread::spawn(move || for number in 1..=2 {
            sender.send(number).unwrap();
            count.store(number, SeqCst);
        });
        let first = receiver.recv().unwrap();
        let seen = sent.load(SeqCst);
        let second = receiver.recv().unwrap();
        thread.join().unwrap();
        (first, seen, second)
    }
    "readers and a writer": {
        let lock = RwLock::new(0);
        thread::scope(|scope| {
            let first = scope.spawn(|| *lock.read().unwrap());
            let second = scope.spawn(|| *lock.read().unwrap());
            scope.spawn(|| *lock.write().unwrap() = 1);
            (first.join().unwrap(), second.join().unwrap())
        })
    }
    "a barrier": {
        let (barrier, x) = (Barrier::new(2), AtomicI32::new(0));
        let meet = || {
            x.fetch_add(1, SeqCst);
            barrier.wait();
            let seen = x.load(SeqCst);
            x.store(seen + 10, SeqCst);
            seen
        };
        thread::scope(|scope| {
            let (first, second) = (scope.spawn(meet), scope.spawn(meet));
            (first.join().unwrap(), second.join().unwrap(), x.load(SeqCst))
        })
    }
    "a lock that is not waited for": {
        let (lock, taken) = (Mutex::new(()), AtomicI32::new(0));
        let attempt = || if let Ok(_guard) = lock.try_lock() {
            taken.fetch_add(1, SeqCst);
        };
        thread::scope(|scope| {
            scope.spawn(attempt);
            scope.spawn(attempt);
        });
        taken.load(SeqCst)
    }
    "what is done once": {
        let (once, x) = (Once::new(), AtomicI32::new(0));
        thread::scope(|scope| {
            scope.spawn(|| once.call_once(|| x.store(1, SeqCst)));
            scope.spawn(|| once.call_once(|| x.store(2, SeqCst)));
        });
        x.load(SeqCst)
    }
}
