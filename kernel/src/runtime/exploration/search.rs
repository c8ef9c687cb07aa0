//! Which orders are run.
//!
//! First those with few switches from a thread that could go on, since these show most mistakes (M. Musuvathi and S. Qadeer, Iterative
//! Context Bounding for Systematic Testing of Multithreaded Programs, 2007). If that is clearly not going to be all of them, the second half
//! of the budget is spent on orders that are drawn at random, which also tell about how many there are (D. E. Knuth, Estimating the
//! Efficiency of Backtrack Programs, 1975).

use super::collect::{Collection, threads_of};
use super::frontier::{Frontier, Plan};
use super::run::{Order, Run, Runs};
use crate::ipc::{Explored, ExploredEnd, ExploredNote, RunExplored, Shown};
use crate::runtime::schedule::board::Status;
use crate::runtime::schedule::draw;
use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::time::{Duration, Instant};

/// How long a search takes until its progress is shown, and how often that is.
const PROGRESS_INTERVAL: Duration = Duration::from_millis(500);

/// How many random orders tell whether all can be run.
const SAMPLES: u32 = 64;

/// How many random orders tell about how many there are, for the progress of a long search. They are not counted.
const PROGRESS_SAMPLES: u32 = 16;

/// An estimate may be too high by this factor, and then there is enough time for all orders after all.
const MARGIN: f64 = 2.0;

struct Search<'a, 'b> {
    runs: &'a mut Runs<'b>,
    wanted: &'a RunExplored,
    progress: &'a mut dyn FnMut(u64, Option<f64>),
    begin: Instant,
    shown_at: Instant,
    /// About how many orders there are, as the progress says.
    progress_estimate: Option<f64>,
    collection: Collection,
    frontier: Frontier,
    /// The hashes of the orders that were counted.
    counted: HashSet<u64>,
    seed: u64,
    samples: u32,
    /// The sum of the samples' estimates.
    weight: f64,
}

/// Why a search cannot go on.
enum Stop {
    End(ExploredEnd),
    Failed(String),
}

/// Runs the cell in as many orders as are wanted.
pub fn search(
    runs: &mut Runs,
    wanted: &RunExplored,
    progress: &mut dyn FnMut(u64, Option<f64>),
) -> Explored {
    let begin = Instant::now();
    let mut search = Search {
        runs,
        wanted,
        progress,
        begin,
        shown_at: begin,
        progress_estimate: None,
        collection: Collection::default(),
        frontier: Frontier::new(wanted.switches),
        counted: HashSet::new(),
        seed: wanted.seed,
        samples: 0,
        weight: 0.0,
    };
    let stop = match &wanted.replay {
        Some(order) => search.replay(order),
        None => search.all(),
    };
    let (end, failure) = match stop {
        Stop::End(end) => (end, None),
        Stop::Failed(why) => (ExploredEnd::Orders, Some(why)),
    };
    let estimate = match end {
        ExploredEnd::All => None,
        ExploredEnd::Interrupt => search.estimate().or(search.progress_estimate),
        _ => search.estimate(),
    };
    let mut explored = search.collection.finish();
    explored.end = end;
    explored.seed = wanted.seed;
    explored.switches = wanted.switches;
    explored.estimate = estimate;
    let outside = wanted.outside.iter().cloned();
    let outside = outside.map(|what| ExploredNote::Outside { what });
    explored.notes.extend(outside);
    if let Some(why) = failure {
        explored.notes.push(ExploredNote::RanOnce { why });
    }
    explored
}

impl Search<'_, '_> {
    fn replay(&mut self, order: &str) -> Stop {
        let order = Order {
            prefix: &threads_of(order),
            ..Order::default()
        };
        match self.run(&order) {
            Ok(_) => Stop::End(ExploredEnd::Orders),
            Err(stop) => stop,
        }
    }

    fn all(&mut self) -> Stop {
        match self.systematically() {
            Err(stop) => stop,
            Ok(()) => match self.randomly() {
                Err(stop) => stop,
                Ok(never) => match never {},
            },
        }
    }

    /// Runs the orders one after the other. Returns when there are too many.
    fn systematically(&mut self) -> Result<(), Stop> {
        let mut next = Some(Plan {
            prefix: Vec::new(),
            asleep: 0,
        });
        let mut is_settled = self.wanted.switches.is_some();
        while let Some(plan) = next {
            self.check_budget()?;
            if !is_settled && self.is_half_over() {
                is_settled = true;
                if !self.can_run_all()? {
                    return Ok(());
                }
            }
            let order = Order {
                prefix: &plan.prefix,
                asleep: plan.asleep,
                random: None,
            };
            self.run(&order)?;
            let choices = self.runs.state().choices();
            self.frontier.add(choices, plan.prefix.len());
            next = self.frontier.next();
        }
        Err(Stop::End(ExploredEnd::All))
    }

