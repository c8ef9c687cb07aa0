//! Cells that can never go on.

pub struct Kind {
    pub name: &'static str,
    /// Cells that run first.
    pub before: &'static [&'static str],
    pub cell: &'static str,
    /// What the error shows.
    pub shows: &'static [&'static str],
}

pub const KINDS: [Kind; 26] = [
    Kind {
        name: "two locks in two orders",
        before: &[],
        cell: "let (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\nlet (l, r) = (left.clone(), right.clone());\nlet both = Arc::new(Barrier::new(2));\nlet in_t1 = both.clone();\nlet t = thread::Builder::new().name(\"t1\".into()).spawn(move || {\n    let a = l.lock().unwrap();\n    in_t1.wait();\n    let b = r.lock().unwrap();\n    *a + *b\n}).unwrap();\nlet b = right.lock().unwrap();\nboth.wait();\nlet a = left.lock().unwrap();\n*a + *b",
        shows: &[
            "`main` and `t1` wait for each other",
            "`main` waits for a `Mutex`\n--> cell, line 13\n  11 | let b = right.lock().unwrap();\n     | ------------------------------ has taken a lock here",
            "`t1` waits for a `Mutex`\n--> cell, line 8\n   6 |     let a = l.lock().unwrap();",
            "help: take locks in the same order",
        ],
    },
    Kind {
        name: "a guard of its own",
        before: &[],
        cell: "let balance = Mutex::new(100);\nlet guard = balance.lock().unwrap();\n*balance.lock().unwrap() -= 1;",
        shows: &[
            "`main` waits for a lock that it holds itself",
            "--> cell, line 3\n   2 | let guard = balance.lock().unwrap();",
            "help: a guard lives to the end of its block",
        ],
    },
    Kind {
        name: "the temporary guard of a match",
        before: &[],
        cell: "let jobs = Mutex::new(vec![1]);\nif let Some(job) = jobs.lock().unwrap().pop() {\n    jobs.lock().unwrap().push(job + 1);\n}",
        shows: &[
            "a lock that it holds itself",
            "line 3\n   2 | if let Some(job)",
        ],
    },
    Kind {
        name: "three locks in a ring",
        before: &[],
        cell: "let locks: Vec<_> = (0..3).map(|_| Arc::new(Mutex::new(0))).collect();\nlet all = Arc::new(Barrier::new(3));\nlet threads: Vec<_> = (0..3).map(|i| {\n    let (own, next, all) = (locks[i].clone(), locks[(i + 1) % 3].clone(), all.clone());\n    thread::spawn(move || {\n        let own = own.lock().unwrap();\n        all.wait();\n        let next = next.lock().unwrap();\n        *own + *next\n    })\n}).collect();\nfor thread in threads { thread.join().unwrap(); }",
        shows: &[
            "thread 1 and 2 like it wait for a `Mutex`",
            "line 8\n   6 |",
            "`main` waits for the end of a thread",
            "--> cell, line 12",
        ],
    },
    Kind {
        name: "an RwLock, to write while it is read",
        before: &[],
        cell: "let table = RwLock::new(vec![1]);\nlet reader = table.read().unwrap();\ntable.write().unwrap().push(reader[0]);",
        shows: &[
            "waits for a lock that it holds itself",
            "`main` waits for an `RwLock`, to write",
            "line 3\n   2 |",
        ],
    },
    Kind {
        name: "an RwLock, to read while it is written",
        before: &[],
        cell: "let table = Arc::new(RwLock::new(1));\nlet other = table.clone();\nlet writer = table.write().unwrap();\nlet reader = thread::spawn(move || *other.read().unwrap());\nreader.join().unwrap();",
        shows: &[
            "thread 1 waits for an `RwLock`, to read\n--> cell, line 4",
            "`main` waits for the end of a thread\n--> cell, line 5\n   3 |",
            "help: drop a guard before you wait",
        ],
    },
    Kind {
        name: "a receiver with a sender of its own",
        before: &[],
        cell: "let (sender, receiver) = mpsc::channel();\nlet other = sender.clone();\nthread::spawn(move || other.send(1).unwrap()).join().unwrap();\nlet sum: i32 = receiver.iter().sum();",
        shows: &[
            "`main` waits for a message that nobody is left to send",
            "--> cell, line 4",
            "help: a receiver waits as long as a sender exists",
        ],
    },
    Kind {
        name: "a full channel that nobody empties",
        before: &[],
        cell: "let (sender, receiver) = mpsc::sync_channel(1);\nsender.send(1).unwrap();\nsender.send(2).unwrap();\nreceiver.recv().unwrap();",
        shows: &[
            "`main` waits for room in a channel that nobody is left to read",
            "--> cell, line 3",
        ],
    },
    Kind {
        name: "a lock and a channel",
        before: &[],
        cell: "let list = Arc::new(Mutex::new(vec![0]));\nlet (sender, receiver) = mpsc::channel();\nlet other = list.clone();\nlet guard = list.lock().unwrap();\nthread::Builder::new().name(\"worker\".into()).spawn(move || {\n    other.lock().unwrap().push(1);\n    sender.send(()).unwrap();\n}).unwrap();\nreceiver.recv().unwrap();",
        shows: &[
            "`main` waits for a message\n--> cell, line 9\n   4 |",
            "`worker` waits for a `Mutex`\n--> cell, line 6",
            "help: do not wait for a message while you hold a lock",
        ],
    },
    Kind {
        name: "a join with the lock that the thread needs",
        before: &[],
        cell: "let count = Arc::new(Mutex::new(0));\nlet other = count.clone();\nlet guard = count.lock().unwrap();\nlet adder = thread::spawn(move || *other.lock().unwrap() += 1);\nadder.join().unwrap();",
        shows: &[
            "`main` and thread 1 wait for each other",
            "--> cell, line 5\n   3 |",
            "--> cell, line 4",
        ],
    },
    Kind {
        name: "a barrier for one too many",
        before: &[],
        cell: "let barrier = Barrier::new(3);\nthread::scope(|scope| {\n    for _ in 0..2 {\n        scope.spawn(|| barrier.wait());\n    }\n});",
        shows: &[
            "thread 1 and 1 like it wait for others at a barrier\n--> cell, line 4",
            "`main` waits for the threads of a scope",
            "help: a barrier opens when",
        ],
    },
    Kind {
        name: "a condition that was notified too early",
        before: &[],
        cell: "let pair = (Mutex::new(false), Condvar::new());\npair.1.notify_one();\nlet ready = pair.0.lock().unwrap();\nlet ready = pair.1.wait(ready).unwrap();",
        shows: &[
            "`main` waits for a `Condvar` that nobody is left to notify",
            "--> cell, line 4",
            "help: change the condition under its lock",
        ],
    },
    Kind {
        name: "a thread that is parked",
        before: &[],
        cell: "thread::park();",
        shows: &[
            "`main` waits for `unpark`, which nobody is left to call",
            "--> cell, line 1",
        ],
    },
    Kind {
        name: "threads that join each other",
        before: &[],
        cell: "let slot = Arc::new(Mutex::new(None::<thread::JoinHandle<()>>));\nlet other = slot.clone();\nlet (go, went) = mpsc::channel::<()>();\nlet first = thread::spawn(move || {\n    went.recv().unwrap();\n    let second = other.lock().unwrap().take().unwrap();\n    second.join().unwrap();\n});\n*slot.lock().unwrap() = Some(thread::spawn(move || first.join().unwrap()));\ngo.send(()).unwrap();\nloop { thread::park(); }",
        shows: &["--> cell, line 7", "--> cell, line 9", "--> cell, line 11"],
    },
    Kind {
        name: "in a function of an earlier cell",
        before: &[
            "fn transfer(from: &Mutex<i32>, to: &Mutex<i32>) {\n    let mut from = from.lock().unwrap();\n    let mut to = to.lock().unwrap();\n    *from -= 1;\n    *to += 1;\n}",
        ],
        cell: "let account = Mutex::new(1);\ntransfer(&account, &account);",
        shows: &["line 3\n   2 |     let mut from = from.lock().unwrap();"],
    },
    Kind {
        name: "two processes and two locks of the helper",
        before: &[],
        cell: "let (a, b) = (Lock::new(), Lock::new());\nlet (a2, b2) = (a.clone(), b.clone());\nlet both = threadbook::prelude::Barrier::new(2);\nlet in_child = both.clone();\nlet mut child = Process::new(move || {\n    let first = a2.lock();\n    in_child.wait().unwrap();\n    let second = b2.lock();\n});\nchild.start().unwrap();\nlet second = b.lock();\nboth.wait().unwrap();\nlet first = a.lock();",
        shows: &[
            "wait for each other",
            "`main` waits for a lock that `Process-1` holds\n--> cell, line 13\n  11 |",
            "process `Process-1` waits for a lock that `main` holds\n--> cell, line 8\n   6 |",
        ],
    },
    Kind {
        name: "an empty queue of the helper",
        before: &[],
        cell: "let queue: Queue<i32> = Queue::new();\nlet item = queue.get().unwrap();",
        shows: &[
            "`main` waits for a message that nobody is left to send",
            "--> cell, line 2",
        ],
    },
    Kind {
        name: "a process that waits for a pipe",
        before: &[],
        cell: "let (here, there) = Pipe::new::<i32>();\nlet mut child = Process::new(move || println!(\"{}\", there.recv().unwrap()));\nchild.start().unwrap();\nchild.join().unwrap();\nhere.send(&1).unwrap();",
        shows: &[
            "`main` waits for a child process to end\n--> cell, line 4",
            "waits for a message\n--> cell, line 2",
        ],
    },
    Kind {
        name: "a barrier of processes",
        before: &[],
        cell: "let meet = threadbook::prelude::Barrier::new(3);\nlet other = meet.clone();\nlet mut child = Process::new(move || { other.wait().unwrap(); });\nchild.start().unwrap();\nchild.join().unwrap();",
        shows: &[
            "waits for others at a barrier\n--> cell, line 3",
            "`main` waits for a child process to end\n--> cell, line 5",
        ],
    },
    Kind {
        name: "a lazy value that needs itself",
        before: &[
            "static VALUE: OnceLock<i32> = OnceLock::new();\nfn value() -> i32 { *VALUE.get_or_init(|| value() + 1) }",
        ],
        cell: "println!(\"{}\", value());",
        shows: &[
            "`main` waits for another thread to initialise a value",
            "line 2",
        ],
    },
    Kind {
        name: "a receiver that keeps a sender",
        before: &[],
        cell: "let (sender, receiver) = mpsc::channel::<i32>();\nlet kept = sender.clone();\nlet consumer = thread::Builder::new().name(\"consumer\".into()).spawn(move || {\n    let _kept = kept;\n    receiver.iter().sum::<i32>()\n}).unwrap();\nsender.send(1).unwrap();\ndrop(sender);\nconsumer.join().unwrap()",
        shows: &[
            "`main` and `consumer` wait for each other",
            "`main` waits for the end of `consumer`\n--> cell, line 9",
            "`consumer` waits for a message\n--> cell, line 5",
            "help: a receiver waits as long as a sender exists",
        ],
    },
    Kind {
        name: "an RwLock that a thread reads and then writes, while another one reads",
        before: &[],
        cell: "let table = Arc::new(RwLock::new(1));\nlet read = table.read().unwrap();\nlet theirs = table.clone();\nlet writer = thread::Builder::new().name(\"writer\".into()).spawn(move || { let own = theirs.read().unwrap(); *theirs.write().unwrap() += *own; }).unwrap();\nwriter.join().unwrap();",
        shows: &[
            "`main` waits for the end of `writer`\n--> cell, line 5\n   2 | let read",
            "`writer` waits for an `RwLock`, to write\n--> cell, line 4\n   4 | let writer",
        ],
    },
    Kind {
        name: "a lock that the process needs from which a message is awaited",
        before: &[],
        cell: "let (queue, lock) = (Queue::<i32>::new(), Lock::new());\nlet (answers, theirs) = (queue.clone(), lock.clone());\nlet guard = lock.lock();\nlet mut child = Process::named(\"child\", move || { let _guard = theirs.lock(); answers.put(1).unwrap(); });\nchild.start().unwrap();\nqueue.get().unwrap()",
        shows: &[
            "`main` and process `child` wait for each other",
            "`main` waits for a message\n--> cell, line 6\n   3 | let guard",
            "process `child` waits for a lock that `main` holds\n--> cell, line 4\n   4 | let mut child",
            "help: do not wait for a message while you hold a lock",
        ],
    },
    Kind {
        name: "a lock that tasks of rayon need",
        before: &[],
        cell: "use threadbook::rayon::prelude::*;\nlet total = Mutex::new(0);\nlet guard = total.lock().unwrap();\n(0..4).into_par_iter().for_each(|n| *total.lock().unwrap() += n);",
        shows: &[
            "`main` waits for rayon's threads\n--> cell, line 4\n   3 | let guard",
            "like it wait for a `Mutex`\n--> cell, line 4\n   4 | (0..4)",
        ],
    },
    Kind {
        name: "a channel without room of crossbeam",
        before: &[],
        cell: "let (sender, receiver) = threadbook::crossbeam::channel::bounded(0);\nsender.send(1).unwrap();\nreceiver.recv()",
        shows: &[
            "`main` waits for room in a channel that nobody is left to read",
            "--> cell, line 2",
        ],
    },
    Kind {
        name: "lazy values that need each other",
        before: &[],
        cell: "use std::sync::LazyLock;\nstatic STARTED: Barrier = Barrier::new(2);\nstatic A: LazyLock<i32> = LazyLock::new(|| {\n    STARTED.wait();\n    *B + 1\n});\nstatic B: LazyLock<i32> = LazyLock::new(|| {\n    STARTED.wait();\n    *A + 1\n});\nlet other = thread::Builder::new().name(\"other\".into()).spawn(|| *A).unwrap();\n*B + other.join().unwrap()",
        shows: &[
            "`main` waits for another thread to initialise a value\n--> cell, line 9",
            "`other` waits for another thread to initialise a value\n--> cell, line 5",
        ],
    },
];
