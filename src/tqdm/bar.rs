//! A bar that is updated by hand.

use std::fmt::{self, Display, Write as _};
use std::io::{self, Write};
use std::sync::Arc;

use super::bar_state::BarState;
use super::count::Count;
use super::draw_lock;
use super::options::{Options, one_line, setters};
use super::postfix::Stat;

/// A bar that is updated by hand: Python's `tqdm(total=100)`.
///
/// It is shown at once, and closed by [`close`](Self::close) or when its last clone is dropped. Its clones are the same
/// bar; several threads may update it.
///
/// ```
/// use threadbook::prelude::*;
///
/// let bar = Tqdm::new(100).desc("Downloading...");
/// for _ in 0..4 {
///     bar.update(25);
/// }
/// assert_eq!(bar.n(), 100);
/// bar.close();
/// ```
///
/// A forked process has a copy of its own, which counts for itself and is drawn in the same place. Create the bar in
/// the process that updates it.
#[derive(Clone)]
pub struct Tqdm {
    pub(super) state: Arc<BarState>,
}

impl Tqdm {
    /// Creates a bar with a total, of any integer type.
    pub fn new(total: impl Count) -> Self {
        Self::begun(Some(total.count()))
    }

    /// Creates a bar without a total, which shows only the count, the time and the rate.
    pub fn without_total() -> Self {
        Self::begun(None)
    }

    fn begun(total: Option<i64>) -> Self {
        let bar = Self::idle(total);
        bar.state.begin();
        bar
    }

    /// Creates a bar that is not shown before its first step.
    pub(super) fn idle(total: Option<i64>) -> Self {
        Self {
            state: Arc::new(BarState::new(total)),
        }
    }

    setters!();

    fn set(self, change: impl FnOnce(&mut Options)) -> Self {
        self.state.set(change);
        self
    }

    /// Advances the bar by `n`, of any integer type; moves it back if `n` is negative. Costs a few nanoseconds if it is
    /// not yet time to draw.
    #[inline]
    pub fn update(&self, n: impl Count) {
        self.state.update(n.count());
    }

    /// Returns how many steps are done.
    pub fn n(&self) -> i64 {
        self.state.n()
    }

    /// Sets the bar to `n`: Python's `bar.n = n` and `bar.refresh()`.
    pub fn set_n(&self, n: impl Count) {
        self.state.add(n.count() - self.n());
        self.state.refresh();
    }

    /// Sets the total.
    pub fn set_total(&self, total: impl Count) {
        self.state
            .set(|options| options.total = Some(total.count()));
    }

    /// Sets the description before the bar.
    pub fn set_description(&self, description: impl Into<String>) {
        let description = one_line(description);
        self.state
            .set(|options| options.style.description = description);
    }

    /// Sets the postfix at the end of the line: names with values, numbers with three digits.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// let bar = Tqdm::new(10);
    /// bar.set_postfix([("loss", 0.123456), ("accuracy", 0.5)]);
    /// assert!(bar.to_string().ends_with(", loss=0.123, accuracy=0.5]"));
    /// ```
    pub fn set_postfix<N: Display, V: Stat>(&self, values: impl IntoIterator<Item = (N, V)>) {
        let mut text = String::new();
        for (name, value) in values {
            if !text.is_empty() {
                text.push_str(", ");
            }
            // Writing to a string fails only if `name` does.
            let _ = write!(text, "{name}={}", value.stat().trim());
        }
        self.set_postfix_str(text);
    }

    /// Sets the postfix at the end of the line.
    pub fn set_postfix_str(&self, text: impl Into<String>) {
        let postfix = one_line(text);
        self.state.set(|options| options.style.postfix = postfix);
    }

    /// Restarts the bar from 0, and its clock.
    pub fn reset(&self) {
        self.state.reset();
    }

    /// Draws the bar now, unless it was drawn 20 times in the last second.
    pub fn refresh(&self) {
        self.state.refresh();
    }

    /// Draws the bar for the last time, with the average rate. Later updates are not shown.
    pub fn close(&self) {
        self.state.close();
    }

    /// Prints a line, above the bars in a terminal: Python's `tqdm.write`.
    ///
    /// ```
    /// # use threadbook::prelude::*;
    /// for n in tqdm(0..3) {
    ///     Tqdm::write(format!("{n} is done"));
    /// }
    /// ```
    pub fn write(text: impl Display) {
        let text = format!("{text}\n");
        // Before the draw lock, in the same order as a fork takes them.
        let mut stdout = io::stdout().lock();
        draw_lock::lock().suspend(|| {
            // Errors are ignored: with stdout closed there is nowhere to report them.
            let _ = stdout
                .write_all(text.as_bytes())
                .and_then(|()| stdout.flush());
        });
    }

    /// A cell whose last expression is a bar shows only the bar.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

/// The line as it would be drawn now.
impl Display for Tqdm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.state.line())
    }
}

impl fmt::Debug for Tqdm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Tqdm").field(&self.state.line()).finish()
    }
}
