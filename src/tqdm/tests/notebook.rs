//! What a notebook's front end receives.

use std::collections::HashMap;
use std::thread;
use std::time::{Duration, Instant};

use super::masked;
use crate::ipc::testing::{end_of, join_all, start};
use crate::notebook::testing::{Received, sent_by};
use crate::prelude::*;

/// Returns the lines of each display, in order; no display is created twice.
fn lines_by_id(sent: Vec<Received>) -> HashMap<String, Vec<String>> {
    let mut lines = HashMap::<_, Vec<_>>::new();
    for message in sent {
        match message {
            Received::Display { id, text, mimes } => {
                assert_eq!(mimes, ["text/plain"]);
                assert!(lines.insert(id, vec![text]).is_none());
            }
            Received::Update { id, text } => lines.get_mut(&id).expect("a display").push(text),
            Received::Clear { .. } => panic!("{message:?}"),
        }
    }
    lines
}

/// Returns the lines of the only display.
fn lines(f: impl FnOnce() + 'static) -> Vec<String> {
    let mut all = lines_by_id(sent_by(f)).into_values();
    let lines = all.next().expect("a display");
    assert_eq!(all.next(), None);
    lines
}

#[test]
fn an_iterator_begins_at_zero_and_ends_at_all() {
    let lines = lines(|| {
        let mut bar = tqdm(0..3).desc("Count");
        assert_eq!(bar.by_ref().sum::<i32>(), 3);
        assert_eq!(bar.next(), None);
    });
    let lines: Vec<_> = lines.iter().map(|line| masked(line)).collect();
    assert_eq!(
        lines,
        [
            "Count:   0%|          | 0/3 [T<?, ?it/s]",
            "Count: 100%|██████████| 3/3 [T<T, Rit/s]"
        ]
    );
}

