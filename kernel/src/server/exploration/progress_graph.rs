//! The progress graph of two threads (Dijkstra's, of 1971): the steps of one to the right, those of the other upwards. An order is a path,
//! and where both would hold a lock no path can go.

use super::model::{Outcome, Step};
use super::world;
use crate::ipc::{Action, BlockedOn};
use std::ops::Range;

/// With more steps of one thread the labels are too small.
const MAX_STEPS: usize = 24;

#[derive(Debug, PartialEq)]
pub struct ProgressGraph {
    /// To the right, and upwards.
    pub threads: [String; 2],
    /// What each of their steps does.
    pub steps: [Vec<String>; 2],
    pub regions: Vec<Region>,
    /// How many steps the two have done, from none to the end.
    pub path: Vec<(usize, usize)>,
    /// Where the path does something wrong.
    pub marks: Vec<Mark>,
}

/// Where both threads would hold a lock. From the middle of the step that takes it to the middle of the one that releases it.
#[derive(Debug, PartialEq)]
pub struct Region {
    pub lock: String,
    pub x: Range<f64>,
    pub y: Range<f64>,
}

#[derive(Debug, PartialEq)]
pub struct Mark {
    pub at: (f64, f64),
    pub text: String,
}

/// A time in which a thread holds a lock, or would.
struct Hold {
    lock: u32,
    span: Range<f64>,
    is_shared: bool,
}

impl ProgressGraph {
    /// Returns the graph if exactly two threads do something to shared objects while another one could, and not too much.
    pub fn of(outcome: &Outcome) -> Option<ProgressGraph> {
        let steps = outcome.steps.iter().enumerate();
        let concurrent = steps.filter(|(index, _)| is_concurrent(outcome, *index));
        let concurrent: Vec<&Step> = concurrent.map(|(_, step)| step).collect();
        let mut threads: Vec<usize> = concurrent.iter().map(|step| step.thread).collect();
        threads.sort_unstable();
        threads.dedup();
        let [right, up] = threads[..] else {
            return None;
        };
        let of = |thread: usize| concurrent.iter().filter(move |step| step.thread == thread);
        let counts = [right, up].map(|thread| of(thread).count());
        if counts.iter().any(|count| *count > MAX_STEPS) {
            return None;
        }
        let labels = |thread| {
            let labels = of(thread).map(|step| label(step, &outcome.objects));
            labels.collect::<Vec<String>>()
        };
        let holds = |thread| holds(&of(thread).copied().collect::<Vec<&Step>>());
        let (path, marks) = walk(&concurrent, right);
        Some(ProgressGraph {
            threads: [right, up].map(|thread| outcome.threads[thread].clone()),
            steps: [labels(right), labels(up)],
            regions: regions(&holds(right), &holds(up), &outcome.objects),
            path,
            marks,
        })
    }

    /// Returns what the picture shows, for those who do not see it.
    pub fn alt(&self) -> String {
        let [right, up] = &self.threads;
        let arrows = self
            .path
            .windows(2)
            .map(|pair| if pair[0].0 < pair[1].0 { '→' } else { '↑' });
        let arrows: String = arrows.collect();
        let mut alt =
            format!("Progress graph: → is a step of {right}, ↑ one of {up}. The path: {arrows}");
        let mut locks: Vec<&str> = self.regions.iter().map(|region| &*region.lock).collect();
        locks.sort_unstable();
        locks.dedup();
        for lock in locks {
            alt += &format!("; no path leads where both hold {lock}");
        }
        for mark in &self.marks {
            alt += &format!("; {}", mark.text);
        }
        alt.replace('`', "")
    }
}

/// Whether the step touches something shared that another thread could touch at the same moment.
fn is_concurrent(outcome: &Outcome, index: usize) -> bool {
    let step = &outcome.steps[index];
    let others = outcome.active_threads().into_iter();
    let mut others = others.filter(|other| {
        let mut steps = outcome.steps.iter();
        *other != step.thread && steps.any(|step| step.thread == *other && touches(step))
    });
    let at = |action: Action| {
        let mut steps = outcome.steps.iter();
        steps.position(|other| other.thread == step.thread && other.action == action)
    };
    touches(step)
        && others.any(|other| {
            let thread = other as u32;
            // Nothing happens at once with what comes before a thread's start or after its end.
            let (start, end) = (at(Action::Spawn { thread }), at(Action::Join { thread }));
            start.is_none_or(|start| start < index && !has_waited(outcome, start, other, index))
                && end.is_none_or(|end| index < end)
        })
}

