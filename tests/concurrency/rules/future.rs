//! Future.

use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use threadbook::concurrent::futures::InvalidState;
use threadbook::prelude::*;

use crate::life::*;

const SHORT: Duration = Duration::from_millis(20);

/// Takes up the only thread of a pool, until something is sent.
fn blocked(pool: &ThreadPoolExecutor) -> (Future<i32>, mpsc::Sender<i32>) {
    let (go, gate) = mpsc::channel();
    let future = pool.submit(move || gate.recv().unwrap());
    until(|| future.running());
    (future, go)
}

#[test]
fn cancel_keeps_a_task_from_running_and_fails_if_it_runs_or_is_done() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (running, go) = blocked(&pool);
        let queued = pool.submit(|| -> i32 { unreachable!("it was cancelled") });
        assert!(!running.cancel() && !running.cancelled() && !running.done());
        assert!(queued.cancel() && queued.cancelled() && queued.done() && !queued.running());
        assert!(queued.cancel(), "again");
        assert_eq!(queued.result(), Err(FutureError::Cancelled));
        assert_eq!(queued.exception(), Some(FutureError::Cancelled));
        go.send(1).unwrap();
        assert_eq!(running.result(), Ok(1));
        assert!(running.done() && !running.running() && !running.cancel());
    });
}

#[test]
fn result_and_exception_with_a_timeout_do_not_wait_longer_and_can_be_repeated() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (running, go) = blocked(&pool);
        assert_eq!(running.result_timeout(SHORT), Err(FutureError::Timeout));
        assert_eq!(running.exception_timeout(SHORT), Some(FutureError::Timeout));
        go.send(5).unwrap();
        assert_eq!(running.result_timeout(LONG), Ok(5));
        assert_eq!(running.exception_timeout(LONG), None);
        assert_eq!((running.result(), running.result()), (Ok(5), Ok(5)));
    });
}

#[test]
fn exception_is_what_the_task_panicked_with_and_none_if_it_did_not() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(1);
        let bad = pool.submit(|| -> i32 { panic!("no {}", "luck") });
        assert_eq!(bad.exception().unwrap().to_string(), "no luck");
        assert!(matches!(bad.result(), Err(FutureError::Panicked(_))));
        assert_eq!(pool.submit(|| 1).exception(), None);
    });
}

#[test]
fn callbacks_are_called_in_the_order_in_which_they_were_added_in_the_thread_of_the_task() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1).thread_name_prefix("worker");
        let (running, go) = blocked(&pool);
        let calls = Arc::new(Mutex::new(Vec::new()));
        for n in 0..5 {
            let calls = Arc::clone(&calls);
            running.add_done_callback(move |future| {
                let call = (n, future.result(), thread_name());
                calls.lock().unwrap().push(call);
            });
        }
        go.send(7).unwrap();
        assert_eq!(running.into_result(), Ok(7), "it waits for the callbacks");
        let expected = (0..5).map(|n| (n, Ok(7), "worker_0".to_owned()));
        assert_eq!(*calls.lock().unwrap(), Vec::from_iter(expected));
    });
}

#[test]
fn a_callback_that_is_added_to_a_done_future_is_called_at_once_by_the_caller() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let done = pool.submit(|| 3);
        wait([&done]);
        let (tell, told) = mpsc::channel();
        done.add_done_callback(move |future| {
            tell.send((future.result(), thread::current().id()))
                .unwrap();
        });
        assert_eq!(told.try_recv(), Ok((Ok(3), thread::current().id())));
    });
}

#[test]
fn a_callback_that_panics_affects_neither_the_others_nor_the_thread() {
    within(30, || {
        be_silent();
        let pool = ThreadPoolExecutor::new(1);
        let (running, go) = blocked(&pool);
        let (tell, told) = mpsc::channel();
        running.add_done_callback(|_| panic!("a bad callback"));
        running.add_done_callback(move |future| tell.send(future.result()).unwrap());
        go.send(1).unwrap();
        assert_eq!(told.recv(), Ok(Ok(1)));
        running.add_done_callback(|_| panic!("at once, in this thread"));
        assert_eq!(pool.submit(|| 2).result(), Ok(2));
    });
}

