//! Makes what is drawn from what the runtime has recorded.

use super::model::{Arrow, ArrowKind, Contention, Hold, Lane, Mark, Span, Start, Timeline};
use super::names::names;
use crate::ipc::{
    Activity, Cause, LockStep, Place, Trace, Watched, WatchedArrow, WatchedSpan, WatchedThread,
};
use crate::server::names::Names;
use crate::server::wait_reason::WaitReason;

impl Timeline {
    /// Puts together what is drawn. There is a trace for each site.
    pub fn of(watched: &Watched, traces: &[Trace]) -> Timeline {
        let order = order(&watched.threads);
        Builder {
            watched,
            traces,
            names: names(watched, traces, &order),
            order,
        }
        .timeline()
    }
}

/// Returns the numbers of the threads in the order of their lanes: by the times when they were started.
fn order(threads: &[WatchedThread]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..threads.len()).collect();
    let started = |index: &usize| {
        let thread = &threads[*index];
        let started = thread.started.as_ref();
        started.map_or(thread.begin, |started| started.time)
    };
    // The first one runs the cell.
    if let Some(others) = order.get_mut(1..) {
        others.sort_by_key(started);
    }
    order
}

/// Returns an arrow from the thread that ended last in each scope to the one that waited for that. A scope does not join its threads.
/// One that lasts as long as the cell, which took `duration`, never ended.
fn ends_of_scopes(lanes: &[Lane], duration: u64) -> Vec<Arrow> {
    let waits = lanes.iter().enumerate().flat_map(|(number, lane)| {
        let scopes = lane
            .waits
            .iter()
            .filter(|wait| wait.reason == WaitReason::Scope && wait.end < duration);
        scopes.map(move |wait| (number, wait))
    });
    let arrows = waits.filter_map(|(number, wait)| {
        let is_in_scope = |lane: &Lane| {
            let start = lane.started_by.as_ref();
            let is_started =
                start.is_some_and(|start| start.lane == number && start.time <= wait.begin);
            is_started && lane.end >= wait.begin
        };
        let others = lanes
            .iter()
            .enumerate()
            .filter(|(_, lane)| is_in_scope(lane));
        let (last, lane) = others.max_by_key(|(_, lane)| lane.end)?;
        // The waiting thread is woken just before the other one is gone.
        let end = lane.end.min(wait.end);
        Some(Arrow {
            from: (last, end),
            to: (number, wait.end),
            count: 1,
            last: (end, wait.end),
            kind: ArrowKind::End,
            text: format!(
                "{} ends, and {} has waited for that",
                lane.name, lanes[number].name
            ),
        })
    });
    arrows.collect()
}

struct Builder<'a> {
    watched: &'a Watched,
    traces: &'a [Trace],
    names: Names,
    /// The numbers of the threads, by lane.
    order: Vec<usize>,
}

