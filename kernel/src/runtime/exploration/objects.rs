//! What the threads of a run share, numbered as their steps first touch it.

use crate::ipc::{ExploredKind, ExploredObject};
use crate::runtime::schedule::board::Step;
use std::collections::HashMap;

#[derive(Default)]
pub struct Objects {
    /// By their indices.
    pub all: Vec<ExploredObject>,
    /// By their addresses.
    indices: HashMap<usize, u32>,
}

impl Objects {
    /// Returns the index of an object that has a value, which the step has read.
    pub fn valued(&mut self, step: &Step, kind: ExploredKind, site: Option<u32>) -> u32 {
        let index = self.index(step.object, kind, site);
        let initial = &mut self.all[index as usize].initial;
        initial.get_or_insert(step.from);
        index
    }

    /// Returns the index of the object at an address. `site` is where a step touches it.
    pub fn index(&mut self, address: usize, kind: ExploredKind, site: Option<u32>) -> u32 {
        let index = *self.indices.entry(address).or_insert_with(|| {
            self.all.push(ExploredObject {
                kind,
                sites: Vec::new(),
                initial: None,
            });
            self.all.len() as u32 - 1
        });
        let object = &mut self.all[index as usize];
        // A look at an event or a semaphore is the same step as one at a number.
        if object.kind == ExploredKind::Number {
            object.kind = kind;
        }
        if let Some(site) = site
            && !object.sites.contains(&site)
        {
            object.sites.push(site);
        }
        index
    }
}