#[test]
fn the_item_that_a_loop_ends_in_is_not_done() {
    let lines = lines(|| {
        for n in tqdm(0..10) {
            if n == 4 {
                break;
            }
        }
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        " 40%|████      | 4/10 [T<T, Rit/s]"
    );
}

#[test]
fn an_iterator_that_was_not_begun_shows_nothing() {
    assert_eq!(sent_by(|| drop(tqdm(0..10))), []);
}

#[test]
fn what_does_not_know_its_length_has_only_a_count() {
    let lines = lines(|| assert_eq!(tqdm((0..10).filter(|n| n % 2 == 0)).count(), 5));
    assert_eq!(masked(lines.last().unwrap()), "5it [T, Rit/s]");
}

#[test]
fn both_ends_count() {
    let lines = lines(|| {
        let mut bar = tqdm([1, 2, 3, 4]);
        assert_eq!(
            (bar.next(), bar.next_back(), bar.len()),
            (Some(1), Some(4), 2)
        );
        assert_eq!(bar.rev().last(), Some(2));
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        "100%|██████████| 4/4 [T<T, Rit/s]"
    );
}

#[test]
fn steps_are_drawn_a_tenth_of_a_second_apart() {
    let lines = lines(|| {
        let bar = Tqdm::new(1_000_000_000);
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(1050) {
            bar.update(1);
        }
    });
    // The first, at most 11 steps and the last; a busy machine may draw fewer.
    assert!((4..=13).contains(&lines.len()), "{lines:?}");
    assert!(lines[1].contains("/1000000000 [00:00<"), "{lines:?}");
}

#[test]
fn a_flood_of_changes_is_drawn_20_times_a_second() {
    let lines = lines(|| {
        let bar = Tqdm::new(10);
        let start = Instant::now();
        let mut n = 0;
        while start.elapsed() < Duration::from_millis(990) {
            n += 1;
            bar.set_description(n.to_string());
        }
        bar.set_description("last");
    });
    assert!((10..=21).contains(&lines.len()), "{}", lines.len());
    assert!(lines.last().unwrap().starts_with("last:   0%|"));
}

#[test]
fn a_change_that_was_not_drawn_is_drawn_at_the_next_step_from_when_it_may_be() {
    let lines = lines(|| {
        let bar = Tqdm::new(10).mininterval(Duration::from_secs(3600));
        for n in 0..10 {
            bar.set_description(n.to_string());
        }
        let shown = bar.to_string();
        assert!(shown.starts_with("9:"), "{shown}");
        let start = Instant::now();
        while start.elapsed() < Duration::from_millis(200) {
            bar.update(0);
        }
        // Exits without a last line.
        std::mem::forget(bar);
    });
    assert!(lines.last().unwrap().starts_with("9:"), "{lines:?}");
}

#[test]
fn a_slow_step_after_many_fast_ones_is_shown_at_once() {
    let lines = lines(|| {
        let bar = Tqdm::new(1_000_001);
        for _ in 0..1_000_000 {
            bar.update(1);
        }
        thread::sleep(Duration::from_millis(120));
        bar.update(1);
        std::mem::forget(bar);
    });
    assert!(
        lines.last().unwrap().contains(" 1000001/1000001 "),
        "{lines:?}"
    );
}

#[test]
fn leave_false_ends_empty() {
    let lines = lines(|| for _ in tqdm(0..3).leave(false) {});
    assert_eq!(lines.len(), 2);
    assert_eq!(lines.last().unwrap(), "");
}

#[test]
fn a_closed_bar_is_not_drawn_again() {
    let lines = lines(|| {
        let bar = Tqdm::new(2);
        bar.update(2);
        bar.close();
        let last = bar.to_string();
        bar.update(1);
        bar.set_description("late");
        bar.refresh();
        bar.close();
        assert_eq!(bar.to_string(), last);
    });
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn a_panic_shows_how_far_it_came() {
    let lines = lines(|| {
        let looped = std::panic::catch_unwind(|| {
            for n in tqdm(0..10) {
                assert!(n < 5, "on purpose");
            }
        });
        assert!(looped.is_err());
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        " 50%|█████     | 5/10 [T<T, Rit/s]"
    );
}

#[test]
fn options_of_a_bar_that_runs() {
    let lines = lines(|| {
        let bar = Tqdm::new(2000_u64).unit("B").unit_scale(true).initial(1000);
        assert_eq!(bar.n(), 1000);
        bar.set_postfix([("loss", 0.123456)]);
        bar.set_total(1500_u16);
        bar.set_n(1200);
        bar.update(-200);
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        " 67%|██████▋   | 1.00k/1.50k [T<?, ?B/s, loss=0.123]"
    );
}

#[test]
fn reset_begins_anew() {
    let lines = lines(|| {
        let bar = Tqdm::new(2);
        bar.update(2);
        bar.reset();
        bar.update(1);
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        " 50%|█████     | 1/2 [T<T, Rit/s]"
    );
}

#[test]
fn a_description_stays_on_its_line() {
    let lines = lines(|| drop(Tqdm::new(2).desc("a\nb\tc")));
    assert!(!lines.last().unwrap().contains('\n'), "{lines:?}");
}

#[test]
fn two_processes_and_four_threads_have_a_bar_each() {
    let sent = sent_by(|| {
        let processes =
            ["p1", "p2"].map(|name| start(move || for _ in tqdm(0..50_000).desc(name) {}));
        let threads = ["t1", "t2", "t3", "t4"]
            .map(|name| thread::spawn(move || for _ in tqdm(0..50_000).desc(name) {}));
        for thread in threads {
            thread.join().unwrap();
        }
        join_all(processes);
    });
    let bars = lines_by_id(sent);
    let mut last: Vec<_> = bars
        .values()
        .map(|lines| masked(lines.last().unwrap()))
        .collect();
    last.sort();
    let expected = ["p1", "p2", "t1", "t2", "t3", "t4"]
        .map(|name| format!("{name}: 100%|██████████| 50000/50000 [T<T, Rit/s]"));
    assert_eq!(last, expected);
    // Each display has the lines of only one bar.
    for lines in bars.values() {
        assert!(
            lines.iter().all(|line| line[..3] == lines[0][..3]),
            "{lines:?}"
        );
    }
}

#[test]
fn threads_may_move_one_bar() {
    let lines = lines(|| {
        let bar = Tqdm::new(400_000);
        thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| (0..100_000).for_each(|_| bar.update(1)));
            }
        });
        assert_eq!(bar.n(), 400_000);
    });
    assert!(
        lines
            .last()
            .unwrap()
            .starts_with("100%|██████████| 400000/400000 ")
    );
}

#[test]
fn a_bar_made_for_a_child_is_the_childs() {
    let lines = lines(|| {
        let bar = Tqdm::new(10).desc("given");
        let p = start(move || bar.update(10));
        assert_eq!(end_of(&p, 30), Some(0));
    });
    assert_eq!(
        masked(lines.last().unwrap()),
        "given: 100%|██████████| 10/10 [T<T, Rit/s]"
    );
}
