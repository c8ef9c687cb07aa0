//! The steps of a run, as they are shown.
//!
//! A run makes steps that touch only their thread as soon as it can. They are shown where they are needed instead, before the next step of
//! the thread that others notice: nobody can tell the difference, and a thread's steps stay together.

use super::blocked::blocked_on;
use super::objects::Objects;
use super::sites::Sites;
use crate::ipc::{Action, ExploredKind, ExploredObject, ExploredStep};
use crate::runtime::schedule::Kind;
use crate::runtime::schedule::board::{State, Step, ThreadState};
use std::collections::{HashMap, VecDeque};

/// What is known of a number while the steps are read.
#[derive(Default)]
struct Versions {
    count: u64,
    writer: u32,
    /// What each thread has read and not written since.
    read: HashMap<u32, u64>,
}

pub struct Narration<'a> {
    state: &'a State,
    sites: &'a mut Sites,
    /// The steps of each thread that are not shown yet.
    held_back: Vec<VecDeque<usize>>,
    /// The step that starts each thread.
    spawns: HashMap<usize, usize>,
    objects: Objects,
    holders: HashMap<u32, u32>,
    versions: HashMap<u32, Versions>,
    steps: Vec<ExploredStep>,
}

impl Narration<'_> {
    /// Returns the objects that a run has used, and its steps.
    pub fn of(state: &State, sites: &mut Sites) -> (Vec<ExploredObject>, Vec<ExploredStep>) {
        let spawns = state.steps().iter().enumerate();
        let spawns = spawns.filter(|(_, step)| step.kind() == Kind::Spawn);
        let mut narration = Narration {
            state,
            sites,
            held_back: vec![VecDeque::new(); state.thread_count],
            spawns: spawns.map(|(index, step)| (step.object, index)).collect(),
            objects: Objects::default(),
            holders: HashMap::new(),
            versions: HashMap::new(),
            steps: Vec::new(),
        };
        for (index, step) in state.steps().iter().enumerate() {
            narration.held_back[step.thread as usize].push_back(index);
            if !step.kind().is_local() {
                narration.show_up_to(step.thread as usize, index);
            }
        }
        for thread in 0..state.thread_count {
            narration.show_up_to(thread, usize::MAX);
        }
        narration.add_blocked();
        (narration.objects.all, narration.steps)
    }

    /// Shows the steps of a thread up to this one.
    fn show_up_to(&mut self, thread: usize, last: usize) {
        while let Some(index) = self.held_back[thread].pop_front() {
            let step = self.state.steps()[index];
            match step.kind() {
                Kind::Start => {
                    if let Some(spawn) = self.spawns.get(&thread).copied() {
                        let parent = self.state.steps()[spawn].thread as usize;
                        // It may have been shown, and then this shows nothing.
                        if self.held_back[parent]
                            .front()
                            .is_some_and(|first| *first <= spawn)
                        {
                            self.show_up_to(parent, spawn);
                        }
                    }
                }
                Kind::Join if step.object < self.held_back.len() => {
                    self.show_up_to(step.object, usize::MAX);
                }
                _ => {}
            }
            self.show(&step);
            if index == last {
                return;
            }
        }
    }

    fn show(&mut self, step: &Step) {
        let site = match self.sites.place(step.place) {
            Some(site) => Some(site),
            None => self.sites.stack(self.state, step.stack),
        };
        let Some(action) = self.action(step, site) else {
            return;
        };
        let loses_update = self.loses_update(step.thread, &action);
        match action {
            Action::Lock { object } | Action::Initialize { object } => {
                self.holders.insert(object, step.thread);
            }
            Action::Unlock { object } => {
                self.holders.remove(&object);
            }
            _ => {}
        }
        if step.lock != 0 {
            let lock = self.objects.index(step.lock, ExploredKind::Lock, None);
            self.holders.remove(&lock);
        }
        self.steps.push(ExploredStep {
            thread: step.thread,
            site,
            action,
            loses_update,
        });
    }

    fn action(&mut self, step: &Step, site: Option<u32>) -> Option<Action> {
        let (from, to) = (step.from, step.to);
        let thread = step.object as u32;
        Some(match step.kind() {
            Kind::Load => {
                let object = self.objects.valued(step, ExploredKind::Number, site);
                Action::Load {
                    object,
                    value: from,
                }
            }
            Kind::Store => {
                let object = self.objects.valued(step, ExploredKind::Number, site);
                Action::Store { object, value: to }
            }
            Kind::Update => {
                let object = self.objects.valued(step, ExploredKind::Number, site);
                Action::Update { object, from, to }
            }
            Kind::Lock | Kind::Relock => Action::Lock {
                object: self.objects.index(step.object, ExploredKind::Lock, site),
            },
            Kind::LockShared => Action::LockShared {
                object: self.objects.index(step.object, ExploredKind::Lock, site),
            },
            Kind::TryLockFailed => Action::TryLockFailed {
                object: self.objects.index(step.object, ExploredKind::Lock, site),
            },
            Kind::Unlock => Action::Unlock {
                object: self.objects.index(step.object, ExploredKind::Lock, site),
            },
            Kind::Send => Action::Send {
                object: self.objects.index(step.object, ExploredKind::Channel, site),
            },
            Kind::Receive => Action::Receive {
                object: self.objects.index(step.object, ExploredKind::Channel, site),
            },
            Kind::ReceiveFailed => Action::ReceiveFailed {
                object: self.objects.index(step.object, ExploredKind::Channel, site),
            },
            Kind::Close => Action::Close {
                object: self.objects.index(step.object, ExploredKind::Channel, site),
            },
            Kind::Wait => Action::Wait {
                object: self
                    .objects
                    .index(step.object, ExploredKind::Condition, site),
            },
            Kind::NotifyOne | Kind::NotifyAll => Action::Notify {
                object: self
                    .objects
                    .index(step.object, ExploredKind::Condition, site),
            },
            Kind::Arrive => Action::Arrive {
                object: self.objects.index(step.object, ExploredKind::Barrier, site),
            },
            Kind::Break => Action::Break {
                object: self.objects.index(step.object, ExploredKind::Barrier, site),
            },
            Kind::SetEvent => Action::SetEvent {
                object: self.objects.valued(step, ExploredKind::Event, site),
            },
            Kind::ClearEvent => Action::ClearEvent {
                object: self.objects.valued(step, ExploredKind::Event, site),
            },
            Kind::WaitEvent => Action::WaitEvent {
                object: self.objects.valued(step, ExploredKind::Event, site),
                is_set: from != 0,
            },
            Kind::Acquire => {
                let object = self.objects.valued(step, ExploredKind::Semaphore, site);
                Action::Acquire { object, from, to }
            }
            Kind::AcquireFailed => Action::AcquireFailed {
                object: self.objects.valued(step, ExploredKind::Semaphore, site),
            },
            Kind::Release => {
                let object = self.objects.valued(step, ExploredKind::Semaphore, site);
                Action::Release { object, from, to }
            }
            Kind::Initialize => {
                let object = self.objects.index(step.object, ExploredKind::Once, site);
                match self.holders.contains_key(&object) {
                    _ if from != 0 => Action::FindInitialized { object },
                    true => Action::WaitInitialized { object },
                    false => Action::Initialize { object },
                }
            }
            Kind::Print => Action::Print {
                text: self.text(step),
            },
            Kind::Panic => Action::Panic {
                message: self.text(step),
            },
            Kind::Yield => Action::Yield,
            Kind::Start => Action::Start,
            Kind::Spawn => Action::Spawn { thread },
            Kind::Join => {
                let is_known = step.object < self.state.thread_count;
                return is_known.then_some(Action::Join { thread });
            }
            Kind::End => Action::End,
            Kind::Futex => return None,
        })
    }

    /// Returns what a step prints.
    fn text(&self, step: &Step) -> String {
        let (start, end) = (step.text.0 as usize, step.text.1 as usize);
        String::from_utf8_lossy(&self.state.text[start..end]).into_owned()
    }

    /// Whether the action overwrites what another thread has written since this one has read.
    fn loses_update(&mut self, thread: u32, action: &Action) -> bool {
        let (object, is_store) = match action {
            Action::Load { object, .. } => {
                let versions = self.versions.entry(*object).or_default();
                versions.read.insert(thread, versions.count);
                return false;
            }
            Action::Store { object, .. } => (object, true),
            Action::Update { object, .. } => (object, false),
            _ => return false,
        };
        let versions = self.versions.entry(*object).or_default();
        let read = versions.read.remove(&thread);
        let is_outdated = read.is_some_and(|read| read < versions.count);
        let loses = is_store && is_outdated && versions.writer != thread;
        versions.count += 1;
        versions.writer = thread;
        loses
    }

    /// Adds what the threads wait for that cannot go on, if the run ended so.
    fn add_blocked(&mut self) {
        let threads = (0_u32..).zip(self.state.threads());
        for (index, thread) in threads {
            if thread.state != ThreadState::Wants || thread.kind() == Kind::Start {
                continue;
            }
            let blocked = blocked_on(self.state, &mut self.objects, &self.holders, index, thread);
            let Some(on) = blocked else {
                continue;
            };
            let site = match self.sites.place(thread.wanted.place) {
                Some(site) => Some(site),
                None => self.sites.stack(self.state, thread.stack),
            };
            self.steps.push(ExploredStep {
                thread: index,
                site,
                action: Action::Blocked { on },
                loses_update: false,
            });
        }
    }
}
