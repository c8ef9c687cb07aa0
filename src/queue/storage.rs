//! In which order items come out.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

pub(super) trait Storage<T>: Default {
    fn put(&mut self, item: T);
    fn take(&mut self) -> Option<T>;
    fn len(&self) -> usize;
}

/// The oldest first.
pub(super) type Fifo<T> = VecDeque<T>;
/// The newest first.
pub(super) type Lifo<T> = Vec<T>;
/// The smallest first.
pub(super) struct Sorted<T>(BinaryHeap<Reverse<T>>);

impl<T> Storage<T> for Fifo<T> {
    fn put(&mut self, item: T) {
        self.push_back(item);
    }

    fn take(&mut self) -> Option<T> {
        self.pop_front()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

impl<T> Storage<T> for Lifo<T> {
    fn put(&mut self, item: T) {
        self.push(item);
    }

    fn take(&mut self) -> Option<T> {
        self.pop()
    }

    fn len(&self) -> usize {
        self.len()
    }
}

impl<T: Ord> Storage<T> for Sorted<T> {
    fn put(&mut self, item: T) {
        self.0.push(Reverse(item));
    }

    fn take(&mut self) -> Option<T> {
        self.0.pop().map(|Reverse(item)| item)
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

impl<T: Ord> Default for Sorted<T> {
    fn default() -> Self {
        Self(BinaryHeap::new())
    }
}
