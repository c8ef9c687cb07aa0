//! Tests of recorded waits.

use super::*;
use crate::runtime::waits::table::waits;
use crate::runtime::waits::tests::start_once;

#[test]
fn a_wait_is_recorded_until_it_ends() {
    start_once();
    let mine = |subject: u64| waits().into_values().find(|wait| wait.subject == subject);
    let record = Record::begin(Kind::Futex, 0xfeed, false, Frame::default()).expect("a slot");
    let wait = mine(0xfeed).expect("the wait");
    assert_eq!((wait.kind, wait.is_timed), (Kind::Futex, false));
    assert_eq!(wait.process, std::process::id() as i32);
    drop(record);
    assert!(mine(0xfeed).is_none());
}

#[test]
fn a_wait_within_a_wait_does_not_count() {
    start_once();
    let own = || {
        // SAFETY: gettid(2) takes nothing.
        let thread = unsafe { libc::gettid() };
        waits().remove(&(std::process::id() as i32, thread))
    };
    let outer = Record::begin(Kind::Lock, 1, false, Frame::default()).expect("a level");
    let inner = Record::begin(Kind::Futex, 2, true, Frame::default()).expect("a level");
    assert!(Record::begin(Kind::Futex, 3, true, Frame::default()).is_none());
    assert_eq!(own().map(|wait| wait.subject), Some(1));
    drop(inner);
    let number = outer.into_number();
    assert_eq!(own().map(|wait| wait.subject), Some(1));
    drop(Record::of_number(number));
    assert!(own().is_none());
}

#[test]
fn many_threads_wait_at_once_and_leave_no_slot() {
    start_once();
    for _ in 0..20 {
        let barrier = std::sync::Barrier::new(201);
        std::thread::scope(|scope| {
            for number in 0..200 {
                let barrier = &barrier;
                scope.spawn(move || {
                    for _ in 0..100 {
                        Record::begin(Kind::Sleep, 0xbeef, true, Frame::default());
                    }
                    let record =
                        Record::begin(Kind::Sleep, 0xabc_0000 + number, true, Frame::default());
                    barrier.wait();
                    barrier.wait();
                    drop(record);
                });
            }
            barrier.wait();
            let recorded = waits()
                .values()
                .filter(|wait| wait.subject >> 16 == 0xabc)
                .count();
            barrier.wait();
            assert_eq!(recorded, 200);
        });
    }
}
