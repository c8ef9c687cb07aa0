//! Explorations made by hand.

use crate::ipc::{
    Action, BlockedOn, Explored, ExploredEnd, ExploredFailure, ExploredKind, ExploredObject,
    ExploredOutcome, ExploredStep, ExploredThread, Shown,
};
use crate::ipc::{CodePlace, Place, Site, Trace};
use crate::server::exploration::model::Exploration;

/// An exploration, and the lines of its cell.
#[derive(Default)]
pub struct Sample {
    pub explored: Explored,
    traces: Vec<Trace>,
}

impl Sample {
    /// All of this many orders were run.
    pub fn all(orders: u64) -> Sample {
        let mut sample = Sample::default();
        sample.explored.orders = orders;
        sample.explored.seed = 7;
        sample
    }

    /// Adds a line of the cell, in which a method of this receiver is called; returns its site.
    pub fn line(&mut self, line: u32, text: &str, receiver: Option<&str>) -> Option<u32> {
        self.traces.push(Trace {
            places: vec![Place {
                cell: None,
                line,
                text: format!("    {text}"),
            }],
            receiver: receiver.map(str::to_owned),
            ..Trace::default()
        });
        self.explored.sites.push(Site::Code(CodePlace {
            library: "cell.so".into(),
            line,
            column: 1,
        }));
        Some(self.traces.len() as u32 - 1)
    }

    pub fn exploration(&self) -> Exploration {
        Exploration::of(&self.explored, &self.traces, false)
    }
}

/// Returns an outcome in which the cell and this many other threads, each without a name, share objects.
pub fn outcome(threads: u32, count: u64, value: &str) -> ExploredOutcome {
    let thread = |parent| ExploredThread {
        name: None,
        parent,
        is_process: false,
        site: None,
    };
    let others = (0..threads).map(|_| thread(Some(0)));
    ExploredOutcome {
        shown: Shown {
            value: Some(value.to_owned()),
            ..Shown::default()
        },
        count,
        order: "0120".to_owned(),
        threads: std::iter::once(thread(None)).chain(others).collect(),
        objects: Vec::new(),
        steps: Vec::new(),
    }
}

pub fn object(kind: ExploredKind, site: Option<u32>, initial: Option<i128>) -> ExploredObject {
    ExploredObject {
        kind,
        sites: site.into_iter().collect(),
        initial,
    }
}

pub fn step(thread: u32, site: Option<u32>, action: Action) -> ExploredStep {
    ExploredStep {
        thread,
        site,
        action,
        loses_update: false,
    }
}

/// The cell starts so many threads, these steps follow, and the cell joins the threads.
pub fn between(threads: u32, steps: Vec<ExploredStep>) -> Vec<ExploredStep> {
    let spawns = (1..=threads).map(|thread| step(0, None, Action::Spawn { thread }));
    let begins = (1..=threads).map(|thread| step(thread, None, Action::Start));
    let ends = (1..=threads).map(|thread| step(thread, None, Action::End));
    let joins = (1..=threads).map(|thread| step(0, None, Action::Join { thread }));
    let before = spawns.chain(begins);
    before.chain(steps).chain(ends).chain(joins).collect()
}

/// Two threads add 1 to a number in two steps. The second outcome loses an update.
pub fn lost_update() -> Sample {
    let mut sample = Sample::all(6);
    let load = sample.line(4, "let seen = balance.load(SeqCst);", Some("balance"));
    let store = sample.line(5, "balance.store(seen + 1, SeqCst);", Some("balance"));
    let read = |thread, value| step(thread, load, Action::Load { object: 0, value });
    let write = |thread, value| step(thread, store, Action::Store { object: 0, value });
    let mut good = outcome(2, 2, "2");
    good.steps = between(2, vec![read(1, 0), write(1, 1), read(2, 1), write(2, 2)]);
    let mut bad = outcome(2, 4, "1");
    let loses = ExploredStep {
        loses_update: true,
        ..write(1, 1)
    };
    bad.steps = between(2, vec![read(1, 0), read(2, 0), write(2, 1), loses]);
    bad.order = "001122".to_owned();
    for mut outcome in [good, bad] {
        outcome.objects = vec![object(ExploredKind::Number, load, Some(0))];
        sample.explored.outcomes.push(outcome);
    }
    sample
}

/// Two threads take two locks in different orders: one outcome goes well, and one is a deadlock.
pub fn deadlock() -> Sample {
    let mut sample = Sample::all(6);
    let anna = sample.line(7, "let from = anna.lock().unwrap();", Some("anna"));
    let ben = sample.line(8, "let to = ben.lock().unwrap();", Some("ben"));
    let lock = |thread, object: u32| {
        step(
            thread,
            [anna, ben][object as usize],
            Action::Lock { object },
        )
    };
    let unlock = |thread, object| step(thread, None, Action::Unlock { object });
    let one = |thread, first, second| {
        vec![
            lock(thread, first),
            lock(thread, second),
            unlock(thread, second),
            unlock(thread, first),
        ]
    };
    let mut good = outcome(2, 4, "()");
    good.steps = between(2, [one(1, 0, 1), one(2, 1, 0)].concat());
    let mut bad = outcome(2, 2, "");
    bad.shown = Shown {
        failure: Some(ExploredFailure::Deadlock),
        ..Shown::default()
    };
    let blocked = |thread: u32, object: u32| {
        let on = BlockedOn::Lock {
            object,
            holder: Some(3 - thread),
        };
        step(thread, [anna, ben][object as usize], Action::Blocked { on })
    };
    let joined = BlockedOn::Thread { thread: 1 };
    bad.steps = between(
        2,
        vec![
            lock(1, 0),
            lock(2, 1),
            step(0, None, Action::Blocked { on: joined }),
            blocked(1, 1),
            blocked(2, 0),
        ],
    );
    // Nobody ends.
    bad.steps.truncate(bad.steps.len() - 4);
    for mut outcome in [good, bad] {
        outcome.objects = vec![
            object(ExploredKind::Lock, anna, None),
            object(ExploredKind::Lock, ben, None),
        ];
        sample.explored.outcomes.push(outcome);
    }
    sample
}

/// Three threads, each of which reads and writes a number, as many orders as there was time for.
pub fn three_threads() -> Sample {
    let mut sample = Sample::all(1000);
    sample.explored.end = ExploredEnd::Orders;
    sample.explored.estimate = Some(113_400.0);
    let site = sample.line(
        3,
        "votes.store(votes.load(SeqCst) + 1, SeqCst)",
        Some("votes"),
    );
    let mut all = outcome(3, 1000, "3");
    all.objects = vec![object(ExploredKind::Number, site, Some(0))];
    let steps = (1..=3).flat_map(|thread| {
        let value = i128::from(thread) - 1;
        let load = Action::Load { object: 0, value };
        let store = Action::Store {
            object: 0,
            value: value + 1,
        };
        [step(thread, site, load), step(thread, site, store)]
    });
    all.steps = between(3, steps.collect());
    sample.explored.outcomes.push(all);
    sample
}
