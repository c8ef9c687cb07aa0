//! What the shared objects hold, and where the threads stand, after each step of an order.

use super::description;
use crate::ipc::{Action, ExploredKind, ExploredOutcome, ExploredStep};
use crate::ipc::{Place, Trace};
use crate::server::names::Names;

/// The cell between two steps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// One for each thread.
    pub threads: Vec<Stand>,
    /// What the objects that have a value hold: their names and values.
    pub values: Vec<(String, String)>,
}

/// Where a thread stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stand {
    NotStarted,
    /// In front of its next step in this line, which it does not reach if it waits: says for what.
    At {
        place: Option<Place>,
        wait: Option<String>,
    },
    /// It has no more steps.
    Done,
}

/// The objects and threads as the steps change them.
pub struct World<'a> {
    outcome: &'a ExploredOutcome,
    traces: &'a [Trace],
    names: &'a Names,
    objects: Vec<Object>,
    is_started: Vec<bool>,
    /// How many steps have been done.
    done: usize,
}

#[derive(Default, Clone)]
struct Object {
    value: Option<i128>,
    messages: u64,
    /// The threads that hold the lock. More than one if they only read.
    holders: Vec<u32>,
    is_shared: bool,
    last_writer: Option<u32>,
    is_used: bool,
}

impl<'a> World<'a> {
    /// The world before the first step.
    pub fn new(outcome: &'a ExploredOutcome, traces: &'a [Trace], names: &'a Names) -> Self {
        let objects = outcome.objects.iter().map(|object| Object {
            value: object.initial,
            ..Object::default()
        });
        let mut objects: Vec<Object> = objects.collect();
        for step in &outcome.steps {
            if let Some(object) = object_of(&step.action)
                && let Some(object) = objects.get_mut(object as usize)
            {
                object.is_used = true;
            }
        }
        World {
            outcome,
            traces,
            names,
            objects,
            is_started: (0..outcome.threads.len()).map(|index| index == 0).collect(),
            done: 0,
        }
    }

    /// The thread that wrote the number last.
    pub fn last_writer(&self, object: u32) -> Option<u32> {
        self.objects.get(object as usize)?.last_writer
    }

    /// Does the next step.
    pub fn advance(&mut self) {
        let Some(step) = self.outcome.steps.get(self.done) else {
            return;
        };
        self.done += 1;
        let thread = step.thread;
        if let Some(is_started) = self.is_started.get_mut(thread as usize) {
            *is_started = true;
        }
        match &step.action {
            Action::Spawn { thread } => {
                if let Some(is_started) = self.is_started.get_mut(*thread as usize) {
                    *is_started = true;
                }
            }
            // Who waits for a condition takes the same lock again as its next step.
            Action::Wait { .. } => {
                if let Some(Action::Lock { object }) = self.next(thread).map(|step| &step.action) {
                    self.release(*object, thread);
                }
            }
            action => {
                if let Some(object) = object_of(action) {
                    self.change(object, thread, action);
                }
            }
        }
    }

    fn change(&mut self, number: u32, thread: u32, action: &Action) {
        let Some(object) = self.objects.get_mut(number as usize) else {
            return;
        };
        match action {
            Action::Load { value, .. } => object.value = Some(*value),
            Action::Store { value, .. } | Action::Update { to: value, .. } => {
                object.value = Some(*value);
                object.last_writer = Some(thread);
            }
            Action::Acquire { to: permits, .. } | Action::Release { to: permits, .. } => {
                object.value = Some(*permits);
            }
            Action::SetEvent { .. } => object.value = Some(1),
            Action::ClearEvent { .. } => object.value = Some(0),
            Action::Lock { .. } | Action::LockShared { .. } => {
                object.holders.push(thread);
                object.is_shared = matches!(action, Action::LockShared { .. });
            }
            Action::Unlock { .. } => self.release(number, thread),
            Action::Send { .. } => object.messages += 1,
            Action::Receive { .. } => object.messages = object.messages.saturating_sub(1),
            _ => {}
        }
    }

    fn release(&mut self, object: u32, thread: u32) {
        if let Some(object) = self.objects.get_mut(object as usize)
            && let Some(held) = object.holders.iter().rposition(|holder| *holder == thread)
        {
            object.holders.remove(held);
        }
    }

    /// The cell as it is now.
    pub fn state(&self) -> State {
        let threads = 0..self.outcome.threads.len() as u32;
        let objects = self.outcome.objects.iter().zip(&self.objects).enumerate();
        let values = objects.filter_map(|(number, (described, object))| {
            let value = self.value(described.kind, object)?;
            Some((self.names.object(number as u32).to_owned(), value))
        });
        State {
            threads: threads.map(|thread| self.stand(thread)).collect(),
            values: values.collect(),
        }
    }

