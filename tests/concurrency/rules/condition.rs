//! Conditions and the locks that they share.

use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use threadbook::threading::*;

use crate::life::within;

#[test]
fn wait_releases_an_rlock_however_often_it_was_acquired_and_restores_that() {
    within(30, || {
        let (lock, ready) = (RLock::new(), Event::new());
        let cond = Condition::with_lock(&lock);
        let (once, twice) = (lock.lock(), cond.lock());
        let setter = thread::spawn({
            let (cond, ready) = (cond.clone(), ready.clone());
            move || {
                let _guard = cond.lock();
                ready.set();
                cond.notify(1);
            }
        });
        cond.wait_for(|| ready.is_set()).unwrap();
        setter.join().unwrap();
        let try_elsewhere = || {
            let lock = lock.clone();
            thread::spawn(move || lock.try_acquire()).join().unwrap()
        };
        drop(twice);
        assert!(!try_elsewhere(), "it is held once more");
        drop(once);
        assert!(try_elsewhere());
    });
}

#[test]
fn several_conditions_may_share_a_lock() {
    within(30, || {
        const ITEMS: u32 = 1000;
        let lock = Lock::new();
        let (not_full, not_empty) = (Condition::with_lock(&lock), Condition::with_lock(&lock));
        // One place, which the two fill and empty in turn.
        let place = Arc::new(Mutex::new(None));
        let producer = thread::spawn({
            let (not_full, not_empty) = (not_full.clone(), not_empty.clone());
            let place = Arc::clone(&place);
            move || {
                for n in 0..ITEMS {
                    let _guard = not_full.lock();
                    not_full
                        .wait_for(|| place.lock().unwrap().is_none())
                        .unwrap();
                    *place.lock().unwrap() = Some(n);
                    not_empty.notify(1);
                }
            }
        });
        for n in 0..ITEMS {
            let _guard = lock.lock();
            not_empty
                .wait_for(|| place.lock().unwrap().is_some())
                .unwrap();
            assert_eq!(place.lock().unwrap().take(), Some(n));
            not_full.notify(1);
        }
        producer.join().unwrap();
    });
}

#[test]
fn a_notification_that_no_one_waits_for_is_lost() {
    within(30, || {
        let cond = Condition::new();
        let _guard = cond.lock();
        cond.notify(1);
        cond.notify_all();
        assert!(!cond.wait_timeout(Duration::from_millis(20)).unwrap());
    });
}

#[test]
fn wait_for_asks_before_it_waits_and_once_more_when_its_time_is_up() {
    within(30, || {
        let (cond, mut asked) = (Condition::new(), 0);
        let _guard = cond.lock();
        let mut ask = |answer_at: i32| {
            asked = 0;
            let answer = cond.wait_for_timeout(
                || {
                    asked += 1;
                    asked == answer_at
                },
                Duration::from_millis(20),
            );
            (answer.unwrap(), asked)
        };
        assert_eq!(ask(1), (true, 1));
        assert_eq!(ask(2), (true, 2));
        assert_eq!(ask(3), (false, 2));
    });
}
