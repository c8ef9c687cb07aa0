//! The different stacks of the events of a cell: threads wait in few places, however often.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

/// How many stacks are kept. Events with further ones have none.
const CAPACITY: usize = 1 << 12;

/// How many places to look at for a stack.
const PROBES: usize = 64;

pub struct Stacks([Slot; CAPACITY]);

struct Slot {
    /// Two stacks of one hash count as the same; 0 if the slot is free.
    hash: AtomicU64,
    addresses: [AtomicU64; Stacks::DEPTH],
}

impl Stacks {
    /// How many calls of a stack are kept.
    pub const DEPTH: usize = 48;

    /// Returns the index of a stack, which is added if it is new; `None` if it is empty, or there is no room.
    pub fn add(&self, addresses: &[u64]) -> Option<u32> {
        if addresses.is_empty() {
            return None;
        }
        let mut hasher = DefaultHasher::new();
        addresses.hash(&mut hasher);
        let hash = hasher.finish() | 1;
        for probe in 0..PROBES {
            let index = (hash as usize + probe) % CAPACITY;
            let slot = &self.0[index];
            match slot.hash.compare_exchange(0, hash, Acquire, Acquire) {
                Ok(_) => {
                    // Whoever finds the hash meanwhile needs the index only; stacks are read when the cell is over.
                    for (place, address) in slot.addresses.iter().zip(addresses) {
                        place.store(*address, Release);
                    }
                    return Some(index as u32);
                }
                Err(other) if other == hash => return Some(index as u32),
                Err(_) => {}
            }
        }
        None
    }

    /// Returns the addresses of a stack.
    pub fn get(&self, index: u32) -> Vec<u64> {
        let slot = self.0.get(index as usize);
        let addresses = slot.map_or(&[][..], |slot| &slot.addresses);
        let addresses = addresses.iter().map(|address| address.load(Acquire));
        addresses.take_while(|&address| address != 0).collect()
    }

    pub fn clear(&self) {
        for slot in self.0.iter().filter(|slot| slot.hash.load(Relaxed) != 0) {
            for address in &slot.addresses {
                address.store(0, Relaxed);
            }
            slot.hash.store(0, Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stack_is_kept_once() {
        let stacks: Box<Stacks> = {
            // SAFETY: zeroed atomics are valid.
            unsafe { Box::new_zeroed().assume_init() }
        };
        let first = stacks.add(&[1, 2, 3]);
        let second = stacks.add(&[1, 2]);
        assert_ne!(first, second);
        assert_eq!(stacks.add(&[1, 2, 3]), first);
        assert_eq!(stacks.get(first.unwrap()), [1, 2, 3]);
        assert_eq!(stacks.add(&[]), None);
        stacks.clear();
        assert_eq!(stacks.get(first.unwrap()), [0; 0]);
    }
}
