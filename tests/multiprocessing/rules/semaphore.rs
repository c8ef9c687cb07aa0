//! Semaphore, BoundedSemaphore, Event, Condition and Barrier.

use std::time::{Duration, Instant};

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(30);

#[test]
fn a_semaphore_counts_permits_across_processes() {
    within(30, || {
        let semaphore = Semaphore::new(2);
        let in_child = semaphore.clone();
        let p = holding(move || in_child.acquire());
        assert_eq!(semaphore.value(), 1);
        assert!(semaphore.try_acquire());
        let began = Instant::now();
        assert!(!semaphore.acquire_timeout(SHORT));
        assert!(began.elapsed() >= SHORT);
        kill(&p);
    });
}

#[test]
fn a_semaphore_may_be_released_by_anyone_and_more_often_than_acquired() {
    within(30, || {
        let semaphore = Semaphore::new(0);
        let in_child = semaphore.clone();
        assert_eq!(
            run(move || (0..3).for_each(|_| in_child.release())),
            Some(0)
        );
        assert_eq!(repr(&semaphore), "<Semaphore(value=3)>");
    });
}

#[test]
fn a_bounded_semaphore_refuses_a_release_too_many() {
    within(30, || {
        let semaphore = BoundedSemaphore::new(2);
        let too_often = "semaphore or lock released too many times";
        assert_eq!(panic_of(|| semaphore.release()), too_often);
        semaphore.acquire();
        assert_eq!(repr(&semaphore), "<BoundedSemaphore(value=1, maxvalue=2)>");
        semaphore.release();
        assert_eq!(panic_of(|| semaphore.release()), too_often);
    });
}

#[test]
fn an_event_wakes_all_who_wait() {
    within(30, || {
        let event = Event::new();
        assert!(!event.is_set() && !event.wait_timeout(SHORT));
        let waiters = [(); 3].map(|()| {
            let event = event.clone();
            start(move || event.wait())
        });
        event.set();
        join_all(waiters);
        event.clear();
        assert!(!event.wait_timeout(Duration::ZERO));
    });
}

#[test]
fn a_condition_wakes_as_many_as_it_is_told() {
    within(30, || {
        let (condition, waiting, woken) = (Condition::new(), Semaphore::new(0), Semaphore::new(0));
        let waiters = [(); 3].map(|()| {
            let (condition, waiting, woken) = (condition.clone(), waiting.clone(), woken.clone());
            start(move || {
                let _guard = condition.lock();
                waiting.release();
                condition.wait().unwrap();
                woken.release();
            })
        });
        for _ in &waiters {
            waiting.acquire();
        }
        let notify = |count| {
            let _guard = condition.lock();
            condition.notify(count);
        };
        notify(1);
        assert!(woken.acquire_timeout(LONG) && !woken.acquire_timeout(SHORT));
        notify(2);
        join_all(waiters);
    });
}

#[test]
fn a_barrier_lets_all_go_on_when_all_have_come() {
    within(30, || {
        let (barrier, order) = (Barrier::new(3), Queue::new());
        let others = [(); 2].map(|()| {
            let (barrier, order) = (barrier.clone(), order.clone());
            start(move || order.put(barrier.wait().unwrap()).unwrap())
        });
        until(|| barrier.n_waiting() == 2);
        assert!(order.empty());
        let mut all = vec![
            barrier.wait().unwrap(),
            order.get().unwrap(),
            order.get().unwrap(),
        ];
        all.sort();
        assert_eq!(all, [0, 1, 2]);
        join_all(others);
    });
}
