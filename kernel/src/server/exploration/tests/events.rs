//! Tests of the steps of events and semaphores, and of panics.

use super::samples::{Sample, between, object, outcome, step};
use crate::ipc::{Action, BlockedOn, ExploredFailure, ExploredKind, ExploredOutcome};
use crate::server::exploration::model::Outcome;
use crate::server::exploration::world::Stand;

/// Returns what the steps of an outcome say, with their marks, and what the objects hold after each.
fn told(outcome: &Outcome) -> Vec<(String, String)> {
    let steps = outcome.steps.iter().zip(&outcome.states[1..]);
    let told = steps.map(|(step, state)| {
        let mark = step.mark.iter().map(|mark| format!(" ⚠ {mark}"));
        let text = format!("{}: {}", outcome.threads[step.thread], step.text);
        let values = state.values.iter().map(|(_, value)| value.clone());
        let values: Vec<String> = values.collect();
        (text + &mark.collect::<String>(), values.join(", "))
    });
    told.collect()
}

#[track_caller]
fn expect(told: &[(String, String)], steps: &[(&str, &str)]) {
    let owned = |(text, values): &(&str, &str)| ((*text).to_owned(), (*values).to_owned());
    assert_eq!(told, steps.iter().map(owned).collect::<Vec<_>>());
}

fn explored(mut sample: Sample, outcome: ExploredOutcome) -> Outcome {
    sample.explored.outcomes.push(outcome);
    sample.exploration().outcomes.remove(0)
}

#[test]
fn who_waits_for_an_event_does_so_until_it_is_set() {
    let mut sample = Sample::all(2);
    let ready = sample.line(3, "ready.wait();", Some("ready"));
    let look = |is_set| Action::WaitEvent { object: 0, is_set };
    let mut waits = outcome(1, 1, "()");
    waits.objects = vec![object(ExploredKind::Event, ready, Some(0))];
    waits.steps = vec![
        step(0, None, Action::Spawn { thread: 1 }),
        step(1, None, Action::Start),
        step(1, ready, look(false)),
        step(0, None, Action::SetEvent { object: 0 }),
        step(0, ready, look(true)),
        step(1, None, Action::Print { text: "1".into() }),
        step(0, None, Action::ClearEvent { object: 0 }),
    ];
    let outcome = explored(sample, waits);
    expect(
        &told(&outcome),
        &[
            ("main: starts thread 1", "not set"),
            ("thread 1: waits for `ready`", "not set"),
            ("main: sets `ready`", "set"),
            ("main: finds `ready` set", "set"),
            ("thread 1: prints `1`", "set"),
            ("main: clears `ready`", "not set"),
        ],
    );
    let wait = |state: usize| match &outcome.states[state].threads[1] {
        Stand::At { wait, .. } => wait.clone(),
        stand => panic!("{stand:?}"),
    };
    let waits = "waits for `ready` to be set".to_owned();
    assert_eq!([wait(1), wait(2), wait(3)], [None, Some(waits), None]);
}

#[test]
fn an_event_that_nobody_sets_is_waited_for_to_the_end() {
    let mut sample = Sample::all(1);
    let ready = sample.line(3, "ready.wait();", Some("ready"));
    let mut deadlock = outcome(0, 1, "");
    deadlock.shown.failure = Some(ExploredFailure::Deadlock);
    deadlock.objects = vec![object(ExploredKind::Event, ready, Some(0))];
    let on = BlockedOn::Event { object: 0 };
    let look = Action::WaitEvent {
        object: 0,
        is_set: false,
    };
    deadlock.steps = vec![step(0, ready, look), step(0, ready, Action::Blocked { on })];
    expect(
        &told(&explored(sample, deadlock)),
        &[
            ("main: waits for `ready`", "not set"),
            (
                "main: waits for `ready` to be set ⚠ no thread is left that could end this wait",
                "not set",
            ),
        ],
    );
}

#[test]
fn permits_are_counted_and_waited_for() {
    let mut sample = Sample::all(1);
    let line = sample.line(3, "let permit = tickets.permit();", Some("tickets"));
    let acquire = |from| Action::Acquire {
        object: 0,
        from,
        to: from - 1,
    };
    let release = |from, to| Action::Release {
        object: 0,
        from,
        to,
    };
    let mut permits = outcome(2, 1, "()");
    permits.objects = vec![object(ExploredKind::Semaphore, line, Some(1))];
    let steps = vec![
        step(1, line, acquire(1)),
        step(2, line, Action::AcquireFailed { object: 0 }),
        step(1, None, release(0, 1)),
        step(2, line, acquire(1)),
        step(2, None, release(0, 2)),
    ];
    permits.steps = between(2, steps);
    let outcome = explored(sample, permits);
    expect(
        &told(&outcome)[2..7],
        &[
            ("thread 1: takes a permit of `tickets`: 1 → 0", "0 permits"),
            ("thread 2: gets no permit of `tickets`", "0 permits"),
            ("thread 1: returns a permit to `tickets`: 0 → 1", "1 permit"),
            ("thread 2: takes a permit of `tickets`: 1 → 0", "0 permits"),
            (
                "thread 2: returns 2 permits to `tickets`: 0 → 2",
                "2 permits",
            ),
        ],
    );
    // After its failure, thread 2 waits for a permit.
    let waits = Some("waits for a permit of `tickets`");
    assert_eq!(
        [outcome.new_wait(1, 3), outcome.new_wait(2, 3)],
        [None, waits]
    );
}

#[test]
fn panics_are_marked_with_what_fails() {
    let panic = |message: &str| Action::Panic {
        message: message.to_owned(),
    };
    let mut panics = outcome(2, 1, "");
    panics.shown.failure = Some(ExploredFailure::Panic("last".to_owned()));
    panics.threads[2].is_process = true;
    panics.steps = vec![
        step(0, None, Action::Spawn { thread: 1 }),
        step(1, None, panic("one")),
        step(2, None, panic("two")),
        step(0, None, panic("caught")),
        step(0, None, panic("last")),
    ];
    let told = told(&explored(Sample::all(1), panics));
    expect(
        &told[1..],
        &[
            ("thread 1: panics: `one` ⚠ the thread fails", ""),
            ("process 1: panics: `two` ⚠ the process fails", ""),
            (
                "main: panics: `caught` ⚠ the cell catches this panic and goes on",
                "",
            ),
            ("main: panics: `last` ⚠ the cell fails", ""),
        ],
    );
}
