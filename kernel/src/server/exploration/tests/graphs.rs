//! Tests of progress graphs.

use super::samples::{deadlock, lost_update, step, three_threads};
use crate::ipc::Action;
use crate::server::exploration::progress_graph::{Mark, ProgressGraph, Region};
use crate::server::exploration::progress_svg;

#[test]
fn a_lost_update_is_a_path_with_a_mark() {
    let exploration = lost_update().exploration();
    let graph = ProgressGraph::of(&exploration.outcomes[1]).expect("two threads");
    let steps = ["reads balance", "writes balance"]
        .map(str::to_owned)
        .to_vec();
    let expected = ProgressGraph {
        threads: ["thread 1", "thread 2"].map(str::to_owned),
        steps: [steps.clone(), steps],
        regions: Vec::new(),
        path: vec![(0, 0), (1, 0), (1, 1), (1, 2), (2, 2)],
        marks: vec![Mark {
            at: (1.5, 2.0),
            text: "overwrites what thread 2 wrote: an update is lost".to_owned(),
        }],
    };
    assert_eq!(graph, expected);
    assert_eq!(
        graph.alt(),
        "Progress graph: → is a step of thread 1, ↑ one of thread 2. The path: →↑↑→; overwrites what thread 2 wrote: an update is lost"
    );
}

#[test]
fn what_the_cell_does_after_a_scope_is_no_part_of_the_graph() {
    let mut sample = lost_update();
    let steps = &mut sample.explored.outcomes[1].steps;
    steps.retain(|step| !matches!(step.action, Action::Join { .. }));
    let load = Action::Load {
        object: 0,
        value: 1,
    };
    steps.push(step(0, None, load));
    let exploration = sample.exploration();
    let graph = ProgressGraph::of(&exploration.outcomes[1]).expect("two threads");
    assert_eq!(graph.threads, ["thread 1", "thread 2"]);
    assert_eq!(graph.path.len(), 5);
}

fn region(lock: &str, x: std::ops::Range<f64>, y: std::ops::Range<f64>) -> Region {
    Region {
        lock: lock.to_owned(),
        x,
        y,
    }
}

#[test]
fn no_path_leads_where_both_threads_hold_a_lock() {
    let exploration = deadlock().exploration();
    let graph = ProgressGraph::of(&exploration.outcomes[0]).expect("two threads");
    assert_eq!(
        graph.regions,
        [
            region("anna", 0.5..3.5, 1.5..2.5),
            region("ben", 1.5..2.5, 0.5..3.5)
        ]
    );
    assert_eq!(graph.path.last(), Some(&(4, 4)));
}

#[test]
fn a_deadlock_ends_in_a_corner_between_two_regions() {
    let exploration = deadlock().exploration();
    let graph = ProgressGraph::of(&exploration.outcomes[1]).expect("two threads");
    assert_eq!(
        graph.regions,
        [
            region("anna", 0.5..2.0, 1.5..2.0),
            region("ben", 1.5..2.0, 0.5..2.0)
        ]
    );
    assert_eq!(graph.path, [(0, 0), (1, 0), (1, 1)]);
    assert_eq!(graph.steps[0], ["takes anna", "waits for ben"]);
    assert_eq!(graph.marks.len(), 1);
    assert_eq!(graph.marks[0].at, (1.0, 1.0));
    let svg = progress_svg::draw(&graph);
    assert_eq!(svg.matches("class=\"forbidden\"").count(), 2);
    assert_eq!(svg.matches("class=\"lost\"").count(), 1);
    assert!(svg.contains("prefers-color-scheme: dark"));
}

#[test]
fn three_threads_have_no_graph() {
    let exploration = three_threads().exploration();
    assert_eq!(ProgressGraph::of(&exploration.outcomes[0]), None);
}
