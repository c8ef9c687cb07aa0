//! The orders in which threads take locks. If one takes `b` while it holds `a`, and another one `a` while it holds `b`, they could
//! deadlock, even if they did not this time.

use crate::ipc::LockStep;
use std::collections::HashMap;

/// How many threads to remember for each pair of locks.
const MAX_STEPS: usize = 8;

/// The longest cycle to look for, in locks.
const MAX_CYCLE: usize = 6;

/// How many cycles are reported.
const MAX_CYCLES: usize = 8;

/// How many steps to try: more locks than these give no answer.
const MAX_WORK: usize = 100_000;

/// When a thread was there, and what it was ordered with.
#[derive(Debug, Clone, Default)]
pub struct Life {
    /// Who started it, and when.
    pub started: Option<(u32, u64)>,
    /// Who joined it, and when.
    pub joined: Option<(u32, u64)>,
}

/// A lock taken while others were held.
#[derive(Debug, Clone)]
struct Step {
    thread: u32,
    time: u64,
    held_site: Option<u32>,
    taken_site: Option<u32>,
    /// The other locks that the thread held.
    others: Vec<u32>,
}

/// A lock that a thread holds.
#[derive(Debug, Clone)]
pub struct Held {
    pub lock: u32,
    pub since: u64,
    pub site: Option<u32>,
}

#[derive(Default)]
pub struct LockOrder(HashMap<(u32, u32), Vec<Step>>);

impl LockOrder {
    /// Notes that a thread takes a lock while it holds others.
    pub fn note(&mut self, thread: u32, time: u64, held: &[Held], taken: u32, site: Option<u32>) {
        for outer in held.iter().filter(|outer| outer.lock != taken) {
            let steps = self.0.entry((outer.lock, taken)).or_default();
            let is_known = steps
                .iter()
                .any(|step| step.thread == thread && step.taken_site == site);
            if is_known || steps.len() == MAX_STEPS {
                continue;
            }
            let others = held.iter().map(|held| held.lock);
            let others = others.filter(|lock| *lock != outer.lock && *lock != taken);
            steps.push(Step {
                thread,
                time,
                held_site: outer.site,
                taken_site: site,
                others: others.collect(),
            });
        }
    }

    /// Returns the cycles in which threads could wait for each other.
    pub fn cycles(&self, lives: &[Life]) -> Vec<Vec<LockStep>> {
        let mut search = Search {
            order: self,
            lives,
            path: Vec::new(),
            found: Vec::new(),
            work: 0,
        };
        let mut starts: Vec<u32> = self.0.keys().map(|(held, _)| *held).collect();
        starts.sort_unstable();
        starts.dedup();
        for start in starts {
            search.from(start, start);
        }
        search.found
    }
}

struct Search<'a> {
    order: &'a LockOrder,
    lives: &'a [Life],
    /// The steps so far: the locks held and taken, and how.
    path: Vec<(u32, u32, &'a Step)>,
    found: Vec<Vec<LockStep>>,
    work: usize,
}

impl<'a> Search<'a> {
    /// Goes on from a lock on a cycle whose smallest lock is `start`.
    fn from(&mut self, start: u32, lock: u32) {
        self.work += 1;
        if self.work > MAX_WORK || self.found.len() == MAX_CYCLES || self.path.len() == MAX_CYCLE {
            return;
        }
        let order = self.order;
        let mut nexts: Vec<_> = order
            .0
            .iter()
            .filter(|((held, _), _)| *held == lock)
            .collect();
        nexts.sort_unstable_by_key(|((_, taken), _)| *taken);
        for ((held, taken), steps) in nexts {
            let was_there = self.path.iter().any(|(_, before, _)| before == taken);
            if *taken < start || was_there {
                continue;
            }
            for step in steps {
                if !self.fits(step) {
                    continue;
                }
                self.path.push((*held, *taken, step));
                if *taken == start {
                    self.report();
                } else {
                    self.from(start, *taken);
                }
                self.path.pop();
            }
        }
    }

