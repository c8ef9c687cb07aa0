//! The cell that a thread's output belongs to.

use std::ffi::c_void;
use std::ptr;

use super::stdout::flush_stdout;
use super::symbol::Symbol;

static HOLD: Symbol = Symbol::new(c"threadbook_output_hold");
static ENTER: Symbol = Symbol::new(c"threadbook_output_enter");
static RELEASE: Symbol = Symbol::new(c"threadbook_output_release");

type Hold = extern "C" fn() -> *const c_void;
type Enter = unsafe extern "C" fn(*const c_void) -> *const c_void;
type Release = unsafe extern "C" fn(*const c_void);

/// The cell that a thread works for. What is printed inside [`CellOutput::scope`] goes to that cell, even if it has
/// ended by then. Outside of our kernel all output goes to one place, and this does nothing.
pub(crate) struct CellOutput {
    held: *const c_void,
}

// SAFETY: the pointer is only passed back to the kernel's functions, which any thread may call.
unsafe impl Send for CellOutput {}

impl CellOutput {
    /// Returns the cell of the calling thread.
    pub(crate) fn of_this_thread() -> Self {
        let held = HOLD.find().map_or(ptr::null(), |hold| {
            // SAFETY: the kernel exports the name with this signature.
            let hold = unsafe { std::mem::transmute::<*mut c_void, Hold>(hold) };
            hold()
        });
        Self { held }
    }

    /// Calls `f` with its output going to the cell.
    pub(crate) fn scope<R>(&self, f: impl FnOnce() -> R) -> R {
        scope(self.held, f)
    }

    /// Returns what distinguishes the cell from all others of this process. It is an address, which is not reused.
    pub(crate) fn id(&self) -> usize {
        self.held.expose_provenance()
    }

    /// As [`CellOutput::scope`], in a process that was forked while there was a `CellOutput` with this id.
    ///
    /// # Safety
    /// The id is such a one.
    pub(crate) unsafe fn scope_in_fork<R>(id: usize, f: impl FnOnce() -> R) -> R {
        scope(ptr::with_exposed_provenance(id), f)
    }
}

/// `held` is null or was held in this process, or in the one that it was forked from: outputs are never freed.
fn scope<R>(held: *const c_void, f: impl FnOnce() -> R) -> R {
    let _entered = Entered(enter(held));
    let result = f();
    if !held.is_null() {
        // An unfinished line would otherwise go out with the output of another thread.
        flush_stdout();
    }
    result
}

impl Drop for CellOutput {
    fn drop(&mut self) {
        if self.held.is_null() {
            return;
        }
        if let Some(release) = RELEASE.find() {
            // SAFETY: as above; the pointer is one that is held, and no scope is left in it.
            unsafe { std::mem::transmute::<*mut c_void, Release>(release)(self.held) };
        }
    }
}

/// Directs the thread's output back to where it went before.
struct Entered(*const c_void);

impl Drop for Entered {
    fn drop(&mut self) {
        enter(self.0);
    }
}

fn enter(output: *const c_void) -> *const c_void {
    ENTER.find().map_or(ptr::null(), |function| {
        // SAFETY: the kernel exports the name with this signature. The pointer is null, held, or what the last call gave.
        unsafe { std::mem::transmute::<*mut c_void, Enter>(function)(output) }
    })
}
