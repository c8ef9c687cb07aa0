use super::super::mask::{Kind, Masks};
use super::*;

fn lines(text: &str) -> Vec<Line> {
    let masks = Masks::of(&[Kind::Ids, Kind::Times]);
    text.split('\n')
        .map(|line| Line::new("stdout", line, &masks))
        .collect()
}

#[track_caller]
fn same(stored: &str, new: &str) {
    assert_eq!(
        compare(&lines(stored), &lines(new)),
        [],
        "{stored:?} {new:?}"
    );
}

#[track_caller]
fn differs(stored: &str, new: &str) -> Difference {
    let mut differences = compare(&lines(stored), &lines(new));
    assert_eq!(differences.len(), 1, "{stored:?} {new:?}");
    differences.remove(0)
}

#[test]
fn the_order_is_free() {
    same("a\nb\nb\nc\n", "b\nc\na\nb\n");
    same("took 3 s\na\n", "a\ntook 4 s\n");
    same("", "");
    let difference = differs("a\nb\nb\nc\n", "c\na\nb\n");
    assert_eq!(
        difference.diff,
        "--- stored\n+++ now\n@@ -1,4 +1,3 @@\n a\n b\n-b\n c\n"
    );
    let difference = differs("a\nb", "d\nb");
    assert!(
        difference.diff.contains("-a\n b\n+d"),
        "{}",
        difference.diff
    );
    differs("a\n", "a\na\n");
    assert_eq!(compare(&[], &lines("a\n"))[0].reason, "stdout is new");
    differs("a 1\nb 2\n", "a 2\nb 1\n");
    differs("a b\n", "b a\n");
}

#[test]
fn ids_agree_in_some_order() {
    same(
        "pid 1 begins\npid 2 begins\npid 2 ends\npid 1 ends\n",
        "pid 5 begins\npid 9 begins\npid 5 ends\npid 9 ends\n",
    );
    // Two workers for two tasks against one worker for both.
    let difference = differs(
        "pid 1 begins\npid 2 begins\npid 2 ends\npid 1 ends\n",
        "pid 5 begins\npid 9 begins\npid 9 ends\npid 9 ends\n",
    );
    assert!(
        difference.reason.contains("which of their ids are equal"),
        "{difference:?}"
    );
    differs("pid 1\npid 1\n", "pid 1\npid 2\n");
    differs("pid 1\npid 2\n", "pid 1\npid 1\n");
    // All children name the same parent.
    same(
        "pid 1\npid 2 of ppid 1\npid 3 of ppid 1\n",
        "pid 4 of ppid 8\npid 8\npid 6 of ppid 8\n",
    );
    differs(
        "pid 1\npid 2 of ppid 1\npid 3 of ppid 1\n",
        "pid 4 of ppid 8\npid 8\npid 6 of ppid 4\n",
    );
}

#[test]
fn a_circle_is_not_two_circles() {
    let chain = |edges: &[(u32, u32)]| -> String {
        edges
            .iter()
            .map(|(a, b)| format!("pid {a} to process {b}\n"))
            .collect()
    };
    let six = chain(&[(1, 2), (2, 3), (3, 4), (4, 5), (5, 6), (6, 1)]);
    let other_six = chain(&[(12, 14), (11, 13), (13, 15), (15, 12), (14, 16), (16, 11)]);
    let two_threes = chain(&[(1, 2), (2, 3), (3, 1), (4, 5), (5, 6), (6, 4)]);
    same(&six, &other_six);
    differs(&six, &two_threes);
}

#[test]
fn hundreds_of_workers_are_matched() {
    let text = |ids: &dyn Fn(u32) -> u32, order: &dyn Fn(u32) -> u32| -> String {
        let line = |n: u32| format!("pid {} begins\npid {} ends\n", ids(order(n)), ids(n));
        (0..200).map(line).collect()
    };
    same(&text(&|n| n, &|n| n), &text(&|n| 1000 + n, &|n| 199 - n));
}

#[test]
fn writers_may_share_a_line() {
    let stored = "Square: 100\nCube: 1000\nDone!\n";
    same(stored, "Square: 100Cube: 1000\n\nDone!\n");
    same(stored, "Cube: Square: 1000\n100\nDone!\n");
    same("Square: 100Cube: 1000\n\nDone!\n", stored);
    same(
        "ID of process a: 5\nID of process b: 6\n",
        "ID of process a: 7ID of process b: 8\n\n",
    );
    differs(stored, "Square: 1000Cube: 100\n\nDone!\n");
    differs(stored, "Square: 100 Cube:\nDone!\n");
    differs("10\n20\n", "12\n00\n");
}

#[test]
fn displays_come_in_any_order() {
    let display = |number: u32, text: &str| {
        Line::new(
            &format!("display {number}: text/plain"),
            text,
            &Masks::default(),
        )
    };
    let stored = [display(1, "a"), display(2, "b")];
    assert_eq!(compare(&stored, &[display(1, "b"), display(2, "a")]), []);
    assert_eq!(
        compare(&stored, &[display(1, "b"), display(2, "b")]).len(),
        1
    );
}