    /// Whether a step could be at the same time as all of the path: it is another thread's, that is not ordered with theirs, and no
    /// further lock keeps them apart.
    fn fits(&self, step: &Step) -> bool {
        self.path.iter().all(|(_, _, other)| {
            other.thread != step.thread
                && !other.others.iter().any(|lock| step.others.contains(lock))
                && !self.is_before(other, step)
                && !self.is_before(step, other)
        })
    }

    /// Whether one step is always before another one, since its thread starts or joins the other's, or was joined first.
    fn is_before(&self, first: &Step, second: &Step) -> bool {
        let mut thread = second.thread;
        for _ in 0..self.lives.len() {
            let Some((by, time)) = self.life(thread).started else {
                break;
            };
            if by == first.thread && time >= first.time {
                return true;
            }
            thread = by;
        }
        let mut thread = first.thread;
        let mut over = first.time;
        for _ in 0..self.lives.len() {
            let Some((by, time)) = self.life(thread).joined.filter(|(_, time)| *time >= over)
            else {
                return false;
            };
            if by == second.thread {
                return time <= second.time;
            }
            (thread, over) = (by, time);
        }
        false
    }

    fn life(&self, thread: u32) -> Life {
        self.lives.get(thread as usize).cloned().unwrap_or_default()
    }

    /// Reports the path, unless the same locks are reported in the same order.
    fn report(&mut self) {
        let steps = self.path.iter().map(|(held, taken, step)| LockStep {
            thread: step.thread,
            held: *held,
            held_site: step.held_site,
            taken: *taken,
            taken_site: step.taken_site,
        });
        let steps: Vec<LockStep> = steps.collect();
        let locks = |steps: &[LockStep]| steps.iter().map(|step| step.held).collect::<Vec<_>>();
        if self.found.iter().all(|other| locks(other) != locks(&steps)) {
            self.found.push(steps);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held(locks: &[u32]) -> Vec<Held> {
        let held = |lock: &u32| Held {
            lock: *lock,
            since: 0,
            site: None,
        };
        locks.iter().map(held).collect()
    }

    /// Returns the locks of each cycle.
    fn cycles(steps: &[(u32, u64, &[u32], u32)], lives: &[Life]) -> Vec<Vec<u32>> {
        let mut order = LockOrder::default();
        for (thread, time, locks, taken) in steps {
            order.note(*thread, *time, &held(locks), *taken, None);
        }
        let cycles = order.cycles(lives);
        let locks = |steps: &Vec<LockStep>| steps.iter().map(|step| step.held).collect();
        cycles.iter().map(locks).collect()
    }

    #[test]
    fn two_orders_could_deadlock() {
        assert_eq!(cycles(&[(1, 5, &[0], 1), (2, 9, &[1], 0)], &[]), [[0, 1]]);
        assert_eq!(cycles(&[(1, 5, &[0], 1), (2, 9, &[0], 1)], &[]).len(), 0);
        // One thread, in one order after the other.
        assert_eq!(cycles(&[(1, 5, &[0], 1), (1, 9, &[1], 0)], &[]).len(), 0);
    }

    #[test]
    fn philosophers_could_deadlock() {
        let steps = [(1, 0, &[0][..], 1), (2, 0, &[1], 2), (3, 0, &[2], 0)];
        assert_eq!(cycles(&steps, &[]), [[0, 1, 2]]);
    }

    #[test]
    fn a_further_lock_keeps_them_apart() {
        assert_eq!(
            cycles(&[(1, 5, &[7, 0], 1), (2, 9, &[7, 1], 0)], &[]).len(),
            0
        );
    }

    #[test]
    fn what_is_over_before_a_thread_starts_or_after_it_is_joined_is_no_danger() {
        let steps = [(0, 5, &[0][..], 1), (1, 9, &[1], 0)];
        let life = |started, joined| [Life::default(), Life { started, joined }];
        assert_eq!(cycles(&steps, &life(Some((0, 7)), None)).len(), 0);
        assert_eq!(cycles(&steps, &life(Some((0, 3)), None)).len(), 1);
        let steps = [(1, 5, &[0][..], 1), (0, 9, &[1], 0)];
        assert_eq!(cycles(&steps, &life(None, Some((0, 8)))).len(), 0);
        assert_eq!(cycles(&steps, &life(None, Some((0, 10)))).len(), 1);
    }
}
