//! The current speed.

/// The weight of the newest speed.
const SMOOTHING: f64 = 0.3;

/// Exponential moving averages of the steps and the time they took, from draw to draw, as in tqdm.
#[derive(Debug, Default)]
pub(super) struct Rate {
    done: Average,
    seconds: Average,
}

#[derive(Debug, Default)]
struct Average {
    last: f64,
    calls: i32,
}

impl Rate {
    pub(super) fn record(&mut self, done: f64, seconds: f64) {
        if seconds > 0.0 {
            self.done.add(done);
            self.seconds.add(seconds);
        }
    }

    /// Returns the steps per second; None at first.
    pub(super) fn get(&self) -> Option<f64> {
        Some(self.done.get()? / self.seconds.get()?)
    }
}

impl Average {
    fn add(&mut self, x: f64) {
        self.last = SMOOTHING * x + (1.0 - SMOOTHING) * self.last;
        self.calls += 1;
    }

    /// Corrects for the zero that the average started with.
    fn get(&self) -> Option<f64> {
        let missing = (1.0 - SMOOTHING).powi(self.calls);
        (self.calls > 0).then(|| self.last / (1.0 - missing))
    }
}
