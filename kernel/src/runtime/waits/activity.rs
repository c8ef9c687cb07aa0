//! Puts the events of a watched cell together: what each thread did from when to when, and what let it go on.

use super::arrows::Arrows;
use super::contentions::Contentions;
use super::event::{Event, EventKind, Site};
use super::events::Recorded;
use super::lock_order::{Held, Life, LockOrder};
use super::names;
use super::objects::Objects;
use super::spans::{self, Spans};
use super::table::Kind;
use super::threads::described_kind;
use crate::ipc::{
    Activity, Cause, LostUpdate, ObjectKind, Prints, Started, Wait, Watched, WatchedSpan,
    WatchedThread,
};
use std::collections::HashMap;

/// How many lost updates are shown.
const MAX_MARKS: usize = 1000;

/// A wait that has begun.
struct Open {
    what: Activity,
    site: Option<u32>,
    begin: u64,
    /// The thread that holds the lock.
    by: Option<u32>,
    /// What it waits for, as the event says.
    value: u64,
}

/// A thread while the events are read.
#[derive(Default)]
struct State {
    open: Option<Open>,
    held: Vec<Held>,
    /// The name, as far as it is known.
    name: Vec<u8>,
}

/// Reads the events one by one.
pub struct Activities {
    /// The process of the cell itself.
    process: i32,
    watched: Watched,
    /// The sites, as they are recorded.
    sites: Vec<Site>,
    site_indices: HashMap<Site, u32>,
    /// By process and thread id.
    threads: HashMap<(i32, i32), u32>,
    /// The last thread that had an id.
    last_of_id: HashMap<i32, u32>,
    states: Vec<State>,
    lives: Vec<Life>,
    objects: Objects,
    spans: Spans,
    arrows: Arrows,
    contentions: Contentions,
    spawns: HashMap<u64, Started>,
    /// The threads that have begun, by `pthread_t` or, of the first one of a process, by process id.
    by_handle: HashMap<u64, u32>,
    lock_order: LockOrder,
}

/// Returns what the threads did, and the sites, which the caller is to describe. `process` is that of the cell; threads that are `others`
/// are not the cell's.
pub fn of(recorded: &Recorded, process: i32, others: &[i32]) -> (Watched, Vec<Site>) {
    let mut activities = Activities::new(process, recorded.duration);
    for event in recorded.events() {
        if !others.contains(&event.thread) {
            activities.add(&event);
        }
    }
    activities.finish(recorded.missing())
}

impl Activities {
    fn new(process: i32, duration: u64) -> Activities {
        let mut activities = Activities {
            process,
            watched: Watched {
                duration,
                ..Watched::default()
            },
            sites: Vec::new(),
            site_indices: HashMap::new(),
            threads: HashMap::new(),
            last_of_id: HashMap::new(),
            states: Vec::new(),
            lives: Vec::new(),
            objects: Objects::default(),
            spans: Spans::new(duration),
            arrows: Arrows::default(),
            contentions: Contentions::default(),
            spawns: HashMap::new(),
            by_handle: HashMap::new(),
            lock_order: LockOrder::default(),
        };
        activities.thread(process, process, 0);
        activities
    }

