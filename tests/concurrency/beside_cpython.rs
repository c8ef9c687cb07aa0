//! Programs that do the same as those in `programs`, line by line: their outputs are compared with CPython's.

use std::collections::BTreeSet;
use std::fmt::Debug;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use threadbook::prelude::*;
use threadbook::queue::{GetError, LifoQueue, PriorityQueue, PutError, Queue, SimpleQueue};
use threadbook::threading::{self, Thread, Timer, active_count, current_thread, main_thread};

use crate::life::{be_silent, error_of, panic_of, within};
use support::not_run;

const SHORT: Duration = Duration::from_millis(10);

/// What a program prints.
#[derive(Clone, Default)]
pub struct Output(Arc<Mutex<String>>);

impl Output {
    /// Python's `print`. Each value is shown by `repr`; give texts as [`Text`].
    pub fn print(&self, values: &[&dyn Shown]) {
        let line: Vec<String> = values.iter().map(|value| value.shown()).collect();
        self.0.lock().unwrap().push_str(&(line.join(" ") + "\n"));
    }
}

pub trait Shown {
    fn shown(&self) -> String;
}

impl<T: Debug> Shown for T {
    fn shown(&self) -> String {
        repr(self)
    }
}

/// A text, which `print` shows as it is.
pub struct Text<'a>(pub &'a str);

impl Debug for Text<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.0)
    }
}

/// Compares the outputs of a program here and of the one in `programs`.
#[track_caller]
pub fn compare(name: &str, program: impl FnOnce(&Output)) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/concurrency/programs")
        .join(name);
    let Ok(python) = Command::new("python3").arg(script).output() else {
        not_run::record(|| {}, "there is no python3 on the PATH");
        return;
    };
    let output = Output::default();
    program(&output);
    let errors = String::from_utf8_lossy(&python.stderr);
    assert!(python.status.success(), "{errors}");
    let expected = String::from_utf8(python.stdout).expect("a text");
    assert_eq!(*output.0.lock().unwrap(), expected);
}

#[test]
fn futures() {
    within(30, || compare("futures.py", run_futures));
}

fn run_futures(out: &Output) {
    be_silent();
    let pool = ThreadPoolExecutor::new(1).thread_name_prefix("cook");
    let (go, started) = (Event::new(), Event::new());
    let report = |number: i32| {
        let out = out.clone();
        move |future: &Future<i32>| {
            out.print(&[
                &Text("callback"),
                &number,
                &future.done(),
                &future.cancelled(),
            ]);
        }
    };

    let busy = pool.submit({
        let (go, started) = (go.clone(), started.clone());
        move || {
            started.set();
            go.wait();
            thread_name()
        }
    });
    started.wait();
    let [second, third, fourth] = [2, 3, 4].map(|n| pool.submit(move || n * n));
    out.print(&[&busy.running(), &second.running(), &second.done()]);
    for number in 0..3 {
        third.add_done_callback(report(number));
    }
    out.print(&[&third.cancel(), &third.cancel(), &busy.cancel()]);
    if third.result() == Err(FutureError::Cancelled) {
        out.print(&[&Text("cancelled")]);
    }
    if busy.result_timeout(SHORT) == Err(FutureError::Timeout) {
        out.print(&[&Text("timeout")]);
    }
    let ended = wait_timeout([&second, &fourth], SHORT);
    out.print(&[&ended.done.len(), &(ended.not_done.len() + 1)]);
    go.set();
    out.print(&[&Text(&busy.result().unwrap())]);
    let squares: BTreeSet<i32> = as_completed([&fourth, &second, &fourth])
        .map(|future| future.result().unwrap())
        .collect();
    out.print(&[&(squares == BTreeSet::from([4, 16]))]);
    let ended = wait_for([&second, &fourth], None, FIRST_COMPLETED);
    out.print(&[&(ended.done.len() + 1), &ended.not_done.len()]);
    fourth.add_done_callback({
        let out = out.clone();
        move |future| {
            out.print(&[&Text("callback late"), &future.done(), &future.cancelled()]);
        }
    });
    let failed = pool.submit(|| -> i32 { panic!("no such key") });
    out.print(&[&failed.exception().is_some(), &second.exception().is_none()]);
    let results: Result<Vec<i32>, _> = pool.map(|n| n + 1, 0..5).collect();
    out.print(&[&results.unwrap()]);
    let pairs = ["a", "b"].into_iter().zip(["c", "d"]);
    let results: Result<Vec<String>, _> = pool.map(|(a, b)| format!("{a}{b}"), pairs).collect();
    out.print(&[&results.unwrap()]);
    pool.shutdown(true);
    out.print(&[&Text(&panic_of(|| pool.submit(|| ())))]);
}

#[test]
fn threads() {
    within(30, || compare("threads.py", run_threads));
}