#[test]
fn cancel_calls_the_callbacks() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (_running, go) = blocked(&pool);
        let queued = pool.submit(|| 1);
        let (tell, told) = mpsc::channel();
        queued.add_done_callback(move |future| tell.send(future.cancelled()).unwrap());
        queued.cancel();
        assert_eq!(told.try_recv(), Ok(true), "called before cancel returned");
        go.send(0).unwrap();
    });
}

#[test]
fn into_result_moves_a_value_that_cannot_be_cloned() {
    within(30, || {
        struct NotClone(i32);
        let pool = ThreadPoolExecutor::new(1);
        let future = pool.submit(|| NotClone(4));
        assert_eq!(future.into_result().map(|value| value.0), Ok(4));
    });
}

#[test]
fn set_result_completes_a_future_of_ones_own_once() {
    within(30, || {
        let future = Arc::new(Future::new());
        let setter = Arc::clone(&future);
        let thread = thread::spawn(move || {
            assert_eq!(setter.set_running_or_notify_cancel(), Ok(true));
            assert_eq!(setter.set_running_or_notify_cancel(), Err(InvalidState));
            setter.set_result(9).unwrap();
            assert_eq!(setter.set_result(10), Err(InvalidState));
            assert_eq!(setter.set_exception("late"), Err(InvalidState));
        });
        assert_eq!(future.result(), Ok(9));
        thread.join().unwrap();

        let failed = Future::<i32>::new();
        failed.set_exception("it failed").unwrap();
        assert_eq!(error_of(failed.result()), "it failed");

        let cancelled = Future::<i32>::new();
        assert!(cancelled.cancel());
        assert_eq!(cancelled.set_running_or_notify_cancel(), Ok(false));
        assert_eq!(cancelled.set_result(1), Err(InvalidState));
    });
}

#[test]
fn repr_shows_the_state() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let (running, go) = blocked(&pool);
        let (queued, cancelled) = (pool.submit(|| 1), pool.submit(|| 2));
        cancelled.cancel();
        assert_eq!(repr(&running), "<Future state=running>");
        assert_eq!(repr(&queued), "<Future state=pending>");
        assert_eq!(repr(&cancelled), "<Future state=cancelled>");
        go.send(0).unwrap();
        wait([&running]);
        assert_eq!(repr(&running), "<Future state=finished>");
    });
}

#[test]
#[expect(
    clippy::mutable_key_type,
    reason = "a future is hashed by its identity"
)]
fn a_future_is_a_key_equal_only_to_itself() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(2);
        let names = std::collections::HashMap::from([
            (pool.submit(|| 1), "one"),
            (pool.submit(|| 2), "two"),
        ]);
        let mut found: Vec<_> = as_completed(names.keys())
            .map(|future| (future.result().unwrap(), names[future]))
            .collect();
        found.sort();
        assert_eq!(found, [(1, "one"), (2, "two")]);
    });
}

#[test]
fn a_forked_process_reads_what_was_done_before_and_is_refused_the_rest() {
    within(30, || {
        let pool = ThreadPoolExecutor::new(1);
        let done = pool.submit(|| 1);
        wait([&done]);
        let (running, go) = blocked(&pool);
        let code = run(move || {
            be_silent();
            assert_eq!(done.result(), Ok(1));
            let message = panic_of(|| running.result());
            assert!(message.contains("wait for it there"), "{message}");
            let message = panic_of(|| as_completed([&running]).count());
            assert!(message.contains("wait for it there"), "{message}");
        });
        go.send(0).unwrap();
        assert_eq!(code, Some(0));
    });
}
