use std::sync::Barrier;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::*;
use crate::future::wait;
use crate::threading::thread_name;

impl ThreadPoolExecutor {
    fn wait_until_idle(&self, threads: usize) {
        let start = Instant::now();
        while self.queue.lock().idle != threads {
            assert!(start.elapsed() < Duration::from_secs(20), "never idle");
            thread::yield_now();
        }
    }

    fn name(&self, k: usize) -> String {
        format!("ThreadPoolExecutor-{}_{k}", self.number)
    }
}

#[test]
fn each_executor_has_the_next_number() {
    let (first, second) = (ThreadPoolExecutor::new(1), ThreadPoolExecutor::new(1));
    assert!(second.number > first.number);
    assert_eq!(second.submit(thread_name).result().unwrap(), second.name(0));
}

#[test]
fn busy_threads_are_joined_by_new_ones_up_to_the_limit() {
    let pool = ThreadPoolExecutor::new(2);
    let both = Arc::new(Barrier::new(2));
    let tasks: Vec<_> = (0..4)
        .map(|_| {
            let both = Arc::clone(&both);
            // Two tasks must be at the barrier at the same time, so both threads are needed.
            pool.submit(move || {
                both.wait();
                thread_name()
            })
        })
        .collect();
    wait(&tasks);
    let mut names: Vec<_> = tasks.into_iter().map(|t| t.result().unwrap()).collect();
    names.sort();
    names.dedup();
    assert_eq!(names, [pool.name(0), pool.name(1)]);
}

#[test]
fn an_idle_thread_is_used_again() {
    let pool = ThreadPoolExecutor::new(4);
    for _ in 0..10 {
        assert_eq!(pool.submit(thread_name).result().unwrap(), pool.name(0));
        pool.wait_until_idle(1);
    }
}

#[test]
fn a_queued_task_takes_up_an_idle_thread() {
    let pool = ThreadPoolExecutor::new(3);
    let (go, gate) = mpsc::channel::<()>();
    pool.submit(|| ()).result().unwrap();
    pool.wait_until_idle(1);
    let first = pool.submit(move || gate.recv());
    // Whether or not the idle thread has woken up by now, it is taken: this task needs another.
    pool.submit(|| ()).result().unwrap();
    assert_eq!(pool.threads().len(), 2);
    go.send(()).unwrap();
    assert_eq!(first.result(), Ok(Ok(())));
}

#[test]
fn a_panic_ends_the_task_and_not_the_thread() {
    let pool = ThreadPoolExecutor::new(1);
    let bad = pool.submit(|| -> i32 { panic!("task {}", 7) });
    let good = pool.submit(thread_name);
    assert_eq!(bad.result().unwrap_err().to_string(), "task 7");
    assert_eq!(good.result().unwrap(), pool.name(0));
}

#[test]
fn done_is_true_after_wait_only() {
    let pool = ThreadPoolExecutor::new(1);
    let (go, gate) = mpsc::channel::<()>();
    let task = pool.submit(move || gate.recv().unwrap());
    let queued = pool.submit(|| ());
    assert!(!task.done());
    assert_eq!(format!("{queued:?}"), "<Future state=pending>");
    go.send(()).unwrap();
    wait([&task]);
    assert!(task.done());
    assert_eq!(format!("{task:?}"), "<Future state=finished>");
}

#[test]
fn shutdown_runs_what_is_queued_and_takes_no_more() {
    let ran = Arc::new(AtomicUsize::new(0));
    let pool = ThreadPoolExecutor::new(2);
    for _ in 0..100 {
        let ran = Arc::clone(&ran);
        pool.submit(move || ran.fetch_add(1, Ordering::Relaxed));
    }
    pool.shutdown(true);
    assert_eq!(ran.load(Ordering::Relaxed), 100);
    pool.shutdown(true);
    let refused = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| pool.submit(|| ())));
    assert_eq!(
        crate::future::panic_message(refused.err().unwrap()),
        "cannot schedule new futures after shutdown"
    );
}

#[test]
fn without_wait_the_tasks_go_on() {
    let pool = ThreadPoolExecutor::new(1);
    let (go, gate) = mpsc::channel::<()>();
    let first = pool.submit(move || gate.recv().unwrap());
    let second = pool.submit(|| 2);
    pool.shutdown(false);
    assert!(!first.done());
    go.send(()).unwrap();
    assert_eq!(second.result(), Ok(2));
}

#[test]
fn a_task_may_drop_the_last_handle() {
    let pool = Arc::new(ThreadPoolExecutor::new(1));
    let (send, receive) = mpsc::channel::<Arc<ThreadPoolExecutor>>();
    let task = pool.submit(move || drop(receive.recv().unwrap()));
    send.send(pool).unwrap();
    assert_eq!(task.result(), Ok(()));
}

#[test]
#[should_panic(expected = "max_workers must be greater than 0")]
fn an_executor_without_threads_is_refused() {
    ThreadPoolExecutor::new(0);
}