fn run_threads(out: &Output) {
    be_silent();
    let t = Thread::named("loader", || ());
    out.print(&[&Text(&t.name()), &t.is_alive(), &t.daemon(), &t.ident()]);
    out.print(&[&Text(&error_of(t.join()))]);
    t.start().unwrap();
    t.join().unwrap();
    out.print(&[&t.is_alive(), &t.ident().is_some()]);
    out.print(&[&Text(&error_of(t.start()))]);

    let (gate, names) = (Event::new(), Arc::new(Mutex::new(Vec::new())));
    let blocked: Vec<Thread> = (0..3)
        .map(|n| {
            let gate = gate.clone();
            Thread::named(format!("guest-{n}"), move || gate.wait())
        })
        .collect();
    for t in &blocked {
        t.start().unwrap();
    }
    let all: Vec<String> = threading::enumerate().iter().map(Thread::name).collect();
    out.print(&[&active_count(), &all]);
    gate.set();
    for t in &blocked {
        t.join().unwrap();
    }
    out.print(&[
        &active_count(),
        &Text(&current_thread().name()),
        &Text(&main_thread().name()),
    ]);

    let note = |name: &'static str| {
        let names = Arc::clone(&names);
        move || names.lock().unwrap().push(name)
    };
    let timer = Timer::new(SHORT, note("timer"));
    timer.start().unwrap();
    timer.join().unwrap();
    let late = Timer::new(Duration::from_secs(60), note("late"));
    late.start().unwrap();
    late.cancel();
    late.join().unwrap();
    out.print(&[&*names.lock().unwrap()]);

    let tickets = Semaphore::new(2);
    tickets.acquire();
    tickets.acquire();
    let (third, fourth) = (tickets.try_acquire(), tickets.acquire_timeout(SHORT));
    out.print(&[&true, &true, &third, &fourth]);
    tickets.release_many(2);
    out.print(&[&tickets.try_acquire()]);
    let parking = BoundedSemaphore::new(1);
    if panic_of(|| parking.release()).contains("too many times") {
        out.print(&[&Text("released too often")]);
    }

    let say = out.clone();
    let barrier = Barrier::with_action(2, move || say.print(&[&Text("all are here")]));
    let guest = thread::spawn({
        let barrier = barrier.clone();
        move || barrier.wait().unwrap()
    });
    let mut indices = vec![barrier.wait().unwrap(), guest.join().unwrap()];
    indices.sort();
    out.print(&[
        &indices,
        &barrier.parties(),
        &barrier.n_waiting(),
        &barrier.broken(),
    ]);
    if barrier.wait_timeout(SHORT).is_err() {
        out.print(&[&Text("broken"), &barrier.broken()]);
    }
    barrier.reset().unwrap();
    out.print(&[&barrier.broken()]);
    barrier.abort();
    out.print(&[&barrier.broken()]);

    let (table, dishes) = (Condition::new(), Arc::new(Mutex::new(Vec::new())));
    {
        let _guard = table.lock();
        let (in_thread, cooked) = (table.clone(), Arc::clone(&dishes));
        thread::spawn(move || {
            for dish in ["soup", "fish"] {
                let _guard = in_thread.lock();
                cooked.lock().unwrap().push(dish);
                in_thread.notify(1);
            }
        });
        table
            .wait_for(|| dishes.lock().unwrap().len() == 2)
            .unwrap();
        out.print(&[&true, &*dishes.lock().unwrap()]);
        let notified = table.wait_timeout(SHORT).unwrap();
        out.print(&[&notified, &table.wait_for_timeout(|| false, SHORT).unwrap()]);
    }
    if panic_of(|| table.notify(1)) == "lock is not owned" {
        out.print(&[&Text("not the owner")]);
    }
}

#[test]
fn queues() {
    within(30, || compare("queues.py", run_queues));
}

/// What the Python program does with each kind of queue.
macro_rules! use_queue {
    ($out:ident, $queue:expr) => {
        let q = $queue;
        for item in [(2, "b"), (3, "c"), (1, "a")] {
            q.put(item).unwrap();
        }
        $out.print(&[&q.full(), &q.qsize(), &q.empty()]);
        if q.put_nowait((0, "z")) == Err(PutError::Full((0, "z"))) {
            $out.print(&[&Text("full")]);
        }
        if q.put_timeout((0, "z"), SHORT) == Err(PutError::Full((0, "z"))) {
            $out.print(&[&Text("still full")]);
        }
        let items: Vec<_> = (0..3).map(|_| q.get().unwrap()).collect();
        $out.print(&[&items]);
        if q.get_nowait() == Err(GetError::Empty) {
            $out.print(&[&Text("empty")]);
        }
        if q.get_timeout(SHORT) == Err(GetError::Empty) {
            $out.print(&[&Text("still empty")]);
        }
        for _ in 0..3 {
            q.task_done().unwrap();
        }
        q.join();
        $out.print(&[&Text(&error_of(q.task_done()))]);
    };
}

fn run_queues(out: &Output) {
    use_queue!(out, Queue::bounded(3));
    use_queue!(out, LifoQueue::bounded(3));
    use_queue!(out, PriorityQueue::bounded(3));

    let (work, results) = (Queue::new(), SimpleQueue::new());
    let threads: Vec<_> = (0..3)
        .map(|_| {
            let (work, results) = (work.clone(), results.clone());
            thread::spawn(move || {
                while let Ok(Some(item)) = work.get() {
                    results.put(item * item);
                    work.task_done().unwrap();
                }
            })
        })
        .collect();
    for n in 0..10 {
        work.put(Some(n)).unwrap();
    }
    work.join();
    for _ in &threads {
        work.put(None).unwrap();
    }
    for t in threads {
        t.join().unwrap();
    }
    let count = results.qsize();
    let mut squares: Vec<i32> = (0..10).map(|_| results.get()).collect();
    squares.sort();
    out.print(&[&count, &squares, &results.empty()]);
    if results.get_nowait() == Err(GetError::Empty) {
        out.print(&[&Text("nothing is left")]);
    }
}
