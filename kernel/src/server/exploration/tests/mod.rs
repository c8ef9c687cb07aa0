//! Tests of what is shown for explorations made by hand.

mod events;
mod graphs;
mod samples;
mod steps;

use super::headline::{headline, is_repeatable};
use super::text::{draw, summary};
use super::{html, outcomes};
use crate::ipc::{
    Action, ExploredEnd, ExploredFailure, ExploredKind, ExploredNote, ExploredOutcome, Shown,
};
use samples::{Sample, between, deadlock, lost_update, object, outcome, step, three_threads};

#[test]
fn the_first_line_says_what_came_out_of_how_many_orders() {
    assert_eq!(
        headline(&lost_update().exploration()),
        "All 6 orders: `2` in 2 of them, `1` in 4 (an update is lost)"
    );
    assert_eq!(
        headline(&deadlock().exploration()),
        "All 6 orders: `()` in 4 of them, a deadlock in 2"
    );
    let mut sample = three_threads();
    assert_eq!(
        headline(&sample.exploration()),
        "1000 of about 113400 orders, seed 7: `3`"
    );
    assert!(!is_repeatable(&sample.exploration()));
    sample.explored.end = ExploredEnd::Time;
    sample.explored.estimate = Some(3.2e15);
    assert_eq!(
        headline(&sample.exploration()),
        "1000 of about 10^16 orders, in the time there was, seed 7: `3`"
    );
    sample.explored.end = ExploredEnd::Interrupt;
    sample.explored.estimate = None;
    assert_eq!(
        headline(&sample.exploration()),
        "1000 orders, not all, interrupted: `3`"
    );
}

#[test]
fn nothing_is_claimed_that_was_not_tried() {
    let mut limited = lost_update();
    limited.explored.switches = Some(2);
    let line = headline(&limited.exploration());
    assert!(
        line.starts_with("All 6 orders with at most 2 switches: "),
        "{line}"
    );

    let mut weak = lost_update();
    weak.explored.notes = vec![
        ExploredNote::WeakOrdering { site: Some(1) },
        ExploredNote::WeakOrdering { site: Some(0) },
        ExploredNote::WeakOrdering { site: Some(1) },
    ];
    let line = headline(&weak.exploration());
    assert!(
        line.starts_with("All 6 orders (sequential consistency only): "),
        "{line}"
    );
    let text = draw(&weak.exploration());
    let note = "Sequential consistency only: lines 4 and 5 use atomics with a weaker order than `SeqCst`, which allows more than was tried.";
    assert!(text.contains(note), "{text}");

    let mut random = lost_update();
    random.explored.notes = vec![ExploredNote::NotDeterministic];
    assert!(headline(&random.exploration()).starts_with("6 orders: "));
    assert!(!is_repeatable(&random.exploration()));

    let mut loops = lost_update();
    loops.explored.notes = vec![ExploredNote::LoopsLeftOut { site: Some(0) }];
    assert!(headline(&loops.exploration()).starts_with("6 orders: "));
    assert!(is_repeatable(&loops.exploration()));
    let text = draw(&loops.exploration());
    let note = "Not all orders: those in which the loop at line 4 looks again and again while others could go on were left out.";
    assert!(text.contains(note), "{text}");

    let mut replay = lost_update();
    replay.explored.outcomes.remove(0);
    replay.explored.orders = 1;
    replay.explored.end = ExploredEnd::Orders;
    let mut replay = replay.exploration();
    assert_eq!(
        headline(&replay),
        "1 order, not all: `1` (an update is lost)"
    );
    replay.is_replay = true;
    assert_eq!(headline(&replay), "This order: `1` (an update is lost)");

    let mut once = lost_update();
    once.explored.outcomes.truncate(1);
    once.explored.notes = vec![ExploredNote::RanOnce {
        why: "it starts more than 62 threads".to_owned(),
    }];
    assert_eq!(
        headline(&once.exploration()),
        "Stopped after 6 orders, since it starts more than 62 threads: `2`"
    );
    once.explored.orders = 0;
    once.explored.outcomes.clear();
    assert_eq!(
        draw(&once.exploration()),
        "Not explored, since it starts more than 62 threads: the cell ran once, as it is"
    );
    assert!(!is_repeatable(&once.exploration()));

    let mut outside = lost_update();
    outside.explored.notes = vec![ExploredNote::Outside {
        what: "the time".to_owned(),
    }];
    let text = summary(&outside.exploration());
    assert!(
        text.ends_with("\nThe cell uses the time: a replay may differ."),
        "{text}"
    );
}

