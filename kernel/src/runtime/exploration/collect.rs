//! The outcomes of the runs, each with the order with the fewest switches that led to it.

use super::narration::Narration;
use super::sites::Sites;
use crate::ipc::{Explored, ExploredNote, ExploredOutcome, ExploredThread, Shown};
use crate::runtime::schedule::board::{State, Thread};
use std::collections::HashMap;

/// The digits of an order, by the index of the thread that is chosen.
const DIGITS: &[u8] = b"0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

/// Returns the threads that an order chooses. What is not a digit chooses none that there is.
pub fn threads_of(order: &str) -> Vec<u8> {
    let digit = |byte: u8| DIGITS.iter().position(|digit| *digit == byte);
    order
        .bytes()
        .map(|byte| digit(byte).map_or(u8::MAX, |index| index as u8))
        .collect()
}

#[derive(Default)]
pub struct Collection {
    explored: Explored,
    /// The indices of the outcomes, and how many switches their orders have.
    outcomes: HashMap<Shown, (usize, u32)>,
    sites: Sites,
    is_not_deterministic: bool,
    /// Where an atomic was used with a weaker order: the address of a `Location`.
    weak: Option<usize>,
    /// Where a thread that seemed to wait in a loop had to let others go first, if that is known: a site.
    left_out: Option<Option<u32>>,
}

impl Collection {
    /// Returns how many orders were added.
    pub fn orders(&self) -> u64 {
        self.explored.orders
    }

    /// Adds a run and what it showed.
    pub fn add(&mut self, state: &State, shown: Shown) {
        self.explored.orders += 1;
        let weak = state.steps().iter().find(|step| step.is_weak);
        self.weak = self.weak.or(weak.map(|step| step.place));
        let known = self.outcomes.get_mut(&shown);
        let (index, is_simplest) = match known {
            Some((index, switches)) => {
                self.explored.outcomes[*index].count += 1;
                let is_simpler = state.switches < *switches;
                *switches = state.switches.min(*switches);
                (*index, is_simpler)
            }
            None => {
                let index = self.explored.outcomes.len();
                self.outcomes.insert(shown.clone(), (index, state.switches));
                self.explored.outcomes.push(ExploredOutcome {
                    shown: shown.clone(),
                    count: 1,
                    order: String::new(),
                    threads: Vec::new(),
                    objects: Vec::new(),
                    steps: Vec::new(),
                });
                (index, true)
            }
        };
        if is_simplest {
            let count = self.explored.outcomes[index].count;
            self.explored.outcomes[index] = outcome(state, shown, count, &mut self.sites);
        }
    }

    /// Notes what a run tells about the orders that were not run; also one that is not added.
    pub fn note_left_out(&mut self, state: &State) {
        if state.left_out && self.left_out.is_none() {
            let (place, stack) = state.left_out_at;
            let site = self.sites.place(place);
            self.left_out = Some(site.or_else(|| self.sites.stack(state, stack)));
        }
    }

    pub fn not_deterministic(&mut self) {
        self.is_not_deterministic = true;
    }

    pub fn finish(self) -> Explored {
        let Collection {
            mut explored,
            mut sites,
            is_not_deterministic,
            weak,
            left_out,
            ..
        } = self;
        if let Some(place) = weak {
            let site = sites.place(place);
            explored.notes.push(ExploredNote::WeakOrdering { site });
        }
        if let Some(site) = left_out {
            explored.notes.push(ExploredNote::LoopsLeftOut { site });
        }
        if is_not_deterministic {
            explored.notes.push(ExploredNote::NotDeterministic);
        }
        explored.sites = sites.described();
        explored
    }
}

fn outcome(state: &State, shown: Shown, count: u64, sites: &mut Sites) -> ExploredOutcome {
    let chosen = state.choices().iter().map(|choice| choice.chosen);
    let order = chosen.map(|thread| char::from(DIGITS[usize::from(thread) % DIGITS.len()]));
    let order = order.collect();
    let numbered = (0_u32..).zip(state.threads());
    let threads = numbered.map(|(index, thread)| ExploredThread {
        name: name(thread).filter(|_| index > 0),
        parent: (index > 0).then_some(thread.parent),
        is_process: thread.is_process,
        site: sites.stack(state, thread.started),
    });
    let threads = threads.collect();
    let (objects, steps) = Narration::of(state, sites);
    ExploredOutcome {
        shown,
        count,
        order,
        threads,
        objects,
        steps,
    }
}

/// Returns the name that a thread was given.
fn name(thread: &Thread) -> Option<String> {
    let is_given = thread.name[0] != 0 && thread.name != thread.inherited_name;
    let text = thread.name.split(|byte| *byte == 0).next()?;
    is_given.then(|| String::from_utf8_lossy(text).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_order_is_read() {
        assert_eq!(threads_of("019azAZ"), [0, 1, 9, 10, 35, 36, 61]);
        assert_eq!(threads_of("?"), [u8::MAX]);
    }
}
