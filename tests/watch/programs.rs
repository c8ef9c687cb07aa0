//! Small programs whose threads do things in an order that is forced.

pub struct Program {
    pub name: &'static str,
    /// Without the line `//: watch`.
    pub cell: &'static str,
    /// For some lanes: what the thread does, in this order; other things may be in between.
    pub lanes: &'static [(&'static str, &'static [&'static str])],
    /// Arrows that are drawn.
    pub arrows: &'static [&'static str],
    /// How a note begins.
    pub note: Option<&'static str>,
    /// What is nowhere in the picture.
    pub absent: &'static [&'static str],
}

const NOTHING: Program = Program {
    name: "",
    cell: "",
    lanes: &[],
    arrows: &[],
    note: None,
    absent: &["lost update", "could deadlock"],
};

pub const PROGRAMS: [Program; 37] = [
    Program {
        name: "sleeps overlap",
        cell: "let threads = [\"t1\", \"t2\"].map(|name| thread::Builder::new().name(name.to_owned()).spawn(|| thread::sleep(Duration::from_millis(50))).unwrap());\nfor thread in threads { thread.join().unwrap(); }",
        lanes: &[
            ("main", &["waits for the end of a thread"]),
            ("t1", &["waits for time to pass (`sleep`)"]),
            ("t2", &["waits for time to pass (`sleep`)"]),
        ],
        arrows: &["t1 ends, and main has joined it"],
        ..NOTHING
    },
    Program {
        name: "a lock goes from one to the other",
        cell: "let balance = Arc::new(Mutex::new(0));\nlet held = Arc::new(Barrier::new(2));\nlet (theirs, started) = (balance.clone(), held.clone());\nlet first = named(\"first\", move || {\n    let guard = theirs.lock().unwrap();\n    started.wait();\n    thread::sleep(Duration::from_millis(100));\n});\nheld.wait();\n*balance.lock().unwrap() += 1;\nfirst.join().unwrap();",
        lanes: &[
            (
                "main",
                &["waits for `balance`, which first holds", "holds `balance`"],
            ),
            (
                "first",
                &["waits for time to pass (`sleep`)", "holds `balance`"],
            ),
        ],
        arrows: &["first releases `balance`, and main takes it"],
        ..NOTHING
    },
    Program {
        name: "a guard that lives too long",
        cell: "let shared = Arc::new(Mutex::new(vec![1]));\nlet theirs = shared.clone();\nlet guard = shared.lock().unwrap();\nlet reader = named(\"reader\", move || theirs.lock().unwrap().len());\nthread::sleep(Duration::from_millis(100));\ndrop(guard);\nreader.join().unwrap();",
        lanes: &[
            ("reader", &["waits for `shared`, which main holds"]),
            ("main", &["holds `shared`"]),
        ],
        arrows: &["main releases `shared`, and reader takes it"],
        ..NOTHING
    },
    Program {
        name: "readers share, a writer waits",
        cell: "let table = Arc::new(RwLock::new(1));\nlet theirs = table.clone();\nlet one = table.read().unwrap();\nlet two = table.read().unwrap();\nlet writer = named(\"writer\", move || *theirs.write().unwrap() += 1);\nthread::sleep(Duration::from_millis(100));\ndrop((one, two));\nwriter.join().unwrap();\nprintln!(\"{}\", table.read().unwrap());",
        lanes: &[(
            "writer",
            &["waits for `table`, which main holds", "holds `table`"],
        )],
        arrows: &["main releases `table`, and writer takes it"],
        ..NOTHING
    },
    Program {
        name: "a lock that is only tried",
        cell: "let lock = Mutex::new(1);\nlet guard = lock.lock().unwrap();\nassert!(lock.try_lock().is_err());\ndrop(guard);\nassert!(lock.try_lock().is_ok());",
        lanes: &[("main", &["holds `lock`"])],
        absent: &["waits for"],
        ..NOTHING
    },
    Program {
        name: "a poisoned lock",
        cell: "let lock = Arc::new(Mutex::new(1));\nlet theirs = lock.clone();\nlet failing = named(\"failing\", move || {\n    let _guard = theirs.lock().unwrap();\n    panic!(\"half done\");\n});\nassert!(failing.join().is_err());\nassert!(lock.lock().is_err());\nprintln!(\"{}\", lock.lock().unwrap_or_else(|poisoned| poisoned.into_inner()));",
        lanes: &[("failing", &["holds `lock`"]), ("main", &["holds `lock`"])],
        ..NOTHING
    },
    Program {
        name: "a message",
        cell: "let (sender, receiver) = mpsc::channel();\nlet producer = named(\"producer\", move || {\n    thread::sleep(Duration::from_millis(100));\n    sender.send(1).unwrap();\n});\nprintln!(\"{}\", receiver.recv().unwrap());\nproducer.join().unwrap();",
        lanes: &[(
            "main",
            &[
                "waits for a message from `receiver`",
                "waits for the end of a thread",
            ],
        )],
        arrows: &["a message from producer to main, through `receiver`"],
        ..NOTHING
    },
    Program {
        name: "a loop over a channel",
        cell: "let (sender, receiver) = mpsc::channel();\nlet producer = named(\"producer\", move || for n in 0..3 {\n    thread::sleep(Duration::from_millis(10));\n    sender.send(n).unwrap();\n});\nfor number in receiver { println!(\"{number}\"); }\nproducer.join().unwrap();",
        lanes: &[("main", &["waits for a message from `receiver`", "prints"])],
        arrows: &["a message from producer to main, through `receiver`"],
        ..NOTHING
    },
    Program {
        name: "a full channel",
        cell: "let (sender, receiver) = mpsc::sync_channel(1);\nlet producer = named(\"producer\", move || for n in 0..3 { sender.send(n).unwrap(); });\nthread::sleep(Duration::from_millis(100));\nassert_eq!(receiver.iter().sum::<i32>(), 3);\nproducer.join().unwrap();",
        lanes: &[("producer", &["waits for room in `receiver`"])],
        arrows: &["a message from producer to main, through `receiver`"],
        ..NOTHING
    },
    Program {
        name: "a condition",
        cell: "let pair = Arc::new((Mutex::new(false), Condvar::new()));\nlet theirs = pair.clone();\nlet waker = named(\"waker\", move || {\n    thread::sleep(Duration::from_millis(100));\n    *theirs.0.lock().unwrap() = true;\n    theirs.1.notify_one();\n});\nlet ready = pair.1.wait_while(pair.0.lock().unwrap(), |ready| !*ready).unwrap();\nassert!(*ready);\ndrop(ready);\nwaker.join().unwrap();",
        lanes: &[("main", &["waits for `pair.1` to be notified"])],
        arrows: &["waker notifies `pair.1`, and wakes main"],
        ..NOTHING
    },
    Program {
        name: "a barrier",
        cell: "let barrier = Arc::new(Barrier::new(2));\nlet theirs = barrier.clone();\nlet late = named(\"late\", move || {\n    thread::sleep(Duration::from_millis(100));\n    theirs.wait();\n});\nbarrier.wait();\nlate.join().unwrap();",
        lanes: &[
            ("main", &["waits for others at a barrier"]),
            ("late", &["waits for time to pass (`sleep`)"]),
        ],
        ..NOTHING
    },
    Program {
        name: "a scope",
        cell: "thread::scope(|scope| {\n    for _ in 0..2 { scope.spawn(|| thread::sleep(Duration::from_millis(20))); }\n});",
        lanes: &[
            ("main", &["waits for the threads of a scope"]),
            ("thread 1", &["waits for time to pass (`sleep`)"]),
            ("thread 2", &["waits for time to pass (`sleep`)"]),
        ],
        ..NOTHING
    },
    Program {
        name: "park and unpark",
        cell: "let parked = named(\"parked\", || thread::park());\nthread::sleep(Duration::from_millis(100));\nparked.thread().unpark();\nparked.join().unwrap();",
        lanes: &[("parked", &["waits for `unpark`"])],
        ..NOTHING
    },
    Program {
        name: "a lost update",
        cell: "let balance = AtomicI32::new(0);\nlet seen = balance.load(SeqCst);\nthread::scope(|scope| {\n    thread::Builder::new().name(\"other\".to_owned()).spawn_scoped(scope, || balance.store(balance.load(SeqCst) + 10, SeqCst)).unwrap().join().unwrap();\n});\nbalance.store(seen + 1, SeqCst);\nprintln!(\"{}\", balance.load(SeqCst));",
        lanes: &[("main", &["overwrites what other wrote to `balance`"])],
        note: Some("lost update: one store to `balance` overwrote"),
        absent: &[],
        ..NOTHING
    },
    Program {
        name: "a lock made of a flag",
        cell: "let taken = AtomicBool::new(false);\nassert!(!taken.load(SeqCst));\nthread::scope(|scope| {\n    thread::Builder::new().name(\"other\".to_owned()).spawn_scoped(scope, || if !taken.load(SeqCst) { taken.store(true, SeqCst) }).unwrap().join().unwrap();\n});\ntaken.store(true, SeqCst);",
        lanes: &[("main", &["overwrites what other wrote to `taken`"])],
        note: Some("lost update: one store to `taken` overwrote"),
        absent: &[],
        ..NOTHING
    },
    Program {
        name: "updates in one step",
        cell: "let balance = AtomicI32::new(0);\nthread::scope(|scope| {\n    for _ in 0..2 { scope.spawn(|| for _ in 0..1000 { balance.fetch_add(1, SeqCst); }); }\n});\nassert_eq!(balance.load(SeqCst), 2000);",
        ..NOTHING
    },
    Program {
        name: "two orders that could deadlock",
        cell: "let (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\nlet (l, r) = (left.clone(), right.clone());\nlet (done, wait) = mpsc::channel();\nlet other = named(\"other\", move || {\n    let a = l.lock().unwrap();\n    let b = r.lock().unwrap();\n    drop((a, b));\n    done.send(()).unwrap();\n});\nwait.recv().unwrap();\nlet b = right.lock().unwrap();\nlet a = left.lock().unwrap();\ndrop((a, b));\nother.join().unwrap();",
        note: Some(
            "could deadlock: other takes `left` (line 6), then `right` (line 7); main takes `right` (line 12), then `left` (line 13)",
        ),
        absent: &["lost update"],
        ..NOTHING
    },
    Program {
        name: "the same order everywhere",
        cell: "let (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\nlet (l, r) = (left.clone(), right.clone());\nlet other = named(\"other\", move || *l.lock().unwrap() + *r.lock().unwrap());\nlet sum = *left.lock().unwrap() + *right.lock().unwrap();\nassert_eq!(other.join().unwrap(), sum);",
        ..NOTHING
    },
    Program {
        name: "both orders, but one after the join",
        cell: "let (left, right) = (Arc::new(Mutex::new(1)), Arc::new(Mutex::new(2)));\nlet (l, r) = (left.clone(), right.clone());\nlet other = named(\"other\", move || { let a = l.lock().unwrap(); *a + *r.lock().unwrap() });\nlet sum = other.join().unwrap();\nlet b = right.lock().unwrap();\nassert_eq!(*left.lock().unwrap() + *b, sum);",
        ..NOTHING
    },
    Program {
        name: "a channel of crossbeam",
        cell: "let (sender, receiver) = threadbook::crossbeam::channel::unbounded();\nlet producer = named(\"producer\", move || {\n    thread::sleep(Duration::from_millis(100));\n    sender.send(1).unwrap();\n});\nassert_eq!(receiver.recv(), Ok(1));\nproducer.join().unwrap();",
        lanes: &[(
            "main",
            &["waits for a message", "waits for the end of a thread"],
        )],
        ..NOTHING
    },
    Program {
        name: "an executor",
        cell: "let pool = ThreadPoolExecutor::new(2);\nlet futures: Vec<_> = (1..=2).map(|n| pool.submit(move || { thread::sleep(Duration::from_millis(100)); n })).collect();\nassert_eq!(futures.into_iter().map(|future| future.result().unwrap()).sum::<i32>(), 3);\ndrop(pool);",
        lanes: &[(
            "ThreadPoolExecutor-0_0",
            &["waits for time to pass (`sleep`)"],
        )],
        ..NOTHING
    },
    Program {
        name: "processes and a lock",
        cell: "let (lock, holds) = (threadbook::prelude::Lock::new(), Event::new());\nlet (theirs, told) = (lock.clone(), holds.clone());\nlet mut child = Process::named(\"child\", move || {\n    let _guard = theirs.lock();\n    told.set();\n    thread::sleep(Duration::from_millis(100));\n});\nchild.start().unwrap();\nholds.wait();\nlock.acquire().unwrap();\nlock.release();\nchild.join().unwrap();",
        lanes: &[
            (
                "main",
                &["waits for `lock`, which child holds", "holds `lock`"],
            ),
            ("child", &["holds `lock`"]),
        ],
        arrows: &["child releases `lock`, and main takes it"],
        ..NOTHING
    },
    Program {
        name: "a shared value without a lock around",
        cell: "let balance = Value::new(0);\nlet theirs = balance.clone();\nlet seen = balance.get();\nlet mut child = Process::named(\"child\", move || theirs.set(theirs.get() + 10));\nchild.start().unwrap();\nchild.join().unwrap();\nbalance.set(seen + 1);\nprintln!(\"{}\", balance.get());",
        note: Some("lost update: one store to `balance` overwrote"),
        absent: &[],
        ..NOTHING
    },
    Program {
        name: "a shared value without a lock of its own",
        cell: "let balance = Value::unlocked(0);\nlet theirs = balance.clone();\nlet seen = balance.get();\nlet mut child = Process::new(move || theirs.set(theirs.get() + 10));\nchild.start().unwrap();\nchild.join().unwrap();\nbalance.set(seen + 1);",
        note: Some("lost update: one store to `balance` overwrote"),
        absent: &[],
        ..NOTHING
    },
    Program {
        name: "a shared value that others change under its lock",
        cell: "let balance = Value::new(0);\nlet theirs = balance.clone();\nlet seen = balance.get();\nlet mut child = Process::new(move || *theirs.get_lock() += 10);\nchild.start().unwrap();\nchild.join().unwrap();\nbalance.set(seen + 1);",
        note: Some("lost update: one store to `balance` overwrote"),
        absent: &[],
        ..NOTHING
    },
    Program {
        name: "a shared value under its lock",
        cell: "let balance = Value::new(0);\nlet theirs = balance.clone();\n*balance.get_lock() += 1;\nlet mut child = Process::new(move || *theirs.get_lock() += 10);\nchild.start().unwrap();\nchild.join().unwrap();\n*balance.get_lock() += 1;\nassert_eq!(balance.get(), 12);",
        ..NOTHING
    },
    Program {
        name: "long names",
        cell: "let thread = named(\"a thread with a long name\", || thread::sleep(Duration::from_millis(20)));\nlet mut child = Process::named(\"a process with a long name\", || thread::sleep(Duration::from_millis(20)));\nchild.start().unwrap();\nchild.join().unwrap();\nthread.join().unwrap();",
        lanes: &[
            (
                "a thread with a long name",
                &["waits for time to pass (`sleep`)"],
            ),
            (
                "a process with a long name",
                &["waits for time to pass (`sleep`)"],
            ),
        ],
        arrows: &["a thread with a long name ends, and main has joined it"],
        ..NOTHING
    },
    Program {
        name: "a queue and a pipe between processes",
        cell: "let queue: Queue<i32> = Queue::new();\nlet (here, there) = Pipe::new::<i32>();\nlet answers = queue.clone();\nlet mut child = Process::named(\"child\", move || answers.put(there.recv().unwrap() + 1).unwrap());\nchild.start().unwrap();\nthread::sleep(Duration::from_millis(100));\nhere.send(&1).unwrap();\nassert_eq!(queue.get().unwrap(), 2);\nchild.join().unwrap();",
        lanes: &[("child", &["waits for a message"])],
        arrows: &[
            "a message from main to child",
            "a message from child to main, through `queue`",
        ],
        ..NOTHING
    },
    Program {
        name: "a pool of processes and a manager",
        cell: "let manager = Manager::new().unwrap();\nlet list = manager.list([1]).unwrap();\nlet pool = Pool::new(2);\nassert_eq!(pool.map(|n: i32| { thread::sleep(Duration::from_millis(5)); n + 1 }, vec![1, 2, 3, 4]).unwrap(), [2, 3, 4, 5]);\nlist.append(2).unwrap();",
        lanes: &[("ForkPoolWorker-1", &["waits for time to pass (`sleep`)"])],
        ..NOTHING
    },
    Program {
        name: "a condition for all",
        cell: "let gate = Arc::new((Mutex::new(false), Condvar::new()));\nlet waiting = Arc::new(Barrier::new(3));\nlet threads = [\"one\", \"two\"].map(|name| { let (gate, waiting) = (gate.clone(), waiting.clone()); named(name, move || {\n    waiting.wait();\n    let mut is_open = gate.0.lock().unwrap();\n    while !*is_open { is_open = gate.1.wait(is_open).unwrap(); }\n}) });\nwaiting.wait();\nthread::sleep(Duration::from_millis(100));\n*gate.0.lock().unwrap() = true;\ngate.1.notify_all();\nfor thread in threads { thread.join().unwrap(); }",
        lanes: &[
            ("one", &["waits for `gate.1` to be notified"]),
            ("two", &["waits for `gate.1` to be notified"]),
        ],
        arrows: &[
            "main notifies `gate.1`, and wakes one",
            "main notifies `gate.1`, and wakes two",
        ],
        ..NOTHING
    },
    Program {
        name: "scopes in scopes",
        cell: "thread::scope(|outer| {\n    let inner = || thread::scope(|inner| { inner.spawn(|| thread::sleep(Duration::from_millis(50))); });\n    thread::Builder::new().name(\"middle\".to_owned()).spawn_scoped(outer, inner).unwrap();\n});",
        lanes: &[
            ("main", &["waits for the threads of a scope"]),
            ("middle", &["waits for the threads of a scope"]),
            ("thread 2", &["waits for time to pass (`sleep`)"]),
        ],
        arrows: &[
            "middle ends, and main has waited for that",
            "thread 2 ends, and middle has waited for that",
        ],
        ..NOTHING
    },
    Program {
        name: "a token for park",
        cell: "let (parked, done) = mpsc::channel();\nlet sleeper = named(\"sleeper\", move || {\n    thread::current().unpark();\n    thread::park();\n    parked.send(()).unwrap();\n    thread::park();\n});\ndone.recv().unwrap();\nthread::sleep(Duration::from_millis(100));\nsleeper.thread().unpark();\nsleeper.join().unwrap();",
        lanes: &[("sleeper", &["waits for `unpark`"])],
        arrows: &["sleeper ends, and main has joined it"],
        ..NOTHING
    },
    Program {
        name: "a channel that hands over",
        cell: "let (sender, receiver) = mpsc::sync_channel(0);\nlet producer = named(\"producer\", move || sender.send(1).unwrap());\nthread::sleep(Duration::from_millis(100));\nassert_eq!(receiver.recv(), Ok(1));\nproducer.join().unwrap();",
        lanes: &[("producer", &["waits for room in `receiver`"])],
        arrows: &["a message from producer to main, through `receiver`"],
        ..NOTHING
    },
    Program {
        name: "a lazy value",
        cell: "static TABLE: std::sync::LazyLock<i32> = std::sync::LazyLock::new(|| { thread::sleep(Duration::from_millis(100)); 7 });\nlet first = named(\"first\", || *TABLE);\nthread::sleep(Duration::from_millis(30));\nassert_eq!(*TABLE, first.join().unwrap());",
        lanes: &[
            (
                "main",
                &[
                    "waits for time to pass (`sleep`)",
                    "waits for another thread to initialise a value",
                ],
            ),
            ("first", &["waits for time to pass (`sleep`)"]),
        ],
        ..NOTHING
    },
    Program {
        name: "locks in fields and in a list",
        cell: "struct Account { balance: Mutex<i32> }\nlet accounts: Arc<Vec<Account>> = Arc::new([10, 20].map(|sum| Account { balance: Mutex::new(sum) }).into());\nlet (theirs, held) = (accounts.clone(), Arc::new(Barrier::new(2)));\nlet started = held.clone();\nlet clerk = named(\"clerk\", move || {\n    let mut from = theirs[0].balance.lock().unwrap();\n    started.wait();\n    thread::sleep(Duration::from_millis(100));\n    *from -= 1;\n});\nheld.wait();\n*accounts[1].balance.lock().unwrap() += 1;\n*accounts[0].balance.lock().unwrap() += 1;\nclerk.join().unwrap();",
        lanes: &[
            ("main", &["waits for `balance` 1, which clerk holds"]),
            ("clerk", &["holds `balance` 1"]),
            ("main", &["holds `balance` 2"]),
        ],
        arrows: &["clerk releases `balance` 1, and main takes it"],
        ..NOTHING
    },
    Program {
        name: "tasks of rayon",
        cell: "use threadbook::rayon::prelude::*;\nlet total = Mutex::new(0);\n(0..4).into_par_iter().for_each(|n| {\n    thread::sleep(Duration::from_millis(30));\n    *total.lock().unwrap() += n;\n});\nassert_eq!(*total.lock().unwrap(), 6);",
        lanes: &[
            ("main", &["waits for rayon's threads"]),
            ("main", &["holds `total`"]),
            ("thread 1", &["waits for time to pass (`sleep`)"]),
            ("thread 1", &["holds `total`"]),
        ],
        ..NOTHING
    },
    Program {
        name: "a pool in a process",
        cell: "let mut child = Process::named(\"child\", || {\n    let pool = Pool::new(2);\n    assert_eq!(pool.map(|n: i32| { thread::sleep(Duration::from_millis(50)); n + 1 }, vec![1, 2]).unwrap(), [2, 3]);\n});\nchild.start().unwrap();\nchild.join().unwrap();\nassert_eq!(child.exitcode(), Some(0));",
        lanes: &[
            ("main", &["waits for a child process to end"]),
            ("child", &["waits for tasks"]),
            ("ForkPoolWorker-", &["waits for time to pass (`sleep`)"]),
        ],
        arrows: &["child ends, and main has joined it"],
        ..NOTHING
    },
];
