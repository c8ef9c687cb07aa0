//! The options of a bar.

use std::time::Duration;

use super::meter::{Meter, Style};

pub(super) struct Options {
    pub(super) style: Style,
    pub(super) total: Option<i64>,
    pub(super) initial: i64,
    pub(super) leave: bool,
    pub(super) interval: Duration,
}

impl Options {
    pub(super) fn new(total: Option<i64>) -> Self {
        Self {
            style: Style {
                description: String::new(),
                unit: "it".into(),
                unit_scale: false,
                unit_divisor: 1000.0,
                postfix: String::new(),
            },
            total,
            initial: 0,
            leave: true,
            interval: Duration::from_millis(100),
        }
    }

    pub(super) fn line(
        &self,
        n: i64,
        elapsed: f64,
        rate: Option<f64>,
        columns: Option<usize>,
    ) -> String {
        let meter = Meter {
            n,
            total: self.total,
            initial: self.initial,
            elapsed,
            rate,
            style: &self.style,
            columns,
        };
        meter.line()
    }
}

/// A line must not contain newlines.
pub(super) fn one_line(text: impl Into<String>) -> String {
    text.into().replace(['\n', '\r'], " ")
}

/// The methods that set up a bar or an iterator with a bar. Both have a method `set`.
macro_rules! setters {
    () => {
        /// Sets the description before the bar, which is followed by a colon.
        #[must_use]
        pub fn desc(self, description: impl Into<String>) -> Self {
            let description = $crate::tqdm::options::one_line(description);
            self.set(|options| options.style.description = description)
        }

        /// Sets the unit; `it` by default.
        #[must_use]
        pub fn unit(self, unit: impl Into<String>) -> Self {
            let unit = $crate::tqdm::options::one_line(unit);
            self.set(|options| options.style.unit = unit)
        }

        /// With true, numbers are shown with a prefix: `12.3k`.
        #[must_use]
        pub fn unit_scale(self, yes: bool) -> Self {
            self.set(|options| options.style.unit_scale = yes)
        }

        /// Sets the factor between two prefixes: 1000, or 1024 for bytes.
        #[must_use]
        pub fn unit_divisor(self, divisor: u32) -> Self {
            self.set(|options| options.style.unit_divisor = divisor.into())
        }

        /// Sets the total.
        #[must_use]
        pub fn total(self, total: impl $crate::tqdm::Count) -> Self {
            self.set(|options| options.total = Some(total.count()))
        }

        /// With false, the bar disappears when it is closed.
        #[must_use]
        pub fn leave(self, yes: bool) -> Self {
            self.set(|options| options.leave = yes)
        }

        /// Sets how many steps were done before. The rate does not count them.
        #[must_use]
        pub fn initial(self, n: impl $crate::tqdm::Count) -> Self {
            self.set(|options| options.initial = n.count())
        }

        /// Sets the minimum time between two draws; 0.1 s by default. No bar is drawn more than 20 times a second.
        #[must_use]
        pub fn mininterval(self, interval: std::time::Duration) -> Self {
            self.set(|options| options.interval = interval)
        }
    };
}

pub(super) use setters;
