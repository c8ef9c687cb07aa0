//! Locks, semaphores, events, conditions and barriers between threads.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use threadbook::prelude::repr;
use threadbook::threading::*;

use crate::life::{LONG, be_silent, error_of, panic_of, until, within};

const SHORT: Duration = Duration::from_millis(20);

fn spawn_each(
    count: usize,
    work: impl Fn(usize) + Send + Sync + 'static,
) -> Vec<thread::JoinHandle<()>> {
    let work = Arc::new(work);
    (0..count)
        .map(|n| {
            let work = Arc::clone(&work);
            thread::spawn(move || work(n))
        })
        .collect()
}

fn join(threads: Vec<thread::JoinHandle<()>>) {
    for thread in threads {
        thread.join().unwrap();
    }
}

#[test]
fn a_lock_lets_in_one_thread_and_any_thread_may_release_it() {
    within(30, || {
        let lock = Lock::new();
        lock.acquire().unwrap();
        assert!(!lock.try_acquire());
        assert!(!lock.acquire_timeout(SHORT).unwrap());
        thread::spawn({
            let lock = lock.clone();
            move || lock.release()
        })
        .join()
        .unwrap();
        assert!(lock.try_acquire());
        lock.release();
        be_silent();
        assert!(panic_of(|| lock.release()).contains("too many times"));
    });
}

#[test]
fn an_rlock_is_its_owners_to_take_again_and_to_release() {
    within(30, || {
        let lock = RLock::new();
        let (outer, inner) = (lock.lock(), lock.lock());
        let other = lock.clone();
        thread::spawn(move || {
            be_silent();
            assert!(!other.try_acquire());
            let message = panic_of(|| other.release());
            assert!(message.contains("not owned"), "{message}");
        })
        .join()
        .unwrap();
        drop((outer, inner));
        assert!(lock.try_acquire());
    });
}

#[test]
fn a_semaphore_counts_and_release_may_return_several_permits() {
    within(30, || {
        let s = Semaphore::new(1);
        s.acquire();
        assert!(!s.try_acquire() && !s.acquire_timeout(SHORT));
        let waiters = spawn_each(3, {
            let s = s.clone();
            move |_| s.acquire()
        });
        s.release_many(3);
        join(waiters);
        assert_eq!(s.value(), 0);
    });
}

#[test]
fn at_most_as_many_threads_as_permits_are_inside() {
    within(30, || {
        let (s, inside, most) = (
            Semaphore::new(2),
            AtomicUsize::new(0),
            Arc::new(AtomicUsize::new(0)),
        );
        let seen = Arc::clone(&most);
        join(spawn_each(8, move |_| {
            for _ in 0..50 {
                let _permit = s.permit();
                seen.fetch_max(inside.fetch_add(1, SeqCst) + 1, SeqCst);
                thread::yield_now();
                inside.fetch_sub(1, SeqCst);
            }
        }));
        assert!((1..=2).contains(&most.load(SeqCst)));
    });
}

#[test]
fn a_bounded_semaphore_is_not_released_more_often_than_acquired() {
    within(30, || {
        be_silent();
        let s = BoundedSemaphore::new(2);
        s.acquire();
        assert!(panic_of(|| s.release_many(2)).contains("too many times"));
        assert_eq!(s.value(), 1, "none was returned");
        s.release_many(1);
        assert!(panic_of(|| s.release()).contains("too many times"));
    });
}

#[test]
fn an_event_wakes_all_who_wait_and_lets_pass_until_it_is_cleared() {
    within(30, || {
        let event = Event::new();
        assert!(!event.is_set() && !event.wait_timeout(SHORT));
        let waiters = spawn_each(3, {
            let event = event.clone();
            move |_| event.wait()
        });
        event.set();
        join(waiters);
        assert!(event.is_set() && event.wait_timeout(SHORT));
        event.clear();
        assert!(!event.is_set());
    });
}

#[test]
fn a_condition_releases_the_lock_while_it_waits_and_holds_it_afterwards() {
    within(30, || {
        let cond = Condition::new();
        let items = Arc::new(AtomicUsize::new(0));
        let guard = cond.lock();
        let producer = thread::spawn({
            let (cond, items) = (cond.clone(), Arc::clone(&items));
            move || {
                let _guard = cond.lock();
                items.store(1, SeqCst);
                cond.notify(1);
            }
        });
        cond.wait_for(|| items.load(SeqCst) == 1).unwrap();
        assert!(
            !thread::spawn({
                let cond = cond.clone();
                move || cond.wait_timeout(SHORT).is_ok()
            })
            .join()
            .is_ok_and(|waited| waited),
            "the other thread does not hold the lock"
        );
        drop(guard);
        producer.join().unwrap();
    });
}