    fn value(&self, kind: ExploredKind, object: &Object) -> Option<String> {
        let names = |holders: &[u32]| {
            let names = holders.iter().map(|holder| self.names.thread(*holder));
            names.collect::<Vec<_>>().join(" and ")
        };
        match kind {
            _ if !object.is_used => None,
            ExploredKind::Number => Some(object.value?.to_string()),
            ExploredKind::Lock if object.holders.is_empty() => Some("free".to_owned()),
            ExploredKind::Lock => Some(format!("held by {}", names(&object.holders))),
            ExploredKind::Channel if object.messages == 1 => Some("1 message".to_owned()),
            ExploredKind::Channel => Some(format!("{} messages", object.messages)),
            ExploredKind::Event => {
                Some(if object.value? == 0 { "not set" } else { "set" }.to_owned())
            }
            ExploredKind::Semaphore if object.value? == 1 => Some("1 permit".to_owned()),
            ExploredKind::Semaphore => Some(format!("{} permits", object.value?)),
            ExploredKind::Condition | ExploredKind::Barrier | ExploredKind::Once => None,
        }
    }

    fn stand(&self, thread: u32) -> Stand {
        if !self.is_started[thread as usize] {
            return Stand::NotStarted;
        }
        let Some(next) = self.next(thread) else {
            return self.last_stand(thread);
        };
        Stand::At {
            place: place(next, self.traces),
            wait: self.wait(thread, next),
        }
    }

    /// Where a thread stands that does nothing any more: at its end, or where it waits for ever.
    fn last_stand(&self, thread: u32) -> Stand {
        let done = &self.outcome.steps[..self.done];
        let last = done.iter().rfind(|step| step.thread == thread);
        match last {
            Some(last) if let Action::Blocked { on } = &last.action => Stand::At {
                place: place(last, self.traces),
                wait: Some(description::wait(on, self.names)),
            },
            _ => Stand::Done,
        }
    }

    /// What the thread waits for in front of this step.
    fn wait(&self, thread: u32, next: &ExploredStep) -> Option<String> {
        let object = |number: u32| self.objects.get(number as usize);
        match &next.action {
            Action::Lock { object: lock } | Action::LockShared { object: lock } => {
                let held = object(*lock)?;
                let is_reader = matches!(next.action, Action::LockShared { .. });
                let holder = held.holders.iter().find(|holder| **holder != thread)?;
                let waits = !(is_reader && held.is_shared);
                waits.then(|| description::wait_for_lock(*lock, Some(*holder), self.names))
            }
            Action::Receive { object: channel } if object(*channel)?.messages == 0 => {
                Some(description::wait_for_message(*channel, self.names))
            }
            Action::Join { thread } if self.next(*thread).is_some() => {
                Some(description::wait_for_end(*thread, self.names))
            }
            Action::Acquire {
                object: semaphore, ..
            } if object(*semaphore)?.value == Some(0) => {
                Some(description::wait_for_permit(*semaphore, self.names))
            }
            Action::Blocked { on } => Some(description::wait(on, self.names)),
            _ => self.wait_for_event(thread),
        }
    }

    /// What the thread waits for if its last step has found an event that was not set, and is not yet.
    fn wait_for_event(&self, thread: u32) -> Option<String> {
        let done = &self.outcome.steps[..self.done];
        let last = done.iter().rfind(|step| step.thread == thread)?;
        let Action::WaitEvent { object, .. } = last.action else {
            return None;
        };
        let is_set = self.objects.get(object as usize)?.value != Some(0);
        (!is_set).then(|| description::wait_for_event(object, self.names))
    }

    /// The thread's next step that is worth showing.
    fn next(&self, thread: u32) -> Option<&'a ExploredStep> {
        let mut rest = self.outcome.steps[self.done..].iter();
        rest.find(|step| step.thread == thread && is_shown(&step.action))
    }
}

/// Whether the step is worth showing: that a thread begins or ends can be seen without.
pub fn is_shown(action: &Action) -> bool {
    !matches!(action, Action::Start | Action::End)
}

/// The line of a cell in which a step happened.
pub fn place(step: &ExploredStep, traces: &[Trace]) -> Option<Place> {
    let trace = traces.get(step.site? as usize)?;
    trace.places.first().cloned()
}

/// The object that a step touches.
pub fn object_of(action: &Action) -> Option<u32> {
    match action {
        Action::Load { object, .. }
        | Action::Store { object, .. }
        | Action::Update { object, .. }
        | Action::Lock { object }
        | Action::LockShared { object }
        | Action::TryLockFailed { object }
        | Action::Unlock { object }
        | Action::Send { object }
        | Action::Receive { object }
        | Action::ReceiveFailed { object }
        | Action::Close { object }
        | Action::Wait { object }
        | Action::Notify { object }
        | Action::Arrive { object }
        | Action::Break { object }
        | Action::SetEvent { object }
        | Action::ClearEvent { object }
        | Action::WaitEvent { object, .. }
        | Action::Acquire { object, .. }
        | Action::AcquireFailed { object }
        | Action::Initialize { object }
        | Action::WaitInitialized { object }
        | Action::FindInitialized { object }
        | Action::Release { object, .. } => Some(*object),
        Action::Start
        | Action::Spawn { .. }
        | Action::Join { .. }
        | Action::Yield
        | Action::Unpark { .. }
        | Action::Print { .. }
        | Action::Panic { .. }
        | Action::Blocked { .. }
        | Action::End => None,
    }
}