/// Whether a thread that started another one seems to have waited for its end before this step, as a scope does, which makes no step of
/// that: it has touched nothing meanwhile, and the other one has no more steps.
fn has_waited(outcome: &Outcome, start: usize, other: usize, index: usize) -> bool {
    let starter = outcome.steps[index].thread;
    let mut meanwhile = outcome.steps[start..index].iter();
    let mut rest = outcome.steps[index..].iter();
    !meanwhile.any(|step| step.thread == starter && touches(step))
        && !rest.any(|step| step.thread == other)
}

fn touches(step: &Step) -> bool {
    match &step.action {
        Action::Blocked { on } => !matches!(on, BlockedOn::Thread { .. }),
        action => world::object_of(action).is_some(),
    }
}

/// Returns what the step does, whichever values it finds in this order.
fn label(step: &Step, objects: &[String]) -> String {
    let name = |object: &u32| objects.get(*object as usize).map_or("?", String::as_str);
    let text = match &step.action {
        Action::Load { object, .. } => format!("reads {}", name(object)),
        Action::Store { object, .. } => format!("writes {}", name(object)),
        Action::Update { object, .. } => format!("changes {}", name(object)),
        Action::WaitEvent { object, .. } => format!("waits for {}", name(object)),
        Action::Acquire { object, .. } => format!("takes a permit of {}", name(object)),
        Action::Release { object, .. } => format!("returns a permit to {}", name(object)),
        Action::Blocked {
            on: BlockedOn::Lock { object, .. },
        } => format!("waits for {}", name(object)),
        _ => step.text.clone(),
    };
    text.replace('`', "")
}

/// Returns when the thread of these steps holds which locks. One that it waits for in vain it would hold from there on.
fn holds(steps: &[&Step]) -> Vec<Hold> {
    let end = steps.len() as f64;
    let mut holds: Vec<Hold> = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let middle = index as f64 + 0.5;
        let (lock, is_shared) = match &step.action {
            Action::Lock { object } => (*object, false),
            Action::LockShared { object } => (*object, true),
            Action::Blocked {
                on: BlockedOn::Lock { object, .. },
            } => (*object, false),
            Action::Unlock { object } => {
                let open = holds.iter_mut().rfind(|hold| hold.lock == *object);
                if let Some(hold) = open {
                    hold.span.end = middle;
                }
                continue;
            }
            _ => continue,
        };
        holds.push(Hold {
            lock,
            span: middle..end,
            is_shared,
        });
    }
    holds
}

fn regions(right: &[Hold], up: &[Hold], objects: &[String]) -> Vec<Region> {
    let pairs = right.iter().flat_map(|x| up.iter().map(move |y| (x, y)));
    let both = pairs.filter(|(x, y)| x.lock == y.lock && !(x.is_shared && y.is_shared));
    let regions = both.map(|(x, y)| Region {
        lock: objects[x.lock as usize].replace('`', ""),
        x: x.span.clone(),
        y: y.span.clone(),
    });
    regions.collect()
}

fn walk(steps: &[&Step], right: usize) -> (Vec<(usize, usize)>, Vec<Mark>) {
    let (mut path, mut marks) = (vec![(0, 0)], Vec::new());
    let mut at = (0, 0);
    for step in steps {
        let from = at;
        // Nobody gets past a step that waits for ever.
        let is_done = !matches!(step.action, Action::Blocked { .. });
        if is_done {
            if step.thread == right {
                at.0 += 1;
            } else {
                at.1 += 1;
            }
            path.push(at);
        }
        if let Some(mark) = &step.mark {
            let middle = |from: usize, to: usize| (from + to) as f64 / 2.0;
            marks.push(Mark {
                at: (middle(from.0, at.0), middle(from.1, at.1)),
                text: mark.clone(),
            });
        }
    }
    (path, marks)
}
