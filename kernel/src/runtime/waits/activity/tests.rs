//! Tests of what is made of events.

use super::*;

/// The process of the cell, whose first thread has the same id.
const CELL: i32 = 1;

struct Recording {
    activities: Activities,
    time: u64,
}

impl Recording {
    fn new() -> Recording {
        Recording {
            activities: Activities::new(CELL, 1000),
            time: 0,
        }
    }

    /// Adds an event, 10 ns after the one before.
    fn add(&mut self, thread: i32, kind: EventKind, subject: u64, value: u64) {
        self.time += 10;
        self.activities.add(&Event {
            time: self.time,
            kind,
            process: CELL,
            thread,
            subject,
            value,
            site: Some(Site::Location(u64::from(kind as u32) << 8 | thread as u64)),
        });
    }

    fn all(events: &[(i32, EventKind, u64)]) -> Watched {
        let mut recording = Recording::new();
        for (thread, kind, subject) in events {
            recording.add(*thread, *kind, *subject, 0);
        }
        recording.finish()
    }

    fn finish(self) -> Watched {
        self.activities.finish(0).0
    }
}

/// The spans as thread, activity, begin and end.
fn spans(watched: &Watched) -> Vec<(u32, Activity, u64, u64)> {
    let spans = watched.spans.iter();
    spans
        .map(|span| (span.thread, span.what.clone(), span.begin, span.end))
        .collect()
}

/// A thread and a time.
type Moment = (u32, u64);

/// The arrows as cause, from and to.
fn arrows(watched: &Watched) -> Vec<(Cause, Moment, Moment)> {
    let arrows = watched.arrows.iter();
    arrows
        .map(|arrow| {
            let (from, to) = ((arrow.from, arrow.from_time), (arrow.to, arrow.to_time));
            (arrow.what, from, to)
        })
        .collect()
}

#[test]
fn who_waits_for_a_lock_gets_it_from_who_held_it() {
    let watched = Recording::all(&[
        (1, EventKind::Lock, 7),
        (2, EventKind::WantLock, 7),
        (1, EventKind::Unlock, 7),
        (2, EventKind::Lock, 7),
        (2, EventKind::Unlock, 7),
    ]);
    assert_eq!(
        spans(&watched),
        [
            (0, Activity::Hold(0), 10, 30),
            (1, Activity::WaitForLock(0), 20, 40),
            (1, Activity::Hold(0), 40, 50)
        ]
    );
    assert_eq!(watched.spans[1].by, Some(0));
    assert_eq!(arrows(&watched), [(Cause::Unlock(0), (0, 30), (1, 40))]);
    assert_eq!(watched.objects[0].uses, 2);
    let contention = &watched.contentions[0];
    assert_eq!((contention.waiter, contention.holder), (1, Some(0)));
    assert_eq!((contention.count, contention.total), (1, 20));
}

#[test]
fn the_wait_of_the_system_within_the_wait_for_a_lock_does_not_count() {
    let watched = Recording::all(&[
        (2, EventKind::WantLock, 7),
        (2, EventKind::WaitBegin, Kind::Futex as u64),
        (2, EventKind::WaitEnd, 0),
        (2, EventKind::Lock, 7),
    ]);
    assert_eq!(
        spans(&watched),
        [
            (1, Activity::WaitForLock(0), 10, 40),
            // It holds the lock to the end.
            (1, Activity::Hold(0), 40, 1000)
        ]
    );
}

#[test]
fn messages_are_received_in_the_order_in_which_they_were_sent() {
    let watched = Recording::all(&[
        (1, EventKind::WantMessage, 9),
        (2, EventKind::Send, 9),
        (3, EventKind::Send, 9),
        (1, EventKind::WaitOver, 9),
        (1, EventKind::Receive, 9),
        (1, EventKind::Receive, 9),
        (1, EventKind::Receive, 9),
    ]);
    assert_eq!(spans(&watched), [(0, Activity::WaitForMessage(0), 10, 40)]);
    assert_eq!(
        arrows(&watched),
        [
            (Cause::Message(0), (1, 20), (0, 50)),
            (Cause::Message(0), (2, 30), (0, 60))
        ]
    );
}

#[test]
fn a_condition_wakes_who_waits_for_it() {
    let watched = Recording::all(&[
        (2, EventKind::Notify, 5),
        (1, EventKind::WantNotification, 5),
        (2, EventKind::Notify, 5),
        (1, EventKind::WaitOver, 5),
    ]);
    assert_eq!(
        arrows(&watched),
        [(Cause::Notification(0), (1, 30), (0, 40))]
    );
}

