//! How often a bar may be drawn.

use std::time::{Duration, Instant};

/// At most 20 draws in any second: 5 at once, and 15 a second.
#[derive(Debug)]
pub(super) struct Pace {
    left: f64,
    /// When `left` was right.
    at: Instant,
}

const AT_ONCE: f64 = 5.0;
const A_SECOND: f64 = 15.0;

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            left: AT_ONCE,
            at: now,
        }
    }

    /// Takes one draw; or says how long to wait for the next.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.left = (self.left + passed * A_SECOND).min(AT_ONCE);
        self.at = now;
        if self.left >= 1.0 {
            self.left -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64((1.0 - self.left) / A_SECOND))
        }
    }
}