#[test]
fn one_order_is_the_only_one() {
    let mut sample = Sample::all(1);
    sample.explored.outcomes = vec![outcome(0, 1, "5")];
    assert_eq!(headline(&sample.exploration()), "The only order: `5`");
    assert_eq!(draw(&sample.exploration()), "The only order: `5`");
    assert_eq!(
        html(&sample.exploration()),
        "<p><b>The only order: <code>5</code></b></p>"
    );
}

fn shows(output: &str, failure: Option<ExploredFailure>) -> ExploredOutcome {
    ExploredOutcome {
        shown: Shown {
            output: output.to_owned(),
            value: None,
            failure,
        },
        ..outcome(0, 1, "")
    }
}

#[test]
fn failures_are_named_with_what_was_printed_before() {
    let mut sample = Sample::all(4);
    sample.explored.outcomes = vec![
        shows(
            "a\nb\n",
            Some(ExploredFailure::Panic("index `3` is\ntoo high".to_owned())),
        ),
        shows("", Some(ExploredFailure::Endless)),
        shows("", Some(ExploredFailure::Crash("signal 11".to_owned()))),
        shows("", None),
    ];
    assert_eq!(
        summary(&sample.exploration()),
        "All 4 orders: `a ⏎ b`, then the panic `index '3' is ⏎ too high` in 1 of them, no end in 1, a crash, `signal 11` in 1, no output in 1
  1 × `a ⏎ b`, then the panic `index '3' is ⏎ too high`
  1 × no end
  1 × a crash, `signal 11`
  1 × no output"
    );
    let table = outcomes::html(&sample.exploration());
    let left = "style=\"text-align: left\"";
    let row = format!(
        "<tr><td {left}><code>a</code><br><code>b</code><br>the panic <code>index &#39;3&#39; is ⏎ too high</code></td><td>1</td><td {left}></td></tr>"
    );
    assert!(table.contains(&row), "{table}");
}

#[test]
fn forty_outcomes_are_cut() {
    let mut sample = Sample::all(80);
    sample.explored.outcomes = (0..40)
        .map(|number| outcome(0, 2, &number.to_string()))
        .collect();
    let text = draw(&sample.exploration());
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "All 80 orders: 40 different outcomes");
    assert_eq!(lines[20..], ["  2 × `19`", "  40 × 20 more outcomes"]);
    let table = outcomes::html(&sample.exploration());
    assert_eq!(table.matches("<tr>").count(), 1 + 20 + 1);
    assert!(table.contains("20 more</td><td>40</td>"), "{table}");
}

#[test]
fn a_long_output_loses_its_middle() {
    let mut sample = Sample::all(1);
    let output: Vec<String> = (1..=50).map(|number| format!("line {number}")).collect();
    sample.explored.outcomes = vec![shows(&output.join("\n"), None)];
    let table = outcomes::html(&sample.exploration());
    assert!(
        table.contains("<code>line 10</code><br><code>… 31 lines …</code><br><code>line 42</code>"),
        "{table}"
    );
    assert_eq!(table.matches("<code>").count(), 20);
    assert!(headline(&sample.exploration()).chars().count() < 90);
}

#[test]
fn everything_is_escaped() {
    let mut sample = Sample::all(2);
    let site = sample.line(1, "a<b>.store(1); // \"'&", Some("a<b>"));
    let mut all = outcome(1, 2, "</details><script>x</script>");
    all.threads[1].name = Some("<i>t</i>".to_owned());
    all.order = "<0>".to_owned();
    all.objects = vec![object(ExploredKind::Number, site, Some(0))];
    let print = Action::Print {
        text: "<u>`</u>".to_owned(),
    };
    let store = Action::Store {
        object: 0,
        value: 1,
    };
    all.steps = between(1, vec![step(1, site, store), step(1, site, print)]);
    sample.explored.outcomes.push(all);
    let html = html(&sample.exploration());
    for tag in ["<script", "<i>t", "<u>", "a<b>", "<0>"] {
        assert!(!html.contains(tag), "{tag}: {html}");
    }
    for text in [
        "&lt;i&gt;t&lt;/i&gt;",
        "&lt;u&gt;&#39;&lt;/u&gt;",
        "a&lt;b&gt;",
        "replay &lt;0&gt;",
    ] {
        assert!(html.contains(text), "{text}: {html}");
    }
    let stepper = "<details class=\"unprinted\">";
    assert_eq!(html.matches(stepper).count(), 1);
    let open = html.matches("<details").count();
    assert_eq!(open, html.matches("</details>").count());
    // The order, its stepper, and the four steps: start, write, print, join.
    assert_eq!(open, 2 + 4);
}
