//! Tests of the orders: as tables, as text, and to go through.

use super::samples::{
    Sample, between, deadlock, lost_update, object, outcome, step, three_threads,
};
use crate::ipc::{Action, BlockedOn, ExploredFailure, ExploredKind, ExploredStep};
use crate::server::exploration::model::Outcome;
use crate::server::exploration::world::{Stand, State};
use crate::server::exploration::{stepper, steps_table, text};

/// Returns the rows of a table, the cells of each with bars between them. A marked cell begins with `!`.
fn rows(html: &str) -> Vec<String> {
    let rows = html.split("<tr>").skip(1);
    rows.map(|row| {
        let row = row
            .replace("<br>", " / ")
            .replace("</td>", "|")
            .replace("</th>", "|");
        let mut plain = String::new();
        let mut in_tag = false;
        for piece in row.split_inclusive(['<', '>']) {
            if in_tag && piece.contains("rgba") {
                plain.push('!');
            }
            if !in_tag {
                plain.push_str(piece.trim_end_matches('<'));
            }
            in_tag = piece.ends_with('<');
        }
        plain
    })
    .collect()
}

#[test]
fn the_table_has_a_column_for_each_thread_and_marks_the_lost_update() {
    let exploration = lost_update().exploration();
    let table = steps_table::html(&exploration.outcomes[1], 200);
    assert_eq!(
        rows(&table),
        [
            "|main|thread 1|thread 2|",
            "1|starts thread 1|||",
            "2|starts thread 2|||",
            "3|waits for the end of thread 1|4: let seen = balance.load(SeqCst); / reads balance: 0||",
            "4|||4: let seen = balance.load(SeqCst); / reads balance: 0|",
            "5|||5: balance.store(seen + 1, SeqCst); / writes balance: 1|",
            "6||!5: balance.store(seen + 1, SeqCst); / writes balance: 1 / ⚠ overwrites what thread 2 wrote: an update is lost||",
            "7|joins thread 1|||",
            "8|joins thread 2|||",
        ]
    );
}

#[test]
fn the_text_has_the_same_columns() {
    let text = text::draw(&deadlock().exploration());
    let (_, order) = text.split_once("\n\na deadlock").expect("the second order");
    assert_eq!(
        order,
        ", in 2 of 6:
   main                           thread 1                                  thread 2
1  starts thread 1
2  starts thread 2
3                                 7: takes `anna`
4                                                                           8: takes `ben`
5  waits for the end of thread 1
6                                 8: waits for `ben`, which thread 2 holds
7                                                                           7: waits for `anna`, which thread 1 holds
⚠  closes the circle: thread 2 waits for thread 1, which waits for thread 2
//: replay 0120"
    );
}

#[test]
fn states_tell_where_threads_stand_and_what_variables_hold() {
    let exploration = lost_update().exploration();
    let outcome = &exploration.outcomes[1];
    assert_eq!(outcome.states.len(), outcome.steps.len() + 1);
    let value = |state: &State| state.values[0].1.clone();
    let values: Vec<String> = outcome.states.iter().map(value).collect();
    assert_eq!(values, ["0", "0", "0", "0", "0", "1", "1", "1", "1"]);
    assert_eq!(outcome.states[0].threads[1], Stand::NotStarted);
    let line = |state: usize, thread: usize| match &outcome.states[state].threads[thread] {
        Stand::At { place, wait } => (place.as_ref().map(|place| place.line), wait.clone()),
        stand => panic!("{stand:?}"),
    };
    assert_eq!(line(2, 1), (Some(4), None));
    assert_eq!(line(3, 1), (Some(5), None));
    let wait = "waits for the end of thread 1".to_owned();
    assert_eq!(line(3, 0), (None, Some(wait)));
    assert_eq!(outcome.states[6].threads[1..], [Stand::Done, Stand::Done]);
}

#[test]
fn the_stepper_has_a_step_in_each_step() {
    let exploration = deadlock().exploration();
    let html = stepper::html(&exploration.outcomes[1], 200);
    assert_eq!(html.matches("<details>").count(), 7);
    assert!(html.ends_with(&format!("</div>{}</div></div>", "</details>".repeat(7))));
    let last = html.rsplit("<details>").next().expect("the last step");
    for text in [
        "7 of 7: thread 2 waits for <code>anna</code>, which thread 1 holds <b>⚠ closes the circle: thread 2 waits for thread 1, which waits for thread 2</b>",
        "<span style=\"display: inline-block; min-width: 9em\"><code>anna</code></span> <b>held by thread 1</b>",
        "<code>let to = ben.lock().unwrap();</code> waits for <code>ben</code>, which thread 2 holds",
    ] {
        assert!(last.contains(text), "{last}");
    }
    for forbidden in ["<script", "<style", "<input", "onclick", "var("] {
        assert!(!html.contains(forbidden), "{forbidden}");
    }
}

#[test]
fn three_threads_take_turns() {
    let exploration = three_threads().exploration();
    let table = rows(&steps_table::html(&exploration.outcomes[0], 200));
    assert_eq!(table[0], "|main|thread 1|thread 2|thread 3|");
    assert_eq!(table.len(), 1 + 3 + 6 + 3);
}

