//! Tests of what is drawn.

use super::*;
use crate::ipc::{HelperWait, LostUpdate, ObjectKind, Prints, Started, Wait, WatchedObject};

/// Two threads: the cell's, and one that it has started.
fn watched() -> Watched {
    let adder = WatchedThread {
        name: Some("adder".to_owned()),
        begin: 20,
        end: Some(80),
        started: Some(Started {
            by: 0,
            time: 10,
            site: Some(0),
        }),
        prints: vec![Prints {
            begin: 75,
            end: 75,
            count: 1,
        }],
        ..WatchedThread::default()
    };
    Watched {
        threads: vec![
            WatchedThread {
                is_main: true,
                ..WatchedThread::default()
            },
            adder,
        ],
        objects: vec![object(ObjectKind::Lock), object(ObjectKind::Atomic)],
        duration: 100,
        missing: 2,
        ..Watched::default()
    }
}

fn object(kind: ObjectKind) -> WatchedObject {
    WatchedObject {
        kind,
        sites: vec![0],
        uses: 1,
        lost_updates: 0,
    }
}

fn traces() -> Vec<Trace> {
    let place = Place {
        cell: None,
        line: 3,
        text: "let a = left.lock();".to_owned(),
    };
    vec![Trace {
        places: vec![place],
        receiver: Some("left".to_owned()),
        ..Trace::default()
    }]
}

fn span(thread: u32, what: Activity, begin: u64, end: u64) -> WatchedSpan {
    WatchedSpan {
        thread,
        what,
        site: Some(0),
        begin,
        end,
        count: 1,
        total: end - begin,
        longest: end - begin,
        by: Some(0),
    }
}

#[test]
fn lanes_have_their_waits_and_know_who_started_them() {
    let mut watched = watched();
    let helper = Wait::Helper {
        kind: HelperWait::Lock,
        holder: None,
    };
    watched.spans = vec![
        span(0, Activity::Hold(0), 5, 90),
        span(1, Activity::WaitForLock(0), 30, 60),
        span(1, Activity::Wait(helper), 65, 70),
    ];
    let timeline = Timeline::of(&watched, &traces());
    let [main, adder] = &timeline.lanes[..] else {
        panic!("{timeline:?}");
    };
    assert_eq!((&main.name[..], main.begin, main.end), ("main", 0, 100));
    assert_eq!((&adder.name[..], adder.begin, adder.end), ("adder", 20, 80));
    assert_eq!(
        (&main.holds[0].lock[..], main.holds[0].held),
        ("`left`", 85)
    );
    assert_eq!(
        adder.waits[0].reason.to_string(),
        "`left`, which main holds"
    );
    assert_eq!(adder.waits[1].reason, WaitReason::Lock(None));
    let started = adder.started_by.as_ref().expect("who started it");
    assert_eq!((started.lane, started.time), (0, 10));
    assert_eq!(timeline.missing, 2);
}

#[test]
fn arrows_and_lost_updates_name_the_threads() {
    let mut watched = watched();
    watched.arrows = vec![WatchedArrow {
        what: Cause::Unlock(0),
        from: 1,
        from_time: 40,
        to: 0,
        to_time: 50,
        count: 1,
        last: (40, 50),
    }];
    watched.objects[1].lost_updates = 3;
    watched.lost_updates = vec![LostUpdate {
        object: 1,
        thread: 1,
        time: 60,
        of: Some(0),
        site: None,
    }];
    let timeline = Timeline::of(&watched, &traces());
    let arrow = &timeline.arrows[0];
    assert_eq!((arrow.from, arrow.to), ((1, 40), (0, 50)));
    assert_eq!(arrow.text, "adder releases `left`, and main takes it");
    let lost = &timeline.lanes[1].lost_updates[0].text;
    assert_eq!(lost, "overwrites what main wrote to `left`: a lost update");
    assert!(timeline.notes[0].starts_with("lost updates: 3 stores to `left` "));
}

#[test]
fn a_scope_ends_with_its_last_thread() {
    let mut watched = watched();
    watched.spans = vec![span(
        0,
        Activity::Wait(Wait::Memory { holder: None }),
        30,
        85,
    )];
    let scope = Trace {
        functions: vec!["std::thread::scoped::scope".to_owned()],
        ..Trace::default()
    };
    let traces = [scope];
    let timeline = Timeline::of(&watched, &traces);
    let arrow = &timeline.arrows[0];
    assert_eq!((arrow.from, arrow.to), ((1, 80), (0, 85)));
    assert_eq!(arrow.text, "adder ends, and main has waited for that");
    // In a deadlock.
    watched.spans[0].end = watched.duration;
    assert_eq!(Timeline::of(&watched, &traces).arrows, []);
}

#[test]
fn locks_in_both_orders_are_told() {
    let mut watched = watched();
    let step = |thread, held, taken| LockStep {
        thread,
        held,
        held_site: Some(0),
        taken,
        taken_site: None,
    };
    watched.objects.push(object(ObjectKind::Lock));
    watched.lock_cycles = vec![vec![step(0, 0, 2), step(1, 2, 0)]];
    let timeline = Timeline::of(&watched, &traces());
    assert_eq!(
        timeline.notes[0],
        "could deadlock: main takes `left` 1 (line 3), then `left` 2; adder takes `left` 2 (line 3), then `left` 1; \
         take the locks in the same order everywhere"
    );
}

#[test]
fn lanes_are_in_the_order_in_which_threads_were_started() {
    let mut watched = watched();
    let early = WatchedThread {
        begin: 30,
        started: Some(Started {
            by: 1,
            time: 5,
            site: None,
        }),
        ..WatchedThread::default()
    };
    watched.threads.push(early);
    let timeline = Timeline::of(&watched, &[]);
    let names: Vec<&str> = timeline.lanes.iter().map(|lane| &lane.name[..]).collect();
    assert_eq!(names, ["main", "thread 1", "adder"]);
    assert_eq!(
        timeline.lanes[1]
            .started_by
            .as_ref()
            .map(|start| start.lane),
        Some(2)
    );
}
