//! Programs whose orders can be counted by hand. Two orders that differ only in steps on different objects are one; two steps on the same
//! object are never exchanged, also if both only read.

/// A cell, and in how many orders it shows what.
pub struct Program {
    pub name: &'static str,
    pub code: &'static str,
    /// The output, the value and the kind of failure, as one text.
    pub outcomes: &'static [(&'static str, u64)],
}

pub const PROGRAMS: &[Program] = &[
    // 4! / (2! 2!) orders of load, store, load, store.
    Program {
        name: "a lost update",
        code: "let x = Arc::new(AtomicI32::new(0));\n\
               let threads = [0, 1].map(|_| { let x = x.clone(); thread::spawn(move || { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); }) });\n\
               for thread in threads { thread.join().unwrap(); }\nx.load(SeqCst)",
        outcomes: &[("1", 4), ("2", 2)],
    },
    // 8! / (4! 4!).
    Program {
        name: "two rounds",
        code: "let x = AtomicI32::new(0);\n\
               thread::scope(|scope| for _ in 0..2 { scope.spawn(|| for _ in 0..2 { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); }); });\nx.load(SeqCst)",
        outcomes: &[("2", 32), ("3", 32), ("4", 6)],
    },
    // 6! / 2^3.
    Program {
        name: "three threads",
        code: "let x = AtomicI32::new(0);\n\
               thread::scope(|scope| for _ in 0..3 { scope.spawn(|| { let seen = x.load(SeqCst); x.store(seen + 1, SeqCst); }); });\nx.load(SeqCst)",
        outcomes: &[("1", 48), ("2", 36), ("3", 6)],
    },
    // Whoever locks first, ends first.
    Program {
        name: "a lock",
        code: "let x = Mutex::new(0);\n\
               thread::scope(|scope| for _ in 0..2 { scope.spawn(|| { let mut x = x.lock().unwrap(); *x += 1; }); });\nx.into_inner().unwrap()",
        outcomes: &[("2", 2)],
    },
    Program {
        name: "one step for each of five threads",
        code: "let x = AtomicI32::new(0);\n\
               thread::scope(|scope| for _ in 0..5 { scope.spawn(|| { x.fetch_add(1, SeqCst); }); });\nx.load(SeqCst)",
        outcomes: &[("5", 120)],
    },
    // Of the four ways to order two pairs of dependent steps, one is a circle.
    Program {
        name: "each raises its flag and looks at the other",
        code: "let (x, y) = (AtomicI32::new(0), AtomicI32::new(0));\nlet (mut left, mut right) = (9, 9);\n\
               thread::scope(|scope| {\n    scope.spawn(|| { x.store(1, SeqCst); left = y.load(SeqCst); });\n    \
               scope.spawn(|| { y.store(1, SeqCst); right = x.load(SeqCst); });\n});\n(left, right)",
        outcomes: &[("(0, 1)", 1), ("(1, 0)", 1), ("(1, 1)", 1)],
    },
    Program {
        name: "nothing in common",
        code: "let numbers = [0, 0].map(AtomicI32::new);\n\
               thread::scope(|scope| for number in &numbers { scope.spawn(|| { number.store(1, SeqCst); number.store(2, SeqCst); }); });\nnumbers[0].load(SeqCst)",
        outcomes: &[("2", 1)],
    },
    // One thread has both locks before the other, or each has one.
    Program {
        name: "two locks in two orders",
        code: "let (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\nlet other = (left.clone(), right.clone());\n\
               let first = thread::spawn(move || { let one = left.lock().unwrap(); let two = right.lock().unwrap(); *one + *two });\n\
               let second = thread::spawn(move || { let two = other.1.lock().unwrap(); let one = other.0.lock().unwrap(); *one + *two });\n\
               first.join().unwrap() + second.join().unwrap()",
        outcomes: &[("6", 2), ("Deadlock", 1)],
    },
    // The message is received before or after the sender is dropped.
    Program {
        name: "a message",
        code: "let (sender, receiver) = mpsc::channel();\n\
               let thread = thread::spawn(move || sender.send(7).unwrap());\nlet seven: i32 = receiver.recv().unwrap();\nthread.join().unwrap();\nseven",
        outcomes: &[("7", 2)],
    },
    // Counted by a program that tries all sequences of seven steps on a queue.
    Program {
        name: "two senders",
        code: "let (sender, receiver) = mpsc::channel();\nlet senders = [sender.clone(), sender];\n\
               for (number, sender) in (1..).zip(senders) { thread::spawn(move || sender.send(number).unwrap()); }\n\
               let received: Vec<i32> = receiver.into_iter().collect();\nreceived",
        outcomes: &[("[1, 2]", 25), ("[2, 1]", 25)],
    },
    // Look, look, take, take: four orders in which both have looked before one takes.
    Program {
        name: "check, then act",
        code: "let balance = AtomicI32::new(100);\n\
               thread::scope(|scope| for _ in 0..2 { scope.spawn(|| if balance.load(SeqCst) >= 80 { balance.fetch_sub(80, SeqCst); }); });\nbalance.load(SeqCst)",
        outcomes: &[("-60", 4), ("20", 2)],
    },
    Program {
        name: "a panic of a thread",
        code: "let flag = Arc::new(AtomicBool::new(false));\nlet other = flag.clone();\n\
               let thread = thread::spawn(move || assert!(!flag.load(SeqCst), \"too late\"));\nother.store(true, SeqCst);\nthread.join().map_err(|_| ()).unwrap();",
        outcomes: &[("", 1), ("thread '<unnamed>' panicked: too late\nPanic", 1)],
    },
    Program {
        name: "a loop without an end",
        code: "let flag = AtomicBool::new(false);\nthread::scope(|scope| { scope.spawn(|| while !flag.load(SeqCst) { thread::yield_now(); }); });",
        outcomes: &[("Endless", 1)],
    },
    // The other thread is first, or the cell waits before it.
    Program {
        name: "a condition",
        code: "let pair = Arc::new((Mutex::new(false), Condvar::new()));\nlet other = pair.clone();\n\
               let thread = thread::spawn(move || { let mut ready = other.0.lock().unwrap(); *ready = true; other.1.notify_one(); });\n\
               { let mut ready = pair.0.lock().unwrap(); while !*ready { ready = pair.1.wait(ready).unwrap(); } }\nthread.join().unwrap();",
        outcomes: &[("", 2)],
    },
    // The same without a look at what is waited for.
    Program {
        name: "a notification that comes too early",
        code: "let pair = Arc::new((Mutex::new(()), Condvar::new()));\nlet other = pair.clone();\n\
               let thread = thread::spawn(move || other.1.notify_one());\n\
               drop(pair.1.wait(pair.0.lock().unwrap()).unwrap());\nthread.join().unwrap();",
        outcomes: &[("", 1), ("Deadlock", 1)],
    },
    Program {
        name: "a barrier",
        code: "let barrier = Barrier::new(2);\nthread::scope(|scope| for _ in 0..2 { scope.spawn(|| { barrier.wait(); }); });",
        outcomes: &[("", 2)],
    },
    // 4! / (2! 2!): two steps on one object are never exchanged.
    Program {
        name: "two readers",
        code: "let lock = RwLock::new(3);\nthread::scope(|scope| for _ in 0..2 { scope.spawn(|| { let _three = lock.read().unwrap(); }); });",
        outcomes: &[("", 6)],
    },
    Program {
        name: "a writer and a reader",
        code: "let lock = RwLock::new(3);\nlet seen = thread::scope(|scope| {\n    scope.spawn(|| { let mut three = lock.write().unwrap(); *three = 4; });\n    \
               scope.spawn(|| { let seen = lock.read().unwrap(); *seen }).join().unwrap()\n});\nseen",
        outcomes: &[("3", 1), ("4", 1)],
    },
    Program {
        name: "two lines",
        code: "thread::scope(|scope| for number in 1..=2 { scope.spawn(move || println!(\"line {number}\")); });",
        outcomes: &[("line 1\nline 2\n", 1), ("line 2\nline 1\n", 1)],
    },
    // Try, release, try, release; or the other one tries meanwhile.
    Program {
        name: "locks that are not waited for",
        code: "let (lock, count) = (Mutex::new(()), AtomicI32::new(0));\n\
               thread::scope(|scope| for _ in 0..2 { scope.spawn(|| if let Ok(_guard) = lock.try_lock() { count.fetch_add(1, SeqCst); }); });\ncount.load(SeqCst)",
        outcomes: &[("1", 2), ("2", 2)],
    },
    // A sleep is no promise.
    Program {
        name: "a sleep",
        code: "let x = Arc::new(AtomicI32::new(0));\nlet other = x.clone();\n\
               let thread = thread::spawn(move || other.store(1, SeqCst));\nthread::sleep(Duration::from_millis(10));\nlet seen = x.load(SeqCst);\nthread.join().unwrap();\nseen",
        outcomes: &[("0", 1), ("1", 1)],
    },
    // 2!: who comes first initialises it.
    Program {
        name: "a value that is initialised once",
        code: "let once = OnceLock::new();\n\
               thread::scope(|scope| { scope.spawn(|| { once.get_or_init(|| 1); }); scope.spawn(|| { once.set(2).ok(); }); });\n*once.get().unwrap()",
        outcomes: &[("1", 1), ("2", 1)],
    },
    // Before, between and after the others' steps, where nobody writes.
    Program {
        name: "two readers and a writer",
        code: "let lock = RwLock::new(0);\n\
               let seen = thread::scope(|scope| {\n    let first = scope.spawn(|| *lock.read().unwrap());\n    let second = scope.spawn(|| *lock.read().unwrap());\n    \
               scope.spawn(|| *lock.write().unwrap() = 1);\n    (first.join().unwrap(), second.join().unwrap())\n});\nseen",
        outcomes: &[("(0, 0)", 6), ("(0, 1)", 1), ("(1, 0)", 1), ("(1, 1)", 6)],
    },
    // Load and exchange, load and exchange; or one of four sequences in which one exchange fails, and is tried again.
    Program {
        name: "exchanges that are tried again",
        code: "let x = AtomicI32::new(0);\n\
               thread::scope(|scope| for _ in 0..2 { scope.spawn(|| { let mut seen = x.load(SeqCst); while let Err(now) = x.compare_exchange(seen, seen + 1, SeqCst, SeqCst) { seen = now; } }); });\nx.load(SeqCst)",
        outcomes: &[("2", 6)],
    },
    // The lock is the value's: whoever waits for the value holds it.
    Program {
        name: "a lock inside of what initialises",
        code: "let (once, lock) = (Arc::new(OnceLock::new()), Arc::new(Mutex::new(0)));\nlet (other, held) = (once.clone(), lock.clone());\n\
               let thread = thread::spawn(move || { let held = held.lock().unwrap(); *other.get_or_init(|| 1) + *held });\n\
               once.get_or_init(|| *lock.lock().unwrap());\nthread.join().unwrap();",
        outcomes: &[("", 2), ("Deadlock", 1)],
    },
    Program {
        name: "an unpark that comes too early",
        code: "let thread = thread::spawn(thread::park);\nthread.thread().unpark();\nthread.join().unwrap();",
        outcomes: &[("", 1)],
    },
    // One runs on and on without a step.
    Program {
        name: "a loop without a step",
        code: "let x = AtomicI32::new(0);\n\
               thread::scope(|scope| { scope.spawn(|| if x.load(SeqCst) == 1 { loop { std::hint::spin_loop(); } }); scope.spawn(|| x.store(1, SeqCst)); });",
        outcomes: &[("", 1), ("Endless", 1)],
    },
];
