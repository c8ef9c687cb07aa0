//! What is drawn: the lanes of the threads, with their spans of waiting.

use crate::ipc::{Place, Trace, Watched, WatchedEvent, WatchedKind};
use crate::server::wait_reason::WaitReason;
use std::collections::HashMap;

/// Waits of one kind that are closer than this part of the cell's time are drawn as one span.
const MERGED_PART: u64 = 400;

/// What the threads of a cell did.
#[derive(Debug, PartialEq, Eq)]
pub struct Timeline {
    /// The thread that runs the cell first, then in the order in which they were started.
    pub lanes: Vec<Lane>,
    /// How long the cell took, in nanoseconds.
    pub duration: u64,
    /// How many events came too late to be recorded.
    pub missing: u64,
}

/// What a thread did. Times are nanoseconds since the cell began.
#[derive(Debug, PartialEq, Eq)]
pub struct Lane {
    pub name: String,
    pub begin: u64,
    pub end: u64,
    pub started_by: Option<Start>,
    pub waits: Vec<Span>,
    pub prints: Vec<u64>,
}

/// Where a thread was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The lane of the thread that started it.
    pub lane: usize,
    pub time: u64,
    /// The line of the cell.
    pub place: Option<Place>,
}

/// A wait, or several of one kind one after the other.
#[derive(Debug, PartialEq, Eq)]
pub struct Span {
    pub begin: u64,
    pub end: u64,
    pub reason: WaitReason,
    /// The line of the cell.
    pub place: Option<Place>,
    pub count: u64,
    /// How long they were together, in nanoseconds.
    pub waited: u64,
    /// The longest of them.
    pub longest: u64,
}

impl Timeline {
    /// Puts the events together. There is a trace for each stack.
    pub fn of(watched: &Watched, traces: &[Trace]) -> Timeline {
        let mut lanes: Vec<Lane> = vec![Lane::new("main".to_owned(), 0)];
        let mut indices: HashMap<(Option<u32>, u32), usize> = HashMap::new();
        let mut spawns: HashMap<u64, Start> = HashMap::new();
        let mut open: HashMap<usize, (u64, WaitReason, Option<Place>)> = HashMap::new();
        for event in &watched.events {
            let trace = event.stack.and_then(|index| traces.get(index as usize));
            let place = trace.and_then(|trace| trace.places.first().cloned());
            let lane = *indices
                .entry((event.process, event.thread))
                .or_insert_with(|| {
                    if event.process.is_none() && event.is_main {
                        return 0;
                    }
                    lanes.push(Lane::new(name_of(event), event.time));
                    lanes.len() - 1
                });
            match &event.what {
                WatchedKind::Wait(wait) => {
                    let functions = trace.map_or(&[][..], |trace| &trace.functions);
                    open.insert(lane, (event.time, WaitReason::of(wait, functions), place));
                }
                WatchedKind::WaitEnd => {
                    if let Some((begin, reason, place)) = open.remove(&lane) {
                        lanes[lane].add(begin, event.time, reason, place, watched.duration);
                    }
                }
                WatchedKind::Spawn(spawn) => {
                    let time = event.time;
                    spawns.insert(*spawn, Start { lane, time, place });
                }
                WatchedKind::Begin(spawn) => lanes[lane].started_by = spawns.get(spawn).cloned(),
                WatchedKind::End(name) => {
                    if name != "threadbook" && !name.is_empty() {
                        lanes[lane].name = name.clone();
                    }
                    lanes[lane].end = event.time;
                }
                WatchedKind::Print => lanes[lane].prints.push(event.time),
            }
        }
        for (lane, (begin, reason, place)) in open {
            lanes[lane].add(begin, watched.duration, reason, place, watched.duration);
        }
        for lane in &mut lanes {
            if lane.end == 0 {
                lane.end = watched.duration;
            }
        }
        Timeline {
            lanes: in_order(lanes),
            duration: watched.duration.max(1),
            missing: watched.missing,
        }
    }
}

