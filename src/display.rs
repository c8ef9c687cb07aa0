//! Rich output: HTML, images and more, shown while the cell runs.
//!
//! [`display`] shows a value at the current point of the cell's output, and returns a [`DisplayHandle`], which can
//! replace it later: also from another thread or process, and from a later cell.
//!
//! ```
//! use threadbook::prelude::*;
//!
//! let shown = display(Html("<b>half</b> done"));
//! shown.update(Html("<b>all</b> done"));
//! ```
//!
//! | Python (`IPython.display`) | Rust |
//! | --- | --- |
//! | `display(HTML("<b>x</b>"))` | `display(Html("<b>x</b>"))` |
//! | `display(SVG(text))`, `display(Image(data))` | `display(Svg(text))`, `display(Png(bytes))` |
//! | `display(Markdown(text))`, `display(Latex(text))` | `display(Markdown(text))`, `display(Latex(text))` |
//! | `display(JSON(value))` | `display(Json(text))`, text that holds JSON |
//! | `display(x)` for a plain `x` | `display(repr(&x))` |
//! | `h = display(x, display_id=True)`, `h.update(y)`, `h.display_id` | `let h = display(x)`, `h.update(y)`, `h.id()` |
//! | `clear_output(wait=True)` | [`clear_output(true)`](clear_output) |
//! | `_repr_mimebundle_` of a class | [`Rich`] for a type |
//! | `input("Name? ")`, `getpass.getpass("Word? ")` | [`input("Name? ")?`](input()), [`password("Word? ")?`](password) |
//!
//! Stock evcxr shows the richest form, and `update` and `clear_output` do nothing there. A standalone program prints
//! the form `text/plain`.

mod base64;
mod cell_result;
mod input;
mod mime_types;
mod rich;

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::notebook::{self, Host, Message};
use crate::os;

pub use crate::notebook::Bundle;
pub use cell_result::EvcxrDisplay;
pub use input::{input, password};
pub use mime_types::{Html, Json, Latex, Markdown, Png, Svg};
pub use rich::Rich;

#[cfg(test)]
mod tests;

/// Shows `x` in the cell's output, now, after everything that was printed before.
///
/// ```
/// use threadbook::prelude::*;
///
/// display("plain text");
/// display(Markdown("*Markdown*"));
/// ```
pub fn display<Via>(x: impl Rich<Via>) -> DisplayHandle {
    let bundle = x.bundle();
    let handle = DisplayHandle {
        id: new_id().into(),
    };
    match notebook::host() {
        Host::Kernel(kernel) => {
            notebook::flush_stdout();
            let id = &handle.id;
            tell_if_failed(kernel.send(&Message::Display {
                id,
                bundle: &bundle,
            }));
        }
        Host::Evcxr => {
            if let Some(block) = rich::evcxr_block(&bundle) {
                notebook::print_at_once(&block);
            }
        }
        Host::Program => notebook::print_at_once(&format!("{}\n", rich::plain_text(&bundle))),
    }
    handle
}

/// Something that is shown, to be replaced by something else. Its clones, also those in forked processes, are the same
/// display in the notebook.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisplayHandle {
    id: Arc<str>,
}

impl DisplayHandle {
    /// Replaces what was shown by `y`. Outside of our kernel this does nothing: what is printed cannot be taken back.
    pub fn update<Via>(&self, y: impl Rich<Via>) {
        if let Host::Kernel(kernel) = notebook::host() {
            tell_if_failed(kernel.send(&Message::Update {
                id: &self.id,
                bundle: &y.bundle(),
            }));
        }
    }

    /// Returns Jupyter's `display_id`, which is unique on this machine.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A cell whose last expression is `display(x)` shows only `x`.
    #[doc(hidden)]
    pub fn evcxr_display(&self) {}
}

/// Clears the output of the cell. With `wait`, only once there is something new to show, so that the page does not
/// jump. Outside of our kernel this does nothing.
pub fn clear_output(wait: bool) {
    if let Host::Kernel(kernel) = notebook::host() {
        notebook::flush_stdout();
        tell_if_failed(kernel.send(&Message::Clear { wait }));
    }
}

/// Returns a name that nothing else shown has: a page may still have outputs of earlier kernels, and process ids are
/// reused.
pub(crate) fn new_id() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let time = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |time| time.as_nanos());
    let number = NEXT.fetch_add(1, Relaxed);
    format!("threadbook-{time:x}-{:x}-{number:x}", os::process_id())
}

/// Reports an error on stderr: a cell would not check a result of `display`.
fn tell_if_failed(sent: std::io::Result<()>) {
    if let Err(error) = sent {
        let _ = writeln!(std::io::stderr(), "cannot show the output: {error}");
    }
}