    fn add(&mut self, event: &Event) {
        let thread = self.thread(event.process, event.thread, event.time);
        let (time, site) = (event.time, event.site.map(|site| self.site(site)));
        match event.kind {
            EventKind::WaitBegin => {
                let kind = Kind::of_number(event.subject as u32);
                let what = kind.map_or(Wait::Running, described_kind);
                self.open(thread, Activity::Wait(what), site, time, event.value);
            }
            EventKind::WaitEnd => self.close_wait(thread, time),
            EventKind::Spawn => {
                let started = Started {
                    by: thread,
                    time,
                    site,
                };
                self.spawns.insert(event.subject, started);
            }
            EventKind::Begin => self.begin(thread, event),
            EventKind::Name => {
                let name = &mut self.states[thread as usize].name;
                name.extend_from_slice(event.name().as_flattened());
            }
            EventKind::End => {
                let name = &mut self.states[thread as usize].name;
                name.extend_from_slice(event.name().as_flattened());
                let watched = &mut self.watched.threads[thread as usize];
                watched.name = Some(names::of_bytes(name));
                watched.end = Some(time);
                self.threads.remove(&(event.process, event.thread));
            }
            EventKind::Print => {
                let prints = &mut self.watched.threads[thread as usize].prints;
                match prints.last_mut() {
                    Some(last) if self.spans.are_close(last.end, time) => {
                        last.end = time;
                        last.count += 1;
                    }
                    _ => prints.push(Prints {
                        begin: time,
                        end: time,
                        count: 1,
                    }),
                }
            }
            EventKind::LostUpdate => self.lost_update(thread, event, site),
            EventKind::WantLock => {
                let object = self.objects.number(event.subject, ObjectKind::Lock, site);
                self.open(thread, Activity::WaitForLock(object), site, time, 0);
                let owner = self.objects.state(object).owner;
                if let Some(open) = &mut self.states[thread as usize].open {
                    open.by = owner;
                }
            }
            EventKind::Lock | EventKind::LockShared => {
                let object = self.objects.number(event.subject, ObjectKind::Lock, site);
                self.lock(thread, object, time, site);
            }
            EventKind::Unlock => self.unlock(thread, event),
            EventKind::Send => {
                let object = self
                    .objects
                    .number(event.subject, ObjectKind::Channel, site);
                self.objects.add_use(object);
                let messages = &mut self.objects.state(object).messages;
                messages.push_back((thread, time));
            }
            EventKind::Unsent => {
                let object = self
                    .objects
                    .number(event.subject, ObjectKind::Channel, site);
                let messages = &mut self.objects.state(object).messages;
                if let Some(last) = messages.iter().rposition(|(by, _)| *by == thread) {
                    messages.remove(last);
                }
            }
            EventKind::WantRoom => {
                let object = self
                    .objects
                    .number(event.subject, ObjectKind::Channel, site);
                self.open(thread, Activity::WaitForRoom(object), site, time, 0);
            }
            EventKind::WantMessage => {
                let object = self.objects.receiver(event.subject, site);
                self.open(thread, Activity::WaitForMessage(object), site, time, 0);
            }
            EventKind::Receive => {
                let object = self.objects.receiver(event.subject, site);
                let messages = &mut self.objects.state(object).messages;
                if let Some(from) = messages.pop_front() {
                    self.arrows
                        .add(Cause::Message(object), from, (thread, time));
                }
            }
            EventKind::WantNotification => {
                let object = self
                    .objects
                    .number(event.subject, ObjectKind::Condition, site);
                self.open(thread, Activity::WaitForNotification(object), site, time, 0);
            }
            EventKind::Notify => {
                let object = self
                    .objects
                    .number(event.subject, ObjectKind::Condition, site);
                self.objects.add_use(object);
                self.objects.state(object).notified = Some((thread, time));
            }
            EventKind::WaitOver => self.wait_over(thread, event),
        }
    }

    /// Returns the thread's number, which it gets with its first event.
    fn thread(&mut self, process: i32, thread: i32, time: u64) -> u32 {
        if let Some(number) = self.threads.get(&(process, thread)) {
            return *number;
        }
        let number = self.watched.threads.len() as u32;
        self.threads.insert((process, thread), number);
        self.last_of_id.insert(thread, number);
        self.watched.threads.push(WatchedThread {
            process: (process != self.process).then_some(process as u32),
            is_main: process == thread,
            begin: time,
            ..WatchedThread::default()
        });
        self.states.push(State::default());
        self.lives.push(Life::default());
        if process == thread {
            self.by_handle.insert(process as u64, number);
        }
        number
    }

    fn site(&mut self, site: Site) -> u32 {
        *self.site_indices.entry(site).or_insert_with(|| {
            self.sites.push(site);
            self.sites.len() as u32 - 1
        })
    }

    fn begin(&mut self, thread: u32, event: &Event) {
        self.watched.threads[thread as usize].begin = event.time;
        if event.value != 0 {
            self.by_handle.insert(event.value, thread);
        }
        if let Some(started) = self.spawns.get(&event.subject) {
            self.lives[thread as usize].started = Some((started.by, started.time));
            self.watched.threads[thread as usize].started = Some(started.clone());
        }
    }

    /// Begins a wait, unless it is part of one.
    fn open(&mut self, thread: u32, what: Activity, site: Option<u32>, begin: u64, value: u64) {
        let open = &mut self.states[thread as usize].open;
        open.get_or_insert(Open {
            what,
            site,
            begin,
            by: None,
            value,
        });
    }

    /// Ends the thread's wait if it is for what `is_it` says, and returns it.
    fn close(&mut self, thread: u32, end: u64, is_it: impl Fn(&Activity) -> bool) -> Option<Open> {
        let open = &mut self.states[thread as usize].open;
        let open = open.take_if(|open| is_it(&open.what))?;
        self.spans.add(WatchedSpan {
            by: open.by,
            ..spans::once(thread, open.what.clone(), open.site, open.begin, end)
        });
        Some(open)
    }