/// Sorts the lanes by the times when they were started, and numbers those without a name.
fn in_order(lanes: Vec<Lane>) -> Vec<Lane> {
    let mut numbered: Vec<(usize, Lane)> = lanes.into_iter().enumerate().collect();
    let started = |lane: &Lane| {
        lane.started_by
            .as_ref()
            .map_or(lane.begin, |start| start.time)
    };
    // The first one runs the cell.
    numbered[1..].sort_by_key(|(_, lane)| started(lane));
    let new: HashMap<usize, usize> = numbered
        .iter()
        .enumerate()
        .map(|(new, (old, _))| (*old, new))
        .collect();
    let moved = numbered
        .into_iter()
        .enumerate()
        .map(|(number, (_, mut lane))| {
            if lane.name.is_empty() {
                lane.name = format!("thread {number}");
            }
            if let Some(start) = &mut lane.started_by {
                start.lane = new[&start.lane];
            }
            lane
        });
    moved.collect()
}

/// Returns what a process is called that has no name; nothing for a thread.
fn name_of(event: &WatchedEvent) -> String {
    let process = event.process.filter(|_| event.is_main);
    process.map_or(String::new(), |process| format!("process {process}"))
}

impl Lane {
    fn new(name: String, begin: u64) -> Lane {
        Lane {
            name,
            begin,
            end: 0,
            started_by: None,
            waits: Vec::new(),
            prints: Vec::new(),
        }
    }

    fn add(
        &mut self,
        begin: u64,
        end: u64,
        reason: WaitReason,
        place: Option<Place>,
        duration: u64,
    ) {
        if let Some(last) = self.waits.last_mut()
            && last.reason == reason
            && last.place == place
            && begin - last.end < duration / MERGED_PART
        {
            last.end = end;
            last.count += 1;
            last.waited += end - begin;
            last.longest = last.longest.max(end - begin);
            return;
        }
        self.waits.push(Span {
            begin,
            end,
            reason,
            place,
            count: 1,
            waited: end - begin,
            longest: end - begin,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ipc::{HelperWait, Wait};

    fn event(time: u64, thread: u32, what: WatchedKind) -> WatchedEvent {
        WatchedEvent {
            time,
            process: None,
            is_main: thread == 1,
            thread,
            what,
            stack: None,
        }
    }

    #[test]
    fn lanes_have_their_waits_and_know_who_started_them() {
        let lock = WatchedKind::Wait(Wait::Helper {
            kind: HelperWait::Lock,
            holder: None,
        });
        let watched = Watched {
            events: vec![
                event(10, 1, WatchedKind::Spawn(7)),
                event(20, 1, WatchedKind::Spawn(8)),
                event(30, 3, WatchedKind::Begin(8)),
                event(40, 2, WatchedKind::Begin(7)),
                event(50, 2, lock),
                event(60, 1, WatchedKind::Wait(Wait::Join(None))),
                event(70, 2, WatchedKind::WaitEnd),
                event(75, 2, WatchedKind::Print),
                event(80, 3, WatchedKind::End("adder".to_owned())),
            ],
            stacks: Vec::new(),
            missing: 2,
            duration: 100,
        };
        let timeline = Timeline::of(&watched, &[]);
        let names: Vec<&str> = timeline.lanes.iter().map(|lane| &lane.name[..]).collect();
        assert_eq!(names, ["main", "thread 1", "adder"]);
        let [main, first, second] = &timeline.lanes[..] else {
            panic!("{timeline:?}");
        };
        assert_eq!((main.begin, main.end), (0, 100));
        assert_eq!(main.waits.len(), 1);
        assert_eq!((main.waits[0].begin, main.waits[0].end), (60, 100));
        assert_eq!(
            (first.begin, first.end, &first.prints[..]),
            (40, 100, &[75][..])
        );
        let wait = &first.waits[0];
        assert_eq!((wait.begin, wait.end, wait.waited), (50, 70, 20));
        assert_eq!(wait.reason, WaitReason::Lock(None));
        assert_eq!((second.begin, second.end), (30, 80));
        let started = second.started_by.as_ref().expect("who started it");
        assert_eq!((started.lane, started.time), (0, 20));
        assert_eq!(timeline.missing, 2);
    }

    #[test]
    fn many_short_waits_are_one_span() {
        let mut events = Vec::new();
        for time in (0..100_000).step_by(2) {
            events.push(event(time, 2, WatchedKind::Wait(Wait::Sleep)));
            events.push(event(time + 1, 2, WatchedKind::WaitEnd));
        }
        let watched = Watched {
            events,
            stacks: Vec::new(),
            missing: 0,
            duration: 100_000,
        };
        let timeline = Timeline::of(&watched, &[]);
        let waits = &timeline.lanes[1].waits;
        assert_eq!(waits.len(), 1);
        assert_eq!((waits[0].count, waits[0].waited), (50_000, 50_000));
    }
}
