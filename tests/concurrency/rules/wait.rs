//! wait.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(20);

/// Three tasks, each of which ends when its sender says with what.
fn three(pool: &ThreadPoolExecutor) -> (Vec<Future<i32>>, Vec<Sender<Option<i32>>>) {
    let task = |gate: Receiver<Option<i32>>| move || gate.recv().unwrap().expect("a number");
    (0..3)
        .map(|_| {
            let (go, gate) = channel();
            (pool.submit(task(gate)), go)
        })
        .unzip()
}

#[test]
fn all_completed_returns_when_all_are_done_or_cancelled() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(2);
        let (futures, go) = three(&pool);
        assert!(futures[2].cancel(), "there are two threads");
        for go in &go[..2] {
            go.send(Some(1)).unwrap();
        }
        let ended = wait(&futures);
        assert_eq!((ended.done.len(), ended.not_done.len()), (3, 0));
    });
}

#[test]
fn a_timeout_returns_what_is_done_and_what_is_not_in_their_order() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(3);
        let (futures, go) = three(&pool);
        go[1].send(Some(1)).unwrap();
        assert_eq!(futures[1].result(), Ok(1));
        let ended = wait_timeout(&futures, SHORT);
        assert_eq!(ended.done, [&futures[1]]);
        assert_eq!(ended.not_done, [&futures[0], &futures[2]]);
        go[0].send(Some(0)).unwrap();
        go[2].send(Some(2)).unwrap();
    });
}

#[test]
fn first_completed_returns_when_any_is_done_or_cancelled() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(2);
        let (futures, go) = three(&pool);
        go[1].send(Some(1)).unwrap();
        let ended = wait_for(&futures, None, FIRST_COMPLETED);
        assert_eq!(ended.done, [&futures[1]]);
        let ended = wait_for(&futures, None, FIRST_COMPLETED);
        assert_eq!(ended.done, [&futures[1]], "it was done already");
        let others = [&futures[0], &futures[2]];
        let ended = wait_for(others, Some(SHORT), FIRST_COMPLETED);
        assert_eq!((ended.done.len(), ended.not_done.len()), (0, 2));
        go[0].send(Some(0)).unwrap();
        go[2].send(Some(2)).unwrap();
    });
}

#[test]
fn first_exception_returns_at_a_failure_and_not_at_a_cancellation() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(2);
        let (futures, go) = three(&pool);
        assert!(futures[2].cancel());
        let ended = wait_for(&futures, Some(SHORT), FIRST_EXCEPTION);
        assert_eq!(ended.done, [&futures[2]], "it waited for the others");
        go[0].send(None).unwrap();
        let ended = wait_for(&futures, None, FIRST_EXCEPTION);
        assert_eq!(ended.done, [&futures[0], &futures[2]]);
        go[1].send(Some(1)).unwrap();
    });
}

#[test]
fn first_exception_without_one_is_all_completed() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(3);
        let (futures, go) = three(&pool);
        for go in &go {
            go.send(Some(1)).unwrap();
        }
        assert_eq!(wait_for(&futures, None, FIRST_EXCEPTION).done.len(), 3);
    });
}

#[test]
fn a_future_that_is_given_twice_is_returned_once() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let future = pool.submit(|| 1);
        assert_eq!(wait([&future, &future]).done, [&future]);
    });
}

#[test]
fn no_futures_are_done_at_once() {
    within(30, || {
        let none: [&Future<i32>; 0] = [];
        for when in [ALL_COMPLETED, FIRST_COMPLETED, FIRST_EXCEPTION] {
            let ended = wait_for(none, None, when);
            assert!(ended.done.is_empty() && ended.not_done.is_empty());
        }
    });
}

#[test]
fn futures_of_different_pools_can_be_waited_for_together() {
    within(30, || {
        let (threads, processes) = (ThreadPoolExecutor::new(1), ProcessPoolExecutor::new(1));
        let futures = [threads.submit(|| 1), processes.submit(|| 2)];
        assert_eq!(wait(&futures).done.len(), 2);
        let sum: i32 = as_completed(futures)
            .map(|future| future.into_result().unwrap())
            .sum();
        assert_eq!(sum, 3);
    });
}
