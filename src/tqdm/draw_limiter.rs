//! How often a bar may be drawn.

use std::time::{Duration, Instant};

/// A token bucket: at most 20 draws in any second, in bursts of 5 and 15 a second.
#[derive(Debug)]
pub(super) struct DrawLimiter {
    tokens: f64,
    /// When `tokens` was computed.
    refilled_at: Instant,
}

const BURST: f64 = 5.0;
const DRAWS_PER_SECOND: f64 = 15.0;

impl DrawLimiter {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            tokens: BURST,
            refilled_at: now,
        }
    }

    /// Takes one draw, or returns how long to wait for the next.
    pub(super) fn take(&mut self, now: Instant) -> Result<(), Duration> {
        let passed = now
            .saturating_duration_since(self.refilled_at)
            .as_secs_f64();
        self.tokens = (self.tokens + passed * DRAWS_PER_SECOND).min(BURST);
        self.refilled_at = now;
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            Ok(())
        } else {
            Err(Duration::from_secs_f64(
                (1.0 - self.tokens) / DRAWS_PER_SECOND,
            ))
        }
    }
}
