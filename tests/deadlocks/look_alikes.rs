//! Cells that wait long, and go on: each prints `done`.

pub struct LookAlike {
    pub name: &'static str,
    /// Cells that run first.
    pub before: &'static [&'static str],
    pub cell: &'static str,
}

pub const LOOK_ALIKES: [LookAlike; 20] = [
    LookAlike {
        name: "a thread that sleeps with the lock",
        before: &[],
        cell: "let lock = Arc::new(Mutex::new(0));\nlet other = lock.clone();\nlet (ready, started) = mpsc::channel();\nlet t = thread::spawn(move || { let guard = other.lock().unwrap(); ready.send(()).unwrap(); thread::sleep(Duration::from_millis(1200)); drop(guard); });\nstarted.recv().unwrap();\n*lock.lock().unwrap() += 1;\nt.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a thread that computes with the lock",
        before: &[],
        cell: "let lock = Arc::new(Mutex::new(0));\nlet other = lock.clone();\nlet (ready, started) = mpsc::channel();\nlet t = thread::spawn(move || { let guard = other.lock().unwrap(); ready.send(()).unwrap(); let begin = std::time::Instant::now(); while begin.elapsed() < Duration::from_millis(1200) {} drop(guard); });\nstarted.recv().unwrap();\n*lock.lock().unwrap() += 1;\nt.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a receive with a time limit",
        before: &[],
        cell: "let (sender, receiver) = mpsc::channel::<i32>();\nassert!(receiver.recv_timeout(Duration::from_millis(1200)).is_err());\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a condition with a time limit",
        before: &[],
        cell: "let pair = (Mutex::new(false), Condvar::new());\nlet (guard, result) = pair.1.wait_timeout(pair.0.lock().unwrap(), Duration::from_millis(1200)).unwrap();\nassert!(result.timed_out());\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a program that takes its time",
        before: &[],
        cell: "std::process::Command::new(\"sleep\").arg(\"1.2\").status().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "the output of a program, read by a thread",
        before: &[],
        cell: "let t = thread::spawn(|| std::process::Command::new(\"sh\").args([\"-c\", \"sleep 1.2; echo x\"]).output().unwrap());\nassert_eq!(t.join().unwrap().stdout, b\"x\\n\");\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a program of another process group",
        before: &[],
        cell: "use std::os::unix::process::CommandExt;\nlet mut child = std::process::Command::new(\"sleep\").arg(\"1.2\").process_group(0).spawn().unwrap();\nchild.wait().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a socket",
        before: &[],
        cell: "use std::io::{Read, Write};\nlet listener = std::net::TcpListener::bind(\"127.0.0.1:0\").unwrap();\nlet address = listener.local_addr().unwrap();\nlet client = thread::spawn(move || { let mut stream = std::net::TcpStream::connect(address).unwrap(); thread::sleep(Duration::from_millis(1200)); stream.write_all(b\"x\").unwrap(); });\nlet (mut stream, _) = listener.accept().unwrap();\nlet mut byte = [0];\nstream.read_exact(&mut byte).unwrap();\nclient.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a pipe that a program writes to",
        before: &[],
        cell: "use std::io::Read;\nlet mut child = std::process::Command::new(\"sh\").args([\"-c\", \"sleep 1.2; echo x\"]).stdout(std::process::Stdio::piped()).spawn().unwrap();\nlet mut text = String::new();\nchild.stdout.take().unwrap().read_to_string(&mut text).unwrap();\nchild.wait().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a timer thread that unparks",
        before: &[],
        cell: "let main = thread::current();\nlet timer = thread::spawn(move || { thread::sleep(Duration::from_millis(1200)); main.unpark(); });\nthread::park();\ntimer.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a signal of a timer, whose handler unparks",
        before: &[
            "use std::sync::atomic::{AtomicBool, Ordering::SeqCst};\nstatic RANG: AtomicBool = AtomicBool::new(false);\nstatic MAIN: OnceLock<thread::Thread> = OnceLock::new();\nextern \"C\" fn ring(_: i32) { RANG.store(true, SeqCst); MAIN.get().unwrap().unpark(); }\nunsafe extern \"C\" { fn signal(number: i32, handler: usize) -> usize; fn alarm(seconds: u32) -> u32; }",
        ],
        cell: "MAIN.get_or_init(thread::current);\nunsafe { signal(14, ring as usize); alarm(2); }\nwhile !RANG.swap(false, SeqCst) { thread::park(); }\nunsafe { signal(14, 0); }\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a worker of an earlier cell that gets work",
        before: &[
            "let (jobs, inbox) = mpsc::channel::<u64>();\nlet (results, outbox) = mpsc::channel();\nlet worker = thread::spawn(move || for job in inbox { thread::sleep(Duration::from_millis(job)); results.send(job).unwrap(); });",
        ],
        cell: "jobs.send(1200).unwrap();\nassert_eq!(outbox.recv().unwrap(), 1200);\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a worker of an earlier cell that gets none",
        before: &[
            "let (jobs, inbox) = mpsc::channel::<u64>();\nlet worker = thread::spawn(move || for job in inbox {});",
        ],
        cell: "thread::sleep(Duration::from_millis(1200));\nprintln!(\"done\");",
    },
    LookAlike {
        name: "threads that hand a lock on, again and again",
        before: &[],
        cell: "let turn = Arc::new((Mutex::new(0), Condvar::new()));\nlet begin = std::time::Instant::now();\nlet threads: Vec<_> = (0..2).map(|own| { let turn = turn.clone(); thread::spawn(move || while begin.elapsed() < Duration::from_millis(1200) { let guard = turn.0.lock().unwrap(); let (mut guard, _) = turn.1.wait_timeout_while(guard, Duration::from_millis(50), |turn| *turn != own).unwrap(); *guard = 1 - own; turn.1.notify_all(); }) }).collect();\nfor thread in threads { thread.join().unwrap(); }\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a process of the helper that sleeps",
        before: &[],
        cell: "let mut child = Process::new(|| thread::sleep(Duration::from_millis(1200)));\nchild.start().unwrap();\nchild.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a lock that a sleeping process holds",
        before: &[],
        cell: "let (lock, holds) = (Lock::new(), Event::new());\nlet (in_child, told) = (lock.clone(), holds.clone());\nlet mut child = Process::new(move || { let guard = in_child.lock(); told.set(); thread::sleep(Duration::from_millis(1200)); });\nchild.start().unwrap();\nholds.wait();\nlet guard = lock.lock();\nchild.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a queue that a slow process fills",
        before: &[],
        cell: "let queue: Queue<i32> = Queue::new();\nlet other = queue.clone();\nlet mut child = Process::new(move || { thread::sleep(Duration::from_millis(1200)); other.put(1).unwrap(); });\nchild.start().unwrap();\nassert_eq!(queue.get().unwrap(), 1);\nchild.join().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a pool whose tasks take long",
        before: &[],
        cell: "let pool = Pool::new(2);\nlet doubled: Vec<i32> = pool.map(|x| { thread::sleep(Duration::from_millis(700)); x * 2 }, vec![1, 2, 3]).unwrap();\nassert_eq!(doubled, [2, 4, 6]);\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a thread that spins until another one wakes",
        before: &[],
        cell: "use std::sync::atomic::{AtomicBool, Ordering::SeqCst};\nlet go = Arc::new(AtomicBool::new(false));\nlet (seen, set) = (go.clone(), go.clone());\nlet (sender, receiver) = mpsc::channel();\nthread::spawn(move || { while !seen.load(SeqCst) { thread::yield_now(); } sender.send(()).unwrap(); });\nthread::spawn(move || { thread::sleep(Duration::from_millis(1200)); set.store(true, SeqCst); });\nreceiver.recv().unwrap();\nprintln!(\"done\");",
    },
    LookAlike {
        name: "a condition that a thread notifies when a program is over",
        before: &[],
        cell: "let pair = Arc::new((Mutex::new(false), Condvar::new()));\nlet theirs = pair.clone();\nlet waker = thread::spawn(move || { std::process::Command::new(\"sleep\").arg(\"1.2\").status().unwrap(); *theirs.0.lock().unwrap() = true; theirs.1.notify_all(); });\ndrop(pair.1.wait_while(pair.0.lock().unwrap(), |is_over| !*is_over).unwrap());\nwaker.join().unwrap();\nprintln!(\"done\");",
    },
];
