//! Cells with processes, whose orders can be counted by hand.

use super::programs::Program;

pub const PROCESSES: &[Program] = &[
    // As with threads: load, store, load, store.
    Program {
        name: "a lost update",
        code: "let v = Value::new(0);\nlet mut processes = [0, 1].map(|_| { let v = v.clone(); Process::new(move || v.set(v.get() + 1)) });\n\
               for process in &mut processes { process.start().unwrap(); }\nfor process in &mut processes { process.join().unwrap(); }\nv.get()",
        outcomes: &[("1", 4), ("2", 2)],
    },
    Program {
        name: "its cure",
        code: "let v = Value::new(0);\nlet mut processes = [0, 1].map(|_| { let v = v.clone(); Process::new(move || *v.get_lock() += 1) });\n\
               for process in &mut processes { process.start().unwrap(); }\nfor process in &mut processes { process.join().unwrap(); }\nv.get()",
        outcomes: &[("2", 2)],
    },
    Program {
        name: "two locks in two orders",
        code: "let (left, right) = (Lock::new(), Lock::new());\nlet other = (left.clone(), right.clone());\n\
               let mut process = Process::new(move || { let _right = other.1.lock(); let _left = other.0.lock(); });\n\
               process.start().unwrap();\n{ let _left = left.lock(); let _right = right.lock(); }\nprocess.join().unwrap();",
        outcomes: &[("", 2), ("Deadlock", 1)],
    },
    // The process looks before or after the event is set.
    Program {
        name: "an event",
        code: "let ready = Event::new();\nlet seen = ready.clone();\nlet mut process = Process::new(move || { seen.wait(); println!(\"ready\"); });\n\
               process.start().unwrap();\nready.set();\nprocess.join().unwrap();",
        outcomes: &[("ready\n", 2)],
    },
    // It looks before, between or after the two.
    Program {
        name: "an event that is cleared again",
        code: "let ready = Event::new();\nlet seen = ready.clone();\nlet mut process = Process::new(move || seen.wait());\n\
               process.start().unwrap();\nready.set();\nready.clear();\nprocess.join().unwrap();",
        outcomes: &[("", 2), ("Deadlock", 1)],
    },
    // Nobody sets it, so the time is over at once. The deadlock keeps the cell from running once more, for ten minutes.
    Program {
        name: "an event with a limit of time",
        code: "let ready = Event::new();\nlet seen = ready.clone();\n\
               let mut process = Process::new(move || { println!(\"{}\", seen.wait_timeout(Duration::from_secs(600))); seen.wait(); });\n\
               process.start().unwrap();\nprocess.join().unwrap();",
        outcomes: &[("false\nDeadlock", 1)],
    },
    Program {
        name: "a lock with a limit of time",
        code: "let lock = Lock::new();\nlet wanted = lock.clone();\n\
               let mut process = Process::new(move || { println!(\"{}\", wanted.acquire_timeout(Duration::from_secs(600)).unwrap()); wanted.acquire().unwrap(); });\n\
               lock.acquire().unwrap();\nprocess.start().unwrap();\nprocess.join().unwrap();",
        outcomes: &[("false\nDeadlock", 1)],
    },
    // Who has the only permit goes first.
    Program {
        name: "a semaphore",
        code: "let one_at_a_time = Semaphore::new(1);\nlet v = Value::new(0);\nlet (permits, w) = (one_at_a_time.clone(), v.clone());\n\
               let mut process = Process::new(move || { let _permit = permits.permit(); w.set(w.get() + 1); });\n\
               process.start().unwrap();\n{ let _permit = one_at_a_time.permit(); v.set(v.get() + 1); }\nprocess.join().unwrap();\nv.get()",
        outcomes: &[("2", 2)],
    },
    // Take, take; or one finds none. Then the other one has taken and not yet returned it, in one of two ways.
    Program {
        name: "a permit that is not waited for",
        code: "let permits = Semaphore::new(1);\nlet theirs = permits.clone();\n\
               let mut process = Process::new(move || if theirs.try_acquire() { theirs.release(); } else { println!(\"none\"); });\n\
               process.start().unwrap();\nif permits.try_acquire() { permits.release(); } else { println!(\"none\"); }\nprocess.join().unwrap();",
        outcomes: &[("", 2), ("none\n", 2)],
    },
    // Two ways to arrive, and two ways to print afterwards.
    Program {
        name: "a barrier",
        code: "let meet = Barrier::new(2);\nlet theirs = meet.clone();\nlet mut process = Process::new(move || { theirs.wait().unwrap(); println!(\"child\"); });\n\
               process.start().unwrap();\nmeet.wait().unwrap();\nprintln!(\"parent\");\nprocess.join().unwrap();",
        outcomes: &[("child\nparent\n", 2), ("parent\nchild\n", 2)],
    },
    // The process has the lock first, or the cell waits before it.
    Program {
        name: "a condition",
        code: "let (ready, changed) = (Value::new(false), Condition::new());\nlet (theirs, tell) = (ready.clone(), changed.clone());\n\
               let mut process = Process::new(move || { let _guard = tell.lock(); theirs.set(true); tell.notify(1); });\n\
               process.start().unwrap();\n{ let _guard = changed.lock(); changed.wait_for(|| ready.get()).unwrap(); }\nprocess.join().unwrap();",
        outcomes: &[("", 2)],
    },
    Program {
        name: "a notification that comes too early",
        code: "let changed = Condition::new();\nlet tell = changed.clone();\n\
               let mut process = Process::new(move || { let _guard = tell.lock(); tell.notify(1); });\n\
               process.start().unwrap();\n{ let _guard = changed.lock(); changed.wait().unwrap(); }\nprocess.join().unwrap();",
        outcomes: &[("", 1), ("Deadlock", 1)],
    },
];