    /// Ends a wait that the program saw itself.
    fn close_wait(&mut self, thread: u32, time: u64) {
        let Some(open) = self.close(thread, time, |what| matches!(what, Activity::Wait(_))) else {
            return;
        };
        if !matches!(open.what, Activity::Wait(Wait::Join(_) | Wait::Child)) {
            return;
        }
        let Some(other) = self.by_handle.get(&open.value).copied() else {
            return;
        };
        if let Some(end) = self.watched.threads[other as usize].end {
            self.lives[other as usize].joined = Some((thread, time));
            self.arrows.add(Cause::End, (other, end), (thread, time));
        }
    }

    fn wait_over(&mut self, thread: u32, event: &Event) {
        let Some(object) = self.objects.known(event.subject) else {
            return;
        };
        let closed = self.close(thread, event.time, |what| match what {
            Activity::WaitForLock(other)
            | Activity::WaitForMessage(other)
            | Activity::WaitForRoom(other)
            | Activity::WaitForNotification(other) => *other == object,
            _ => false,
        });
        let notified = self.objects.state(object).notified;
        if let Some(open) = closed
            && matches!(open.what, Activity::WaitForNotification(_))
            && let Some((by, time)) = notified.filter(|(_, time)| *time >= open.begin)
        {
            self.arrows.add(
                Cause::Notification(object),
                (by, time),
                (thread, event.time),
            );
        }
    }

    fn lock(&mut self, thread: u32, object: u32, time: u64, site: Option<u32>) {
        let waited = self.close(thread, time, |what| *what == Activity::WaitForLock(object));
        self.objects.add_use(object);
        let state = self.objects.state(object);
        state.owner = Some(thread);
        let released = state.released;
        if let Some(open) = waited {
            let took = time - open.begin;
            self.contentions.add(object, thread, open.by, took);
            if let Some(from) = released.filter(|(_, time)| *time >= open.begin) {
                self.arrows.add(Cause::Unlock(object), from, (thread, time));
            }
        }
        let held = &mut self.states[thread as usize].held;
        if !held.is_empty() {
            self.lock_order.note(thread, time, held, object, site);
        }
        held.push(Held {
            lock: object,
            since: time,
            site,
        });
    }

    fn unlock(&mut self, thread: u32, event: &Event) {
        let Some(object) = self.objects.known(event.subject) else {
            return;
        };
        let held = &mut self.states[thread as usize].held;
        let Some(index) = held.iter().rposition(|held| held.lock == object) else {
            return;
        };
        let held = held.remove(index);
        let what = Activity::Hold(object);
        let span = spans::once(thread, what, held.site, held.since, event.time);
        self.spans.add(span);
        let state = self.objects.state(object);
        state.owner = state.owner.filter(|owner| *owner != thread);
        state.released = Some((thread, event.time));
    }

    fn lost_update(&mut self, thread: u32, event: &Event, site: Option<u32>) {
        let object = self.objects.number(event.subject, ObjectKind::Atomic, site);
        self.objects.add_lost_update(object);
        if self.watched.lost_updates.len() < MAX_MARKS {
            self.watched.lost_updates.push(LostUpdate {
                object,
                thread,
                time: event.time,
                of: self.last_of_id.get(&(event.value as i32)).copied(),
                site,
            });
        }
    }

    /// Ends what has not ended.
    fn finish(mut self, missing: u64) -> (Watched, Vec<Site>) {
        for ((process, thread), number) in &self.threads {
            self.watched.threads[*number as usize].name = live_name(*process, *thread);
        }
        let duration = self.watched.duration;
        for thread in 0..self.states.len() as u32 {
            let end = self.watched.threads[thread as usize].end;
            let end = end.unwrap_or(duration);
            self.close(thread, end, |_| true);
            for held in std::mem::take(&mut self.states[thread as usize].held) {
                let what = Activity::Hold(held.lock);
                let span = spans::once(thread, what, held.site, held.since, end);
                self.spans.add(span);
            }
        }
        let watched = Watched {
            objects: self.objects.into_all(),
            spans: self.spans.into_all(),
            arrows: self.arrows.into_all(),
            contentions: self.contentions.into_all(),
            lock_cycles: self.lock_order.cycles(&self.lives),
            missing,
            ..self.watched
        };
        (watched, self.sites)
    }
}

/// Returns the name of a thread that has not ended (proc(5)).
fn live_name(process: i32, thread: i32) -> Option<String> {
    let name = std::fs::read_to_string(format!("/proc/{process}/task/{thread}/comm")).ok()?;
    Some(names::whole(process, thread, name.trim_end()))
}

#[cfg(test)]
mod tests;
