//! What is shown: the outcomes of a cell, and for each an order that leads to it.

use super::deadlock;
use super::description::describe;
use super::names::names;
use super::notes::{self, Note};
use super::quote::quoted;
use super::scopes;
use super::world::{self, Stand, State, World};
use crate::ipc::{
    Action, Explored, ExploredEnd, ExploredFailure, ExploredOutcome, ExploredStep, Shown,
};
use crate::ipc::{Place, Trace};
use crate::server::names::Names;

/// How much of an outcome stands in a sentence, in characters.
const MAX_LABEL: usize = 60;

/// More outcomes help nobody.
pub const MAX_OUTCOMES: usize = 20;

/// What came out of a cell in many orders.
#[derive(Debug, PartialEq)]
pub struct Exploration {
    /// Whether the cell asked for one order.
    pub is_replay: bool,
    /// How many orders were run.
    pub orders: u64,
    pub end: ExploredEnd,
    pub estimate: Option<f64>,
    pub seed: u64,
    pub switches: Option<u32>,
    /// At most [`MAX_OUTCOMES`].
    pub outcomes: Vec<Outcome>,
    /// How many outcomes there are besides, and in how many orders.
    pub rest: (usize, u64),
    pub notes: Vec<Note>,
}

/// What the cell showed in some of the orders, and one of these.
#[derive(Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What the cell showed, on one line.
    pub label: String,
    pub shown: Shown,
    pub count: u64,
    /// What went wrong, if the steps tell it.
    pub remark: Option<&'static str>,
    /// The names of the threads, the first of which runs the cell.
    pub threads: Vec<String>,
    /// The names of what is shared.
    pub objects: Vec<String>,
    pub steps: Vec<Step>,
    /// Before the first step, and after each.
    pub states: Vec<State>,
    /// The order as `//: replay` takes it.
    pub order: String,
}

#[derive(Debug, PartialEq, Eq)]
pub struct Step {
    /// An index of the threads.
    pub thread: usize,
    pub place: Option<Place>,
    /// What the thread does, to be put after its name.
    pub text: String,
    /// Why this step matters.
    pub mark: Option<String>,
    pub action: Action,
}

impl Exploration {
    /// Puts together what is shown. There is a trace for each site.
    pub fn of(explored: &Explored, traces: &[Trace], is_replay: bool) -> Exploration {
        let (shown, rest) = explored
            .outcomes
            .split_at(explored.outcomes.len().min(MAX_OUTCOMES));
        Exploration {
            is_replay,
            orders: explored.orders,
            end: explored.end,
            estimate: explored.estimate,
            seed: explored.seed,
            switches: explored.switches,
            outcomes: shown
                .iter()
                .map(|outcome| Outcome::of(outcome, traces))
                .collect(),
            rest: (rest.len(), rest.iter().map(|outcome| outcome.count).sum()),
            notes: notes::notes(&explored.notes, traces),
        }
    }
}

impl Outcome {
    fn of(outcome: &ExploredOutcome, traces: &[Trace]) -> Outcome {
        let outcome = &scopes::resolved(outcome, traces);
        let names = names(outcome, traces);
        // A thread that goes on for ever could still end a wait.
        let straw = match outcome.shown.failure {
            Some(ExploredFailure::Endless) => None,
            _ => deadlock::last_straw(&outcome.steps, &names),
        };
        let mut world = World::new(outcome, traces, &names);
        let (mut steps, mut states) = (Vec::new(), vec![world.state()]);
        for (index, step) in outcome.steps.iter().enumerate() {
            let mark = match &straw {
                Some((at, text)) if *at == index => Some(text.clone()),
                _ => lost_update(step, &world, &names).or_else(|| panics(step, outcome)),
            };
            world.advance();
            if world::is_shown(&step.action) {
                steps.push(Step {
                    thread: step.thread as usize,
                    place: world::place(step, traces),
                    text: describe(&step.action, &names),
                    mark,
                    action: step.action.clone(),
                });
                states.push(world.state());
            } else if let Some(state) = states.last_mut() {
                *state = world.state();
            }
        }
        let lost = outcome.steps.iter().filter(|step| step.loses_update);
        Outcome {
            label: label(&outcome.shown),
            shown: outcome.shown.clone(),
            count: outcome.count,
            remark: match lost.count() {
                0 => None,
                1 => Some("an update is lost"),
                _ => Some("updates are lost"),
            },
            threads: names.threads().to_vec(),
            objects: names.objects().to_vec(),
            steps,
            states,
            order: outcome.order.clone(),
        }
    }

