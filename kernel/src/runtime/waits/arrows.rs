//! What one thread did that let another one go on. What happens a hundred thousand times is one arrow with its count.

use crate::ipc::{Cause, WatchedArrow};
use std::collections::HashMap;

/// More arrows of one kind between two threads than these are drawn as one band.
const MAX_SINGLE: usize = 60;

/// A thread and a time.
type Moment = (u32, u64);

/// The arrows between the threads of a cell.
#[derive(Default)]
pub struct Arrows(HashMap<(Cause, u32, u32), Group>);

/// The arrows of one kind between two threads.
#[derive(Default)]
struct Group {
    /// At most [`MAX_SINGLE`].
    first: Vec<WatchedArrow>,
    count: usize,
    /// When the last one was from and to.
    last: (u64, u64),
}

impl Arrows {
    /// Adds an arrow, unless it is from a thread to itself.
    pub fn add(&mut self, what: Cause, from: Moment, to: Moment) {
        if from.0 == to.0 {
            return;
        }
        let group = self.0.entry((what, from.0, to.0)).or_default();
        group.count += 1;
        group.last = (from.1, to.1);
        if group.first.len() < MAX_SINGLE {
            group.first.push(WatchedArrow {
                what,
                from: from.0,
                from_time: from.1,
                to: to.0,
                to_time: to.1,
                count: 1,
                last: group.last,
            });
        }
    }

    /// Returns all arrows by their times.
    pub fn into_all(self) -> Vec<WatchedArrow> {
        let mut arrows: Vec<WatchedArrow> = self.0.into_values().flat_map(Group::shown).collect();
        arrows.sort_by_key(|arrow| (arrow.from_time, arrow.to_time));
        arrows
    }
}

impl Group {
    /// Returns them, or one that stands for all if they are too many.
    fn shown(mut self) -> Vec<WatchedArrow> {
        if self.count > MAX_SINGLE {
            self.first.truncate(1);
            for band in &mut self.first {
                (band.count, band.last) = (self.count as u64, self.last);
            }
        }
        self.first
    }
}
