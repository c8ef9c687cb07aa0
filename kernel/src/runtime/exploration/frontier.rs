//! The branches of the tree of orders that are still to be run.

use super::super::schedule::board::Choice;
use super::super::schedule::sequence;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::rc::Rc;

/// A part of an order: the choices of a run up to one, at which another thread is chosen.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Branch {
    /// How many switches from a thread that could go on it has; those with few come first.
    switches: Reverse<u32>,
    /// Of those with as many, the newest comes first: it is the deepest.
    number: u64,
    choices: Rc<[u8]>,
    length: usize,
    chosen: u8,
    /// The threads that are not to be tried at that choice.
    asleep: u64,
}

/// What the next run is to do.
#[derive(Debug, PartialEq, Eq)]
pub struct Plan {
    pub prefix: Vec<u8>,
    pub asleep: u64,
}

pub struct Frontier {
    branches: BinaryHeap<Branch>,
    count: u64,
    /// The most switches of a branch.
    most: u32,
}

impl Frontier {
    pub fn new(most: Option<u32>) -> Frontier {
        Frontier {
            branches: BinaryHeap::new(),
            count: 0,
            most: most.unwrap_or(u32::MAX),
        }
    }

    /// Takes the next branch; `None` if all have been run.
    pub fn next(&mut self) -> Option<Plan> {
        let branch = self.branches.pop()?;
        let mut prefix = branch.choices[..branch.length].to_vec();
        prefix.push(branch.chosen);
        Some(Plan {
            prefix,
            asleep: branch.asleep,
        })
    }

    /// Adds the branches at the choices of a run that it made itself: those from `planned` on.
    pub fn add(&mut self, choices: &[Choice], planned: usize) {
        let chosen: Rc<[u8]> = choices.iter().map(|choice| choice.chosen).collect();
        for (length, choice) in choices.iter().enumerate().skip(planned) {
            let mut asleep = choice.asleep;
            for thread in sequence(choice.enabled & !choice.asleep, choice.current) {
                if thread != choice.chosen {
                    self.push(choice, thread, asleep, &chosen, length);
                }
                asleep |= 1 << thread;
            }
        }
    }

    fn push(
        &mut self,
        choice: &Choice,
        thread: u8,
        asleep: u64,
        choices: &Rc<[u8]>,
        length: usize,
    ) {
        let is_switch = thread != choice.current && choice.enabled & 1 << choice.current != 0;
        let switches = choice.switches + u32::from(is_switch);
        if switches > self.most {
            return;
        }
        self.count += 1;
        self.branches.push(Branch {
            switches: Reverse(switches),
            number: self.count,
            choices: choices.clone(),
            length,
            chosen: thread,
            asleep,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choice(enabled: u64, asleep: u64, chosen: u8, current: u8, switches: u32) -> Choice {
        Choice {
            enabled,
            asleep,
            chosen,
            current,
            switches,
        }
    }

    #[test]
    fn branches_with_few_switches_come_first() {
        let mut frontier = Frontier::new(None);
        // Thread 0 cannot go on at the first choice, but thread 1 can at the second.
        frontier.add(&[choice(0b110, 0, 1, 0, 0), choice(0b110, 0, 1, 1, 0)], 0);
        let plan = |prefix: &[u8], asleep| {
            Some(Plan {
                prefix: prefix.to_vec(),
                asleep,
            })
        };
        assert_eq!(frontier.next(), plan(&[2], 0b010));
        assert_eq!(frontier.next(), plan(&[1, 2], 0b010));
        assert_eq!(frontier.next(), None);
    }

    #[test]
    fn what_sleeps_or_was_planned_is_no_branch() {
        let mut frontier = Frontier::new(None);
        frontier.add(
            &[choice(0b110, 0, 2, 0, 0), choice(0b110, 0b010, 2, 2, 0)],
            1,
        );
        assert_eq!(frontier.next(), None);
    }

    #[test]
    fn switches_are_limited() {
        let mut frontier = Frontier::new(Some(1));
        frontier.add(&[choice(0b11, 0, 0, 0, 1)], 0);
        assert_eq!(frontier.next(), None);
    }
}