    /// Runs random orders until the budget is used up.
    fn randomly(&mut self) -> Result<std::convert::Infallible, Stop> {
        loop {
            self.check_budget()?;
            self.sample()?;
        }
    }

    /// Whether the budget suffices for all orders, by an estimate.
    fn can_run_all(&mut self) -> Result<bool, Stop> {
        while self.samples < SAMPLES {
            self.check_budget()?;
            self.sample()?;
        }
        let estimate = self.estimate().unwrap_or(f64::INFINITY) / MARGIN;
        let used = self.begin.elapsed().as_secs_f64();
        let a_second = self.collection.orders() as f64 / used;
        let in_time = self.wanted.time.as_secs_f64() * a_second;
        Ok(estimate <= in_time.min(self.wanted.orders as f64))
    }

    fn is_half_over(&self) -> bool {
        2 * self.collection.orders() >= self.wanted.orders
            || 2 * self.begin.elapsed() >= self.wanted.time
    }

    fn check_budget(&self) -> Result<(), Stop> {
        if self.collection.orders() >= self.wanted.orders {
            return Err(Stop::End(ExploredEnd::Orders));
        }
        if self.begin.elapsed() >= self.wanted.time && self.collection.orders() > 0 {
            return Err(Stop::End(ExploredEnd::Time));
        }
        Ok(())
    }

    /// Runs an order that is drawn.
    fn sample(&mut self) -> Result<(), Stop> {
        let order = Order {
            random: Some(draw(&mut self.seed)),
            ..Order::default()
        };
        let status = self.run(&order)?;
        self.samples += 1;
        if status != Status::Redundant {
            self.weight += self.runs.state().weight;
        }
        Ok(())
    }

    /// Returns about how many orders there are, if random ones were run.
    fn estimate(&self) -> Option<f64> {
        let mean = self.weight / f64::from(self.samples);
        let orders = self.collection.orders() as f64;
        (self.samples > 0).then_some(mean.max(orders))
    }

    /// Shows how many orders were run, and about how many there are.
    fn show_progress(&mut self) -> Result<(), Stop> {
        self.shown_at = Instant::now();
        if self.progress_estimate.is_none() && self.wanted.switches.is_none() {
            self.progress_estimate = Some(self.estimate_uncounted()?);
        }
        let estimate = self.estimate().or(self.progress_estimate);
        (self.progress)(self.collection.orders(), estimate);
        Ok(())
    }

    /// Returns about how many orders there are. The table must not depend on the moment at which this is asked, so it draws from a seed of
    /// its own and counts nothing.
    fn estimate_uncounted(&mut self) -> Result<f64, Stop> {
        let mut seed = self.wanted.seed;
        let mut weight = 0.0;
        for _ in 0..PROGRESS_SAMPLES {
            let order = Order {
                random: Some(draw(&mut seed)),
                ..Order::default()
            };
            if self.run_uncounted(&order)?.0 != Status::Redundant {
                weight += self.runs.state().weight;
            }
        }
        Ok(weight / f64::from(PROGRESS_SAMPLES))
    }

    /// Runs an order and counts it, unless it has been counted.
    fn run(&mut self, order: &Order) -> Result<Status, Stop> {
        if self.shown_at.elapsed() >= PROGRESS_INTERVAL {
            self.show_progress()?;
        }
        let (status, shown) = self.run_uncounted(order)?;
        let state = self.runs.state();
        self.collection.note_left_out(state);
        match status {
            Status::Redundant => {}
            Status::Strayed => self.collection.not_deterministic(),
            _ => {
                let mut hasher = DefaultHasher::new();
                for choice in state.choices() {
                    choice.chosen.hash(&mut hasher);
                }
                if self.counted.insert(hasher.finish()) {
                    self.collection.add(state, shown);
                }
            }
        }
        Ok(status)
    }

    fn run_uncounted(&mut self, order: &Order) -> Result<(Status, Shown), Stop> {
        let run = self.runs.run(order);
        match run.map_err(|error| Stop::Failed(format!("{error:#}")))? {
            Run::Interrupted => Err(Stop::End(ExploredEnd::Interrupt)),
            Run::Ended(Status::TooManyThreads, _) => {
                Err(Stop::Failed("it starts more than 62 threads".to_owned()))
            }
            Run::Ended(status, shown) => Ok((status, shown)),
        }
    }
}
