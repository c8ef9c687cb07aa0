//! A bar's state, which its handles share.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use super::clock;
use super::draw_lock::{self, DrawGuard};
use super::draw_target::DrawTarget;
use super::options::Options;
use super::running::Running;
use crate::notebook;
use crate::sync;

pub(super) struct BarState {
    n: AtomicI64,
    /// The time, by `clock`, from which on a step draws the bar.
    due: AtomicU64,
    /// Locked only under the draw lock, so it is free in a forked child.
    state: Mutex<State>,
}

struct State {
    options: Options,
    phase: Phase,
}

enum Phase {
    /// Not shown yet.
    Idle,
    Running(Running),
    /// Closed, with its last line.
    Closed(String),
}

impl BarState {
    pub(super) fn new(total: Option<i64>) -> Self {
        Self {
            n: AtomicI64::new(0),
            due: AtomicU64::new(0),
            state: Mutex::new(State {
                options: Options::new(total),
                phase: Phase::Idle,
            }),
        }
    }

    /// Advances the bar, and draws it if it is time to. Not inlined: the code of a notebook's cells is not optimised,
    /// but this is.
    pub(super) fn update(&self, n: i64) {
        self.add(n);
        if self.is_due() {
            self.step();
        }
    }

    pub(super) fn add(&self, n: i64) {
        self.n.fetch_add(n, Relaxed);
    }

    pub(super) fn n(&self) -> i64 {
        self.n.load(Relaxed)
    }

    pub(super) fn is_due(&self) -> bool {
        clock::now() >= self.due.load(Relaxed)
    }

    /// Shows the bar for the first time, unless it is shown already.
    pub(super) fn begin(&self) {
        // Before the draw lock, in the same order as a fork takes them.
        notebook::flush_stdout();
        let (mut screen, mut state) = self.lock();
        let State { options, phase } = &mut *state;
        if let Phase::Idle = phase {
            let target = DrawTarget::find(&mut screen);
            *phase = Phase::Running(Running::begin(target, &mut screen, options, self.n()));
            self.draw_after(options.interval);
        }
    }

    /// Draws after a step, or shows the bar for the first time.
    #[cold]
    #[inline(never)]
    pub(super) fn step(&self) {
        {
            let (mut screen, mut state) = self.lock();
            let State { options, phase } = &mut *state;
            match phase {
                Phase::Idle => {}
                Phase::Closed(_) => return self.due.store(u64::MAX, Relaxed),
                Phase::Running(running) => {
                    let drawn = running.step(&mut screen, options, self.n());
                    return self.draw_after(drawn.map_or_else(|wait| wait, |()| options.interval));
                }
            }
        }
        self.begin();
    }

    /// Draws now if that is allowed, else at the first step after it is.
    pub(super) fn refresh(&self) {
        self.set(|_| ());
    }

    /// Changes the options.
    pub(super) fn set(&self, change: impl FnOnce(&mut Options)) {
        let (mut screen, mut state) = self.lock();
        let State { options, phase } = &mut *state;
        let initial = options.initial;
        change(options);
        self.add(options.initial - initial);
        if let Phase::Running(running) = phase {
            running.skip(options.initial - initial);
            if let Err(wait) = running.show_if_allowed(&mut screen, options, self.n()) {
                self.draw_after(wait);
            }
        }
    }

    /// Restarts the count and the clock.
    pub(super) fn reset(&self) {
        let (mut screen, mut state) = self.lock();
        let State { options, phase } = &mut *state;
        self.n.store(options.initial, Relaxed);
        if let Phase::Running(running) = phase {
            running.restart(options.initial);
            if let Err(wait) = running.show_if_allowed(&mut screen, options, self.n()) {
                self.draw_after(wait);
            }
        }
    }

    pub(super) fn close(&self) {
        self.end(false);
    }

    /// With `dropped`, a bar that a forked process has a copy of is left to that process, unless it has moved here
    /// since.
    fn end(&self, dropped: bool) {
        let (mut screen, mut state) = self.lock();
        let State { options, phase } = &mut *state;
        self.due.store(u64::MAX, Relaxed);
        let last = match phase {
            Phase::Closed(_) => return,
            Phase::Idle => options.line(self.n(), 0.0, None, None),
            Phase::Running(running) => running.line(options, self.n(), None),
        };
        if let Phase::Running(running) = std::mem::replace(phase, Phase::Closed(last)) {
            if dropped && options.leave && running.may_belong_to_child(self.n()) {
                running.abandon(&mut screen);
            } else {
                running.finish(&mut screen, options, self.n());
            }
        }
    }

    /// The line as it would be drawn now.
    pub(super) fn line(&self) -> String {
        let (_screen, state) = self.lock();
        match &state.phase {
            Phase::Idle => state.options.line(self.n(), 0.0, None, None),
            Phase::Running(running) => running.line(&state.options, self.n(), running.rate()),
            Phase::Closed(last) => last.clone(),
        }
    }

    fn draw_after(&self, wait: Duration) {
        self.due.store(clock::after(wait), Relaxed);
    }

    fn lock(&self) -> (DrawGuard, MutexGuard<'_, State>) {
        let drawing = draw_lock::lock();
        let state = sync::lock(&self.state);
        (drawing, state)
    }
}

impl Drop for BarState {
    fn drop(&mut self) {
        self.end(true);
    }
}
