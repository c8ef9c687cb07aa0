//! A bar that is shown.

use std::time::{Duration, Instant};

use super::draw_limiter::DrawLimiter;
use super::draw_lock;
use super::draw_target::DrawTarget;
use super::options::Options;
use super::rate::Rate;
use super::screen::Screen;

pub(super) struct Running {
    start: Instant,
    rate: Rate,
    limiter: DrawLimiter,
    target: DrawTarget,
    /// The position and the time (in seconds since the start) when the bar was last drawn for a step.
    last_n: i64,
    last_at: f64,
    /// How many times this process had forked when the bar was last drawn.
    forks: u32,
    /// Whether the bar is where it started.
    unmoved: bool,
}

impl Running {
    /// Shows the bar for the first time.
    pub(super) fn begin(
        target: DrawTarget,
        screen: &mut Screen,
        options: &Options,
        n: i64,
    ) -> Self {
        let start = Instant::now();
        let mut running = Self {
            start,
            rate: Rate::default(),
            limiter: DrawLimiter::new(start),
            target,
            last_n: n,
            last_at: 0.0,
            forks: draw_lock::forks(),
            unmoved: true,
        };
        let _ = running.limiter.take(running.start);
        running.show(screen, options.line(n, 0.0, None, running.target.columns()));
        running
    }

    /// Draws after a step, or returns how long to wait if it was drawn too often.
    pub(super) fn step(
        &mut self,
        screen: &mut Screen,
        options: &Options,
        n: i64,
    ) -> Result<(), Duration> {
        self.limiter.take(Instant::now())?;
        if n != self.last_n {
            let now = self.elapsed();
            self.rate
                .record((n - self.last_n) as f64, now - self.last_at);
            self.last_n = n;
            self.last_at = now;
            self.unmoved = false;
        }
        self.show(screen, self.line(options, n, self.rate.get()));
        Ok(())
    }

    /// Draws between steps, or returns how long to wait if it was drawn too often.
    pub(super) fn show_if_allowed(
        &mut self,
        screen: &mut Screen,
        options: &Options,
        n: i64,
    ) -> Result<(), Duration> {
        self.limiter.take(Instant::now())?;
        self.show(screen, self.line(options, n, self.rate.get()));
        Ok(())
    }

    /// Shows the bar for the last time, with the average rate.
    pub(super) fn finish(self, screen: &mut Screen, options: &Options, n: i64) {
        let line = options.leave.then(|| self.line(options, n, None));
        self.target.finish(screen, line);
    }

    /// Returns whether the bar has not moved since a process was forked: it may have been created for that process.
    pub(super) fn may_belong_to_child(&self, n: i64) -> bool {
        self.forks != draw_lock::forks()
            && n == self.last_n
            && (self.unmoved || self.target.keeps_line())
    }

    /// Leaves the current line as it is.
    pub(super) fn abandon(self, screen: &mut Screen) {
        self.target.abandon(screen);
    }

    /// Returns the current line. `rate` is in steps per second; None: the average.
    pub(super) fn line(&self, options: &Options, n: i64, rate: Option<f64>) -> String {
        options.line(n, self.elapsed(), rate, self.target.columns())
    }

    pub(super) fn rate(&self) -> Option<f64> {
        self.rate.get()
    }

    /// Moves the bar by steps that the rate does not count.
    pub(super) fn skip(&mut self, n: i64) {
        self.last_n += n;
    }

    pub(super) fn restart(&mut self, n: i64) {
        self.start = Instant::now();
        self.rate = Rate::default();
        self.last_n = n;
        self.last_at = 0.0;
    }

    fn show(&mut self, screen: &mut Screen, line: String) {
        self.forks = draw_lock::forks();
        self.target.show(screen, line);
    }

    fn elapsed(&self) -> f64 {
        self.start.elapsed().as_secs_f64()
    }
}