/// Returns the first order of a sample with a channel.
fn channel(last: Vec<ExploredStep>) -> Outcome {
    let mut sample = Sample::all(1);
    let send = sample.line(2, "sender.send(1).unwrap();", Some("sender"));
    let mut all = outcome(1, 1, "1");
    all.objects = vec![object(ExploredKind::Channel, send, None)];
    all.steps = between(1, vec![step(1, send, Action::Send { object: 0 })]);
    all.steps.truncate(3);
    all.steps.extend(last);
    sample.explored.outcomes.push(all);
    sample.exploration().outcomes.remove(0)
}

#[test]
fn messages_are_counted_and_waited_for() {
    let outcome = channel(vec![step(0, None, Action::Receive { object: 0 })]);
    let texts: Vec<&str> = outcome.steps.iter().map(|step| &*step.text).collect();
    assert_eq!(
        texts,
        [
            "starts thread 1",
            "sends through `sender`",
            "receives from `sender`"
        ]
    );
    let values: Vec<&str> = outcome
        .states
        .iter()
        .map(|state| &*state.values[0].1)
        .collect();
    assert_eq!(
        values,
        ["0 messages", "0 messages", "1 message", "0 messages"]
    );
    assert_eq!(
        outcome.new_wait(0, 0),
        Some("waits for a message from `sender`")
    );
    assert_eq!(outcome.new_wait(0, 1), None);
}

#[test]
fn a_wait_without_a_circle_is_marked_too() {
    let on = BlockedOn::Message { object: 0 };
    let receive = step(0, None, Action::Receive { object: 0 });
    let blocked = step(0, None, Action::Blocked { on });
    let outcome = channel(vec![receive, blocked]);
    let last = outcome.steps.last().expect("steps");
    assert_eq!(last.text, "waits for a message from `sender`");
    assert_eq!(
        last.mark.as_deref(),
        Some("no thread is left that could end this wait")
    );
}

#[test]
fn a_scope_waits_for_its_threads() {
    let mut sample = deadlock();
    let order = &mut sample.explored.outcomes[1];
    let parks = |on| Action::Blocked { on };
    let joins = parks(BlockedOn::Thread { thread: 1 });
    let main = order.steps.iter_mut().find(|step| step.action == joins);
    main.expect("a wait").action = parks(BlockedOn::Park);
    let exploration = sample.exploration();
    let steps = exploration.outcomes[1].steps.iter();
    let mut texts = steps
        .filter(|step| step.thread == 0)
        .map(|step| &*step.text);
    assert_eq!(texts.next_back(), Some("waits for the end of thread 1"));
}

#[test]
fn a_condition_releases_its_lock() {
    let mut sample = Sample::all(1);
    let wait = sample.line(2, "guard = ready.wait(guard).unwrap();", Some("ready"));
    let mut all = outcome(1, 1, "1");
    all.objects = vec![
        object(ExploredKind::Lock, None, None),
        object(ExploredKind::Condition, wait, None),
    ];
    let lock = Action::Lock { object: 0 };
    all.steps = vec![
        step(0, None, lock.clone()),
        step(0, wait, Action::Wait { object: 1 }),
        step(0, wait, lock),
    ];
    sample.explored.outcomes.push(all);
    let outcome = sample.exploration().outcomes.remove(0);
    let values: Vec<&str> = outcome
        .states
        .iter()
        .map(|state| &*state.values[0].1)
        .collect();
    assert_eq!(values, ["free", "held by main", "free", "held by main"]);
}

#[test]
fn an_order_without_end_loses_its_middle() {
    let mut sample = Sample::all(1);
    let line = sample.line(1, "while !flag.load(SeqCst) {}", Some("flag"));
    let mut all = outcome(1, 1, "");
    all.shown.value = None;
    all.shown.failure = Some(ExploredFailure::Endless);
    all.objects = vec![object(ExploredKind::Number, line, Some(0))];
    let load = step(
        1,
        line,
        Action::Load {
            object: 0,
            value: 0,
        },
    );
    all.steps = vec![step(0, None, Action::Spawn { thread: 1 })];
    all.steps.extend(vec![load; 999]);
    sample.explored.outcomes.push(all);
    let exploration = sample.exploration();
    let table = rows(&steps_table::html(&exploration.outcomes[0], 200));
    assert_eq!(table.len(), 1 + 100 + 1 + 100);
    assert_eq!(table[101], "|… 800 steps …|");
    let html = stepper::html(&exploration.outcomes[0], 200);
    assert_eq!(html.matches("<details>").count(), 200);
    assert!(html.contains("901 of 1000: (after 800 more steps) thread 1 reads"));
    let text = text::draw(&exploration);
    assert!(
        text.starts_with("The only order: no end\n\nno end, in 1 of 1:\n"),
        "{text}"
    );
    assert!(text.contains("\n   …  800 steps\n"), "{text}");
}