#[test]
fn a_join_waits_for_the_end_of_a_thread() {
    let mut recording = Recording::new();
    let name = u64::from_le_bytes(*b"adder\0\0\0");
    recording.add(1, EventKind::Spawn, 3, 0);
    recording.add(2, EventKind::Begin, 3, 77);
    recording.add(1, EventKind::WaitBegin, Kind::Join as u64, 77);
    recording.add(2, EventKind::Print, 0, 0);
    recording.add(2, EventKind::End, name, 0);
    recording.add(1, EventKind::WaitEnd, 0, 0);
    // Another thread of that id.
    recording.add(2, EventKind::Print, 0, 0);
    let watched = recording.finish();
    let adder = &watched.threads[1];
    assert_eq!(adder.name.as_deref(), Some("adder"));
    assert_eq!(
        (adder.begin, adder.end, adder.prints[0].begin),
        (20, Some(50), 40)
    );
    let started = adder.started.as_ref().expect("who started it");
    assert_eq!((started.by, started.time), (0, 10));
    assert_eq!(arrows(&watched), [(Cause::End, (1, 50), (0, 60))]);
    assert_eq!(watched.threads.len(), 3);
}

#[test]
fn a_lost_update_is_counted() {
    let mut recording = Recording::new();
    recording.add(2, EventKind::Print, 0, 0);
    recording.add(1, EventKind::LostUpdate, 4, 2);
    let watched = recording.finish();
    assert_eq!(watched.objects[0].lost_updates, 1);
    let lost = &watched.lost_updates[0];
    assert_eq!((lost.thread, lost.time, lost.of), (0, 20, Some(1)));
}

#[test]
fn what_happens_a_hundred_thousand_times_is_drawn_a_few_times() {
    let mut events = Vec::new();
    for round in 0..20_000 {
        let (one, other) = if round % 2 == 0 { (1, 2) } else { (2, 1) };
        events.push((one, EventKind::Lock, 7));
        events.push((other, EventKind::WantLock, 7));
        events.push((one, EventKind::Unlock, 7));
        events.push((other, EventKind::Lock, 7));
        events.push((other, EventKind::Unlock, 7));
    }
    let mut recording = Recording {
        activities: Activities::new(CELL, 20_000 * 50),
        time: 0,
    };
    for (thread, kind, subject) in events {
        recording.add(thread, kind, subject, 0);
    }
    let watched = recording.finish();
    assert_eq!(watched.objects[0].uses, 40_000);
    assert!(watched.spans.len() <= 4, "{:?}", watched.spans);
    // From each to the other.
    let counts: Vec<u64> = watched.arrows.iter().map(|arrow| arrow.count).collect();
    assert_eq!(counts, [10_000, 10_000]);
}

#[test]
fn a_name_may_come_in_parts() {
    let mut recording = Recording::new();
    let part = |text: &[u8; 8]| u64::from_le_bytes(*text);
    recording.add(2, EventKind::Name, part(b"a-thread"), part(b"-whose-n"));
    recording.add(2, EventKind::End, part(b"ame-is-l"), part(b"ong\0\0\0\0\0"));
    let name = recording.finish().threads[1].name.clone();
    assert_eq!(name.as_deref(), Some("a-thread-whose-name-is-long"));
}

#[test]
fn many_messages_and_prints_are_one_band() {
    let mut recording = Recording::new();
    for _ in 0..1000 {
        recording.add(2, EventKind::Send, 9, 0);
        recording.add(1, EventKind::Receive, 9, 0);
    }
    let watched = recording.finish();
    let band = &watched.arrows[..];
    assert_eq!(band.len(), 1);
    assert_eq!(
        (band[0].count, band[0].from_time, band[0].last),
        (1000, 10, (19_990, 20_000))
    );
    let mut recording = Recording {
        activities: Activities::new(CELL, 100_000),
        time: 0,
    };
    for _ in 0..1000 {
        recording.add(1, EventKind::Print, 0, 0);
    }
    let prints = &recording.finish().threads[0].prints;
    assert_eq!(prints.len(), 1);
    assert_eq!(
        (prints[0].begin, prints[0].end, prints[0].count),
        (10, 10_000, 1000)
    );
}