    /// The first step that matters.
    pub fn first_mark(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.mark.is_some())
    }

    /// What the thread waits for when another one does this step, unless that is clear from the steps before.
    pub fn new_wait(&self, thread: usize, step: usize) -> Option<&str> {
        let wait = |state: usize| match &self.states.get(state)?.threads[thread] {
            Stand::At { wait, .. } => wait.as_deref(),
            Stand::NotStarted | Stand::Done => None,
        };
        let now = wait(step + 1)?;
        let has_just_stepped = step > 0 && self.steps[step - 1].thread == thread;
        let is_new = has_just_stepped || wait(step) != Some(now);
        // A step tells the last wait of a deadlock.
        let mut steps = self.steps.iter();
        let is_told = steps.any(|step| step.thread == thread && step.text == now);
        (is_new && !is_told).then_some(now)
    }

    /// The threads that do something, as indices.
    pub fn active_threads(&self) -> Vec<usize> {
        let threads = 0..self.threads.len();
        threads
            .filter(|thread| self.steps.iter().any(|step| step.thread == *thread))
            .collect()
    }
}

fn lost_update(step: &ExploredStep, world: &World, names: &Names) -> Option<String> {
    if !step.loses_update {
        return None;
    }
    let writer = world::object_of(&step.action).and_then(|object| world.last_writer(object));
    let writer = writer.filter(|writer| *writer != step.thread);
    let whose = writer.map_or("another thread", |writer| names.thread(writer));
    Some(format!("overwrites what {whose} wrote: an update is lost"))
}

/// Returns what a panic does to the cell, the thread or the process.
fn panics(step: &ExploredStep, outcome: &ExploredOutcome) -> Option<String> {
    let Action::Panic { message } = &step.action else {
        return None;
    };
    let failure = outcome.shown.failure.as_ref();
    let is_failure = failure == Some(&ExploredFailure::Panic(message.clone()));
    let thread = outcome.threads.get(step.thread as usize);
    let text = match step.thread {
        0 if is_failure => "the cell fails",
        0 => "the cell catches this panic and goes on",
        _ if thread.is_some_and(|thread| thread.is_process) => "the process fails",
        _ => "the thread fails",
    };
    Some(text.to_owned())
}

/// Returns what the cell showed, on one line.
fn label(shown: &Shown) -> String {
    let parts = [
        shown.output.trim_end(),
        shown.value.as_deref().unwrap_or(""),
    ];
    let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
    let text = quoted(&parts.join("\n"), MAX_LABEL);
    let failure = shown.failure.as_ref().map(failure);
    match (parts.is_empty(), failure) {
        (true, None) => "no output".to_owned(),
        (true, Some(failure)) => failure,
        (false, None) => text,
        (false, Some(failure)) => format!("{text}, then {failure}"),
    }
}

pub fn failure(failure: &ExploredFailure) -> String {
    match failure {
        ExploredFailure::Panic(message) => format!("the panic {}", quoted(message, MAX_LABEL)),
        ExploredFailure::Deadlock => "a deadlock".to_owned(),
        ExploredFailure::Endless => "no end".to_owned(),
        ExploredFailure::Crash(how) => format!("a crash, {}", quoted(how, MAX_LABEL)),
    }
}
