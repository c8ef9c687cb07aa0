//! Where the steps of runs were made.

use crate::ipc::Site;
use crate::runtime::schedule::board::{STACK_DEPTH, State};
use crate::runtime::waits::libraries::Libraries;
use std::collections::HashMap;

/// A place as a run tells it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Told {
    /// The address of a `Location`.
    Location(usize),
    /// Return addresses, the innermost first.
    Stack([u64; STACK_DEPTH]),
}

#[derive(Default)]
pub struct Sites {
    told: Vec<Told>,
    indices: HashMap<Told, u32>,
}

impl Sites {
    /// Returns the index of the place of a `Location`, by its address; `None` for 0.
    pub fn place(&mut self, address: usize) -> Option<u32> {
        (address != 0).then(|| self.index(Told::Location(address)))
    }

    /// Returns the index of the place of a stack, by 1 more than its number; `None` for 0.
    pub fn stack(&mut self, state: &State, number: u32) -> Option<u32> {
        let stack = state.stacks.get((number as usize).checked_sub(1)?)?;
        Some(self.index(Told::Stack(*stack)))
    }

    fn index(&mut self, told: Told) -> u32 {
        *self.indices.entry(told).or_insert_with(|| {
            self.told.push(told);
            self.told.len() as u32 - 1
        })
    }

    /// Returns all places, by their indices. The libraries of the runs are those of this process.
    pub fn described(self) -> Vec<Site> {
        let libraries = Libraries::mapped();
        let described = self.told.iter().map(|told| match told {
            Told::Location(address) => libraries.site(*address as u64),
            Told::Stack(addresses) => {
                let called = addresses.iter().take_while(|address| **address != 0);
                let frames = called.filter_map(|address| libraries.frame(*address));
                Site::Stack(frames.collect())
            }
        });
        described.collect()
    }
}
