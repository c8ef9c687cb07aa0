//! The locks, channels, conditions and atomics of a watched cell, while its events are read.

use crate::ipc::{ObjectKind, WatchedObject};
use std::collections::{HashMap, VecDeque};

/// The objects, by number.
#[derive(Default)]
pub struct Objects {
    numbers: HashMap<u64, u32>,
    watched: Vec<WatchedObject>,
    states: Vec<ObjectState>,
}

/// What an object is like between two events.
#[derive(Default)]
pub struct ObjectState {
    /// The thread that holds the lock.
    pub owner: Option<u32>,
    /// Who released the lock last, and when.
    pub released: Option<(u32, u64)>,
    /// Who notified the condition last, and when.
    pub notified: Option<(u32, u64)>,
    /// The messages that nobody has received: who sent them, and when.
    pub messages: VecDeque<(u32, u64)>,
}

impl Objects {
    /// Returns the number of the object that the events call `subject`. It gets one with its first event.
    pub fn number(&mut self, subject: u64, kind: ObjectKind, site: Option<u32>) -> u32 {
        let object = *self.numbers.entry(subject).or_insert_with(|| {
            self.watched.push(WatchedObject {
                kind,
                sites: Vec::new(),
                uses: 0,
                lost_updates: 0,
            });
            self.states.push(ObjectState::default());
            self.watched.len() as u32 - 1
        });
        let sites = &mut self.watched[object as usize].sites;
        if let Some(site) = site.filter(|site| !sites.contains(site)) {
            sites.push(site);
        }
        object
    }

    /// Returns the number of a channel that its receiver uses. The receiver's places of the code become the first ones: a channel
    /// has one receiver and many senders.
    pub fn receiver(&mut self, subject: u64, site: Option<u32>) -> u32 {
        let object = self.number(subject, ObjectKind::Channel, site);
        let sites = &mut self.watched[object as usize].sites;
        if let Some(index) = sites.iter().position(|other| Some(*other) == site) {
            sites[..=index].rotate_right(1);
        }
        object
    }

    /// Returns the number of an object that an earlier event has named.
    pub fn known(&self, subject: u64) -> Option<u32> {
        self.numbers.get(&subject).copied()
    }

    pub fn state(&mut self, object: u32) -> &mut ObjectState {
        &mut self.states[object as usize]
    }

    /// Counts one more use.
    pub fn add_use(&mut self, object: u32) {
        self.watched[object as usize].uses += 1;
    }

    /// Counts one more update that was lost.
    pub fn add_lost_update(&mut self, object: u32) {
        self.watched[object as usize].lost_updates += 1;
    }

    pub fn into_all(self) -> Vec<WatchedObject> {
        self.watched
    }
}
