//! Watches a cell: what its threads and processes do, for a picture.

use super::events::{self, Event, EventKind};
use super::libraries::Libraries;
use super::table::Kind;
use super::threads::described_kind;
use crate::ipc::{Wait, Watched, WatchedEvent, WatchedKind};
use crate::runtime::process_group;
use std::collections::HashMap;

/// Begins to record.
pub fn begin() {
    events::begin();
}

/// Records that the calling thread prints.
pub fn prints() {
    events::record(EventKind::Print, 0, 0);
}

/// Stops recording, and returns what the threads of the cell did.
pub fn end() -> Watched {
    let (events, missing, duration) = events::end();
    let mut stacks = Stacks::default();
    let events = events
        .iter()
        .filter(|event| event.thread != process_group::relay())
        .map(|event| described(event, &mut stacks))
        .collect();
    let libraries = Libraries::mapped();
    let frames = |addresses: &Vec<u64>| {
        let addresses = addresses.iter();
        addresses
            .filter_map(|&address| libraries.frame(address))
            .collect()
    };
    Watched {
        events,
        stacks: stacks.all.iter().map(frames).collect(),
        missing,
        duration,
    }
}

/// The different stacks of all events: threads wait in few places, however often.
#[derive(Default)]
struct Stacks {
    all: Vec<Vec<u64>>,
    indices: HashMap<Vec<u64>, u32>,
}

impl Stacks {
    fn index(&mut self, addresses: &[u64]) -> Option<u32> {
        if addresses.is_empty() {
            return None;
        }
        if let Some(index) = self.indices.get(addresses) {
            return Some(*index);
        }
        let index = self.all.len() as u32;
        self.all.push(addresses.to_vec());
        self.indices.insert(addresses.to_vec(), index);
        Some(index)
    }
}

fn described(event: &Event, stacks: &mut Stacks) -> WatchedEvent {
    let this = std::process::id() as i32;
    let what = match event.kind {
        EventKind::WaitBegin => {
            let kind = Kind::of_number(event.subject as u32);
            WatchedKind::Wait(kind.map_or(Wait::Running, described_kind))
        }
        EventKind::WaitEnd => WatchedKind::WaitEnd,
        EventKind::Spawn => WatchedKind::Spawn(event.subject),
        EventKind::Begin => WatchedKind::Begin(event.subject),
        EventKind::End => WatchedKind::End(event.name()),
        EventKind::Print => WatchedKind::Print,
    };
    WatchedEvent {
        time: event.time,
        process: (event.process != this).then_some(event.process as u32),
        is_main: event.process == event.thread,
        thread: event.thread as u32,
        what,
        stack: match event.kind {
            EventKind::End => None,
            _ => stacks.index(&event.words),
        },
    }
}