impl Builder<'_> {
    fn timeline(&self) -> Timeline {
        let watched = self.watched;
        let mut lanes: Vec<Lane> = self.order.iter().map(|&thread| self.lane(thread)).collect();
        for span in &watched.spans {
            let lane = &mut lanes[self.lane_of(span.thread)];
            match span.what {
                Activity::Hold(lock) if self.names.has_name(lock) => {
                    lane.holds.push(self.hold(span, lock));
                }
                Activity::Hold(_) => {}
                _ => lane.waits.push(self.wait(span)),
            }
        }
        for lost in &watched.lost_updates {
            let whose = lost.of.map_or("another thread", |of| self.names.thread(of));
            let object = self.names.object(lost.object);
            lanes[self.lane_of(lost.thread)].lost_updates.push(Mark {
                time: lost.time,
                text: format!("overwrites what {whose} wrote to {object}: a lost update"),
            });
        }
        let arrows = watched.arrows.iter().map(|arrow| self.arrow(arrow));
        let arrows = arrows
            .chain(ends_of_scopes(&lanes, watched.duration))
            .collect();
        Timeline {
            lanes,
            arrows,
            contentions: self.contentions(),
            notes: self.notes(),
            duration: watched.duration.max(1),
            missing: watched.missing,
        }
    }

    fn lane(&self, number: usize) -> Lane {
        let thread = &self.watched.threads[number];
        let started_by = thread.started.as_ref().map(|started| Start {
            lane: self.lane_of(started.by),
            time: started.time,
            place: self.place(started.site),
        });
        Lane {
            name: self.names.thread(number as u32).to_owned(),
            begin: thread.begin,
            end: thread.end.unwrap_or(self.watched.duration),
            started_by,
            waits: Vec::new(),
            holds: Vec::new(),
            prints: thread.prints.clone(),
            lost_updates: Vec::new(),
        }
    }

    fn lane_of(&self, thread: u32) -> usize {
        let lane = self
            .order
            .iter()
            .position(|&other| other == thread as usize);
        lane.unwrap_or_default()
    }

    fn trace(&self, site: Option<u32>) -> Option<&Trace> {
        self.traces.get(site? as usize)
    }

    fn place(&self, site: Option<u32>) -> Option<Place> {
        self.trace(site)?.places.first().cloned()
    }

    fn wait(&self, span: &WatchedSpan) -> Span {
        let object = |object: u32| self.names.object(object).to_owned();
        let reason = match &span.what {
            Activity::Wait(wait) => {
                let functions = self
                    .trace(span.site)
                    .map_or(&[][..], |trace| &trace.functions);
                WaitReason::of(wait, functions)
            }
            Activity::WaitForLock(lock) | Activity::Hold(lock) => WaitReason::NamedLock {
                lock: object(*lock),
                holder: span.by.map(|by| self.names.thread(by).to_owned()),
            },
            Activity::WaitForMessage(channel) => WaitReason::MessageFrom(object(*channel)),
            Activity::WaitForRoom(channel) => WaitReason::RoomIn(object(*channel)),
            Activity::WaitForNotification(condition) => {
                WaitReason::NotificationOf(object(*condition))
            }
        };
        Span {
            begin: span.begin,
            end: span.end,
            reason,
            place: self.place(span.site),
            count: span.count,
            waited: span.total,
            longest: span.longest,
        }
    }

    fn hold(&self, span: &WatchedSpan, lock: u32) -> Hold {
        Hold {
            lock: self.names.object(lock).to_owned(),
            begin: span.begin,
            end: span.end,
            place: self.place(span.site),
            count: span.count,
            held: span.total,
        }
    }

    fn arrow(&self, arrow: &WatchedArrow) -> Arrow {
        let (from, to) = (self.names.thread(arrow.from), self.names.thread(arrow.to));
        let object = |object| self.names.object(object);
        let (kind, text) = match arrow.what {
            Cause::Unlock(lock) => (
                ArrowKind::Unlock,
                format!("{from} releases {}, and {to} takes it", object(lock)),
            ),
            Cause::Message(channel) => (
                ArrowKind::Message,
                format!("a message from {from} to {to}, through {}", object(channel)),
            ),
            Cause::Notification(condition) => (
                ArrowKind::Notification,
                format!("{from} notifies {}, and wakes {to}", object(condition)),
            ),
            Cause::End => (
                ArrowKind::End,
                format!("{from} ends, and {to} has joined it"),
            ),
        };
        Arrow {
            from: (self.lane_of(arrow.from), arrow.from_time),
            to: (self.lane_of(arrow.to), arrow.to_time),
            kind,
            text: match arrow.count {
                1 => text,
                count => format!("{count} times: {text}"),
            },
            count: arrow.count,
            last: arrow.last,
        }
    }

    fn contentions(&self) -> Vec<Contention> {
        let contentions = self.watched.contentions.iter();
        let described = contentions.map(|contention| Contention {
            lock: self.names.object(contention.object).to_owned(),
            waiter: self.names.thread(contention.waiter).to_owned(),
            holder: contention
                .holder
                .map(|holder| self.names.thread(holder).to_owned()),
            taken: self.watched.objects[contention.object as usize].uses,
            count: contention.count,
            waited: contention.total,
            longest: contention.longest,
        });
        described.collect()
    }

    fn notes(&self) -> Vec<String> {
        let objects = self.watched.objects.iter().enumerate();
        let lost = objects.filter(|(_, object)| object.lost_updates > 0);
        let lost = lost.map(|(index, object)| {
            let name = self.names.object(index as u32);
            match object.lost_updates {
                1 => format!("lost update: one store to {name} overwrote what another thread had written since the load before it"),
                count => format!("lost updates: {count} stores to {name} overwrote what another thread had written since the load before them"),
            }
        });
        let cycles = self.watched.lock_cycles.iter();
        lost.chain(cycles.map(|steps| self.could_deadlock(steps)))
            .collect()
    }

    fn could_deadlock(&self, steps: &[LockStep]) -> String {
        let line = |site| {
            let place = self.place(site);
            place.map_or(String::new(), |place| format!(" (line {})", place.line))
        };
        let steps = steps.iter().map(|step| {
            format!(
                "{} takes {}{}, then {}{}",
                self.names.thread(step.thread),
                self.names.object(step.held),
                line(step.held_site),
                self.names.object(step.taken),
                line(step.taken_site)
            )
        });
        let steps: Vec<String> = steps.collect();
        format!(
            "could deadlock: {}; take the locks in the same order everywhere",
            steps.join("; ")
        )
    }
}

#[cfg(test)]
mod tests;
