//! as_completed.

use std::sync::mpsc::channel;
use std::time::Duration;

use threadbook::concurrent::futures::Unfinished;
use threadbook::prelude::*;

use crate::life::*;

#[test]
fn futures_come_in_the_order_in_which_they_are_done() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(3);
        let (futures, go): (Vec<_>, Vec<_>) = (0..3)
            .map(|n| {
                let (go, gate) = channel::<()>();
                let task = move || {
                    gate.recv().unwrap();
                    n
                };
                (pool.submit(task), go)
            })
            .unzip();
        let mut done = as_completed(&futures);
        for n in [1, 2, 0] {
            go[n].send(()).unwrap();
            assert_eq!(done.next().unwrap().result(), Ok(n));
        }
        assert!(done.next().is_none() && done.next().is_none());
    });
}

#[test]
fn those_that_are_done_come_first_and_each_once() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (go, gate) = channel();
        let late = pool.submit(move || gate.recv().unwrap());
        let (first, second) = (Future::new(), Future::new());
        second.set_result(2).unwrap();
        first.set_result(1).unwrap();
        let mut done = as_completed([&late, &first, &second, &late, &first]);
        assert_eq!(done.len(), 3);
        assert_eq!(done.next().unwrap().result(), Ok(1));
        assert_eq!(done.next().unwrap().result(), Ok(2));
        go.send(3).unwrap();
        assert_eq!(done.next().unwrap().result(), Ok(3));
        assert!(done.next().is_none());
    });
}

#[test]
fn after_the_timeout_an_error_says_how_many_are_unfinished() {
    within(30, || {
        let (done, late) = (Future::new(), Future::<i32>::new());
        done.set_result(1).unwrap();
        let mut futures = as_completed_timeout([&done, &late], Duration::from_millis(10));
        assert_eq!(futures.next(), Some(Ok(&done)));
        let error = futures.next().unwrap().unwrap_err();
        assert_eq!(
            error,
            Unfinished {
                unfinished: 1,
                total: 2
            }
        );
        assert_eq!(error.to_string(), "1 (of 2) futures unfinished");
        assert!(futures.next().is_none());
    });
}

#[test]
fn cancelled_futures_are_done() {
    within(30, || {
        let future = Future::<i32>::new();
        let mut done = as_completed([&future]);
        future.cancel();
        assert!(done.next().unwrap().cancelled());
    });
}

#[test]
fn a_bar_around_it_counts_to_the_end() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(2);
        let futures: Vec<_> = (0..20).map(|n| pool.submit(move || n)).collect();
        let bar = tqdm(as_completed(&futures));
        let state = bar.bar().clone();
        assert_eq!(bar.map(|future| future.result().unwrap()).sum::<i32>(), 190);
        assert!(state.to_string().contains("| 20/20 ["), "{state}");
        let bar = tqdm(as_completed(futures)).total(20);
        assert_eq!(bar.filter(Future::done).count(), 20);
    });
}

#[test]
fn it_may_be_left_early() {
    within(30, || {
        let (first, second) = (Future::new(), Future::new());
        first.set_result(1).unwrap();
        let found = as_completed([&first, &second]).next();
        assert_eq!(found, Some(&first));
        second.set_result(2).unwrap();
        assert_eq!(second.into_result(), Ok(2));
    });
}
