//! How often and how long the threads of a watched cell waited for each other's locks.

use crate::ipc::Contention;
use std::collections::BTreeMap;

/// The waits, by lock, waiting thread and thread that held the lock.
#[derive(Default)]
pub struct Contentions(BTreeMap<(u32, u32, Option<u32>), Contention>);

impl Contentions {
    /// Adds a wait that took `took` nanoseconds.
    pub fn add(&mut self, object: u32, waiter: u32, holder: Option<u32>, took: u64) {
        let key = (object, waiter, holder);
        let contention = self.0.entry(key).or_insert(Contention {
            object,
            waiter,
            holder,
            count: 0,
            total: 0,
            longest: 0,
        });
        contention.count += 1;
        contention.total += took;
        contention.longest = contention.longest.max(took);
    }

    /// Returns all by lock, waiting thread and thread that held the lock.
    pub fn into_all(self) -> Vec<Contention> {
        self.0.into_values().collect()
    }
}
