//! Progress bars that look like those of Python's tqdm.
//!
//! [`tqdm`] puts a bar around an iterator; a [`Tqdm`] is updated by hand.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! for _ in tqdm(0..1000) {
//!     // work
//! }
//!
//! let bar = Tqdm::new(100).desc("Downloading...");
//! bar.update(60);
//! bar.update(40);
//! bar.close();
//! ```
//!
//! ```text
//! 100%|██████████| 1000/1000 [00:00<00:00, 27346.91it/s]
//! Downloading...: 100%|██████████| 100/100 [00:00<00:00, 8730.12it/s]
//! ```
//!
//! | Python | Rust |
//! | --- | --- |
//! | `for x in tqdm(things):` | `for x in tqdm(things)` |
//! | `tqdm(range(n))`, `trange(n)` | `tqdm(0..n)` |
//! | `tqdm(things, desc="Reading")` | `tqdm(things).desc("Reading")` |
//! | `tqdm(lines, total=100)` | `tqdm(lines).total(100)` |
//! | `tqdm(total=100, desc="Reading")` | `Tqdm::new(100).desc("Reading")` |
//! | `tqdm()` | `Tqdm::without_total()` |
//! | `unit="B", unit_scale=True, unit_divisor=1024` | `.unit("B").unit_scale(true).unit_divisor(1024)` |
//! | `leave=False`, `initial=10`, `mininterval=1` | `.leave(false)`, `.initial(10)`, `.mininterval(Duration::from_secs(1))` |
//! | `bar.update(5)`, `bar.n` | the same, `bar.n()` |
//! | `bar.n = 5`, `bar.refresh()` | `bar.set_n(5)` |
//! | `bar.total = 5`, `bar.refresh()` | `bar.set_total(5)` |
//! | `bar.set_description("x")` | the same |
//! | `bar.set_postfix(loss=0.5, step=3)` | `bar.set_postfix([("loss", 0.5), ("step", 3.0)])` |
//! | `bar.set_postfix_str("ok")`, `bar.refresh()`, `bar.reset()`, `bar.close()` | the same |
//! | `bar = tqdm(things)` and `for x in bar: bar.set_postfix(...)` | `let things = tqdm(things); let bar = things.bar().clone();` and `for x in things` |
//! | `tqdm.write("text")` | [`Tqdm::write("text")`](Tqdm::write) |
//! | `str(bar)` | `bar.to_string()` |
//! | `with tqdm(total=5) as bar:` | the bar is closed when it is dropped |
//!
//! # Where bars are drawn
//!
//! | | |
//! | --- | --- |
//! | in a notebook of our kernel | every bar, also of another thread or a forked process, is a display of its own, updated in place. The last state stays |
//! | in a terminal, if stderr is one | each bar of the process has a row of its own. Processes do not know each other's rows: while several draw, they overwrite them, but the last line of each bar stays |
//! | in a file, in a pipe, in stock evcxr | the last line of each bar, on stderr |
//!
//! # When they are drawn
//!
//! At the first step, at steps at least 0.1 s apart, and at the end; never more than 20 times a second, except at the
//! end. A step that does not draw costs a few nanoseconds. No thread draws bars: while a step takes long, its bar
//! stands still, and so does its clock.

mod bar;
mod bar_state;
mod clock;
mod count;
mod draw_limiter;
mod draw_lock;
mod draw_target;
mod format;
mod iter;
mod message_bar;
mod meter;
mod notebook_bar;
mod options;
mod postfix;
mod rate;
mod running;
mod screen;
mod terminal;
mod width;

pub use bar::Tqdm;
pub use count::Count;
pub use iter::{TqdmIter, tqdm};
pub use postfix::Stat;

#[cfg(test)]
mod tests;