#[test]
fn notify_wakes_as_many_as_it_says_in_order_and_notify_all_the_rest() {
    within(30, || {
        let (cond, (tell, told)) = (Condition::new(), mpsc::channel());
        let waiting = Arc::new(AtomicUsize::new(0));
        let mut threads = Vec::new();
        for n in 0..5 {
            let (in_thread, tell, count) = (cond.clone(), tell.clone(), Arc::clone(&waiting));
            threads.push(thread::spawn(move || {
                let _guard = in_thread.lock();
                count.fetch_add(1, SeqCst);
                in_thread.wait().unwrap();
                tell.send(n).unwrap();
            }));
            // It holds the lock from its count to its wait.
            until(|| waiting.load(SeqCst) == n + 1);
            drop(cond.lock());
        }
        let notify = |most: u32| {
            let _guard = cond.lock();
            match most {
                0 => cond.notify_all(),
                most => cond.notify(most),
            }
        };
        let next = |count| {
            let mut woken: Vec<usize> = (0..count)
                .map(|_| told.recv_timeout(LONG).unwrap())
                .collect();
            woken.sort();
            woken
        };
        notify(1);
        assert_eq!(next(1), [0]);
        notify(2);
        assert_eq!(next(2), [1, 2]);
        notify(0);
        assert_eq!(next(2), [3, 4]);
        join(threads);
    });
}

#[test]
fn a_condition_needs_its_lock_and_a_timeout_returns_false() {
    within(30, || {
        be_silent();
        let cond = Condition::with_lock(&Lock::new());
        assert!(panic_of(|| cond.wait()).contains("must acquire()"));
        assert!(panic_of(|| cond.notify(1)).contains("not owned"));
        let _guard = cond.lock();
        assert!(!cond.wait_timeout(SHORT).unwrap());
        assert!(!cond.wait_for_timeout(|| false, SHORT).unwrap());
        assert!(cond.wait_for_timeout(|| true, SHORT).unwrap());
    });
}

#[test]
fn a_barrier_lets_all_go_when_all_have_arrived_again_and_again() {
    within(30, || {
        let calls = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&calls);
        let barrier = Barrier::with_action(3, move || {
            count.fetch_add(1, SeqCst);
        });
        assert_eq!(
            (barrier.parties(), barrier.n_waiting(), barrier.broken()),
            (3, 0, false)
        );
        let (tell, told) = mpsc::channel();
        let in_threads = (barrier.clone(), Arc::clone(&calls));
        join(spawn_each(3, move |_| {
            let (barrier, calls) = &in_threads;
            for round in 1..=10 {
                tell.send(barrier.wait().unwrap()).unwrap();
                assert!(calls.load(SeqCst) >= round, "the action comes first");
            }
        }));
        let mut indices: Vec<u32> = told.iter().collect();
        indices.sort();
        assert_eq!(indices, [[0; 10], [1; 10], [2; 10]].concat());
        assert_eq!(calls.load(SeqCst), 10);
    });
}

#[test]
fn a_barrier_breaks_for_all_when_one_does_not_come_in_time() {
    within(30, || {
        let barrier = Barrier::new(3);
        let other = thread::spawn({
            let barrier = barrier.clone();
            move || barrier.wait()
        });
        until(|| barrier.n_waiting() == 1);
        let began = Instant::now();
        assert_eq!(barrier.wait_timeout(SHORT), Err(BrokenBarrier));
        assert!(began.elapsed() >= SHORT && barrier.broken());
        assert_eq!(other.join().unwrap(), Err(BrokenBarrier));
        assert_eq!(barrier.wait(), Err(BrokenBarrier), "until it is reset");
        barrier.reset().unwrap();
        assert!(!barrier.broken());
    });
}

#[test]
fn abort_and_reset_send_the_waiters_away() {
    within(30, || {
        for end in [
            |barrier: &Barrier| barrier.abort(),
            |barrier: &Barrier| barrier.reset().unwrap(),
        ] {
            let barrier = Barrier::new(2);
            let waiter = thread::spawn({
                let barrier = barrier.clone();
                move || error_of(barrier.wait())
            });
            until(|| barrier.n_waiting() == 1);
            end(&barrier);
            assert!(waiter.join().unwrap().contains("the barrier is broken"));
        }
    });
}

#[test]
fn an_action_that_panics_breaks_the_barrier() {
    within(30, || {
        be_silent();
        let barrier = Barrier::with_action(1, || panic!("no action"));
        assert_eq!(panic_of(|| barrier.wait()), "no action");
        assert!(barrier.broken() && repr(&barrier).ends_with("broken>"));
    });
}
