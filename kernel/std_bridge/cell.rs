//! The library for the code around a cell: the variables that outlive cells, how a cell ends, and how its result is shown.
//!
//! It is compiled once per compiler, and all cells link to it. It uses nightly features, which no cell sees: a cell names only
//! functions and types of it.

#![feature(auto_traits, negative_impls, never_type, specialization)]
#![allow(incomplete_features)]

pub mod comparison;
pub mod conversions;
mod error;
mod incomplete;
#[cfg(instances)]
pub mod instances;
pub mod rests;
pub mod tasks;

pub use error::{CellError, outcome};
pub use incomplete::{Incomplete, Placeholder};

use std::alloc::{GlobalAlloc, Layout};
use std::any::{Any, type_name};
use std::collections::HashMap;
use std::fmt::Debug;
use std::future::Future;
use std::io::Write;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

/// The type of an expression that never returns, which stable Rust cannot name as an argument of another type.
pub type Never = !;

/// The variables of a notebook, by name.
#[derive(Default)]
pub struct Variables(HashMap<String, Stored>);

struct Stored {
    value: Box<dyn Any>,
    type_name: &'static str,
}

impl Variables {
    /// Returns the variables that the runtime holds; the first cell creates them.
    pub fn at(place: &mut *mut Variables) -> &mut Variables {
        if place.is_null() {
            *place = Box::into_raw(Box::default());
        }
        // SAFETY: the runtime begins with null and never writes to the place itself, so it holds the pointer made above. Cells run
        // one after the other, on one thread, and end their borrow of the variables before the next one begins.
        unsafe { &mut **place }
    }

    /// Removes a variable and returns it, for a cell that names it.
    ///
    /// # Panics
    /// If the variable does not exist or has another type. The engine writes names and types, so that is a bug in the engine.
    pub fn take<T: 'static>(&mut self, name: &str) -> T {
        let stored = self.0.remove(name).unwrap_or_else(|| panic!("there is no variable `{name}`"));
        stored.take().unwrap_or_else(|| panic!("the variable `{name}` is not a `{}`", type_name::<T>()))
    }

    /// Stores a variable that the cell has defined. Drops an earlier one of the same name.
    pub fn put<T: 'static>(&mut self, name: &str, value: T) {
        self.0.insert(name.to_owned(), Stored::new(value));
    }

    /// Stores a variable again at the end of a cell, unless the cell has defined another one of that name.
    pub fn put_back<T: 'static>(&mut self, name: &str, value: T) {
        if !self.0.contains_key(name) {
            self.put(name, value);
        }
    }

    /// Like [`Variables::put_back`], but stores the variable as `other` if the cell has defined another one of that name.
    pub fn put_back_as<T: 'static>(&mut self, name: &str, other: &str, value: T) {
        let name = if self.0.contains_key(name) { other } else { name };
        self.put(name, value);
    }

    /// Renames a variable, if it exists.
    pub fn rename(&mut self, name: &str, other: &str) {
        if let Some(value) = self.0.remove(name) {
            self.0.insert(other.to_owned(), value);
        }
    }

    /// Returns the value that all cells share under a name; creates it if it does not exist.
    pub fn shared<T: 'static>(&mut self, name: &str, make: impl FnOnce() -> T) -> Arc<T> {
        let shared = self.0.entry(name.to_owned()).or_insert_with(|| Stored::new(Arc::new(make())));
        let shared = shared.value.downcast_ref::<Arc<T>>();
        shared.unwrap_or_else(|| panic!("`{name}` is not a `{}`", type_name::<T>())).clone()
    }

    /// Drops a variable, if it exists.
    pub fn forget(&mut self, name: &str) {
        self.0.remove(name);
    }
}

impl Stored {
    fn new<T: 'static>(value: T) -> Stored {
        Stored { value: Box::new(value), type_name: type_name::<T>() }
    }

    /// Returns the value, unless it has another type. In watched cells the types of `std` that wait are wrappers of the real ones, with
    /// the same layout (`watched_std`).
    fn take<T: 'static>(self) -> Option<T> {
        match self.value.downcast() {
            Ok(value) => Some(*value),
            Err(value) => {
                let is_same = short_name(self.type_name) == short_name(type_name::<T>())
                    && (is_watched(self.type_name) || is_watched(type_name::<T>()))
                    && Layout::for_value(&*value) == Layout::new::<T>();
                // SAFETY: the two types have the same name but for paths, one has wrappers where the other one has what they wrap, and
                // a wrapper is transparent. rustc lays types out by the layouts of their fields alone, so a value of one type is a
                // value of the other; this size and alignment are those with which the memory was allocated.
                is_same.then(|| unsafe { *Box::from_raw(Box::into_raw(value).cast::<T>()) })
            }
        }
    }
}

fn is_watched(type_name: &str) -> bool {
    type_name.contains("threadbook_std::")
}

/// How a cell ended, as reported to the runtime.
#[repr(u32)]
pub enum End {
    Done = 0,
    Panicked = 1,
    LeftByError = 2,
    Returned = 3,
}

impl End {
    /// Returns `Returned` instead of `Done` for a cell that left by `return` before it `reached` its last line.
    pub fn if_reached(self, reached: bool) -> End {
        match self {
            End::Done if !reached => End::Returned,
            end => end,
        }
    }
}

/// Runs the user's code.
pub fn run<T: Outcome>(cell: impl FnOnce() -> T) -> End {
    match catch_unwind(AssertUnwindSafe(cell)) {
        Ok(outcome) => outcome.end(),
        Err(payload) => {
            let message = payload.downcast_ref::<String>().map(String::as_str);
            let message = message.or_else(|| payload.downcast_ref::<&str>().copied());
            let message = message.unwrap_or("a value that is not text");
            // SAFETY: the std bridge, which is loaded before any cell, reads the bytes of a live string.
            unsafe { threadbook_std_bridge_panicked(message.as_ptr(), message.len()) };
            // A payload may panic when it is dropped.
            std::mem::forget(payload);
            End::Panicked
        }
    }
}

/// Runs the user's code, which contains `.await`, on this thread.
pub fn run_async<T: Outcome>(cell: impl Future<Output = T>) -> End {
    run(|| block_on(cell))
}

/// The types that a cell's code may evaluate to.
pub trait Outcome {
    /// Returns the outcome of code that has reached its end.
    fn done() -> Self;

    fn end(self) -> End;
}

impl Outcome for () {
    fn done() {}

    fn end(self) -> End {
        End::Done
    }
}

impl Outcome for Result<(), CellError> {
    fn done() -> Self {
        Ok(())
    }

    fn end(self) -> End {
        match self {
            Ok(()) => End::Done,
            Err(CellError { text, place }) => {
                // SAFETY: the std bridge, which is loaded before any cell, is compiled by the same compiler, and reads the bytes of
                // a live string.
                unsafe { threadbook_std_bridge_left_by_error(text.as_ptr(), text.len(), place) };
                End::LeftByError
            }
        }
    }
}

unsafe extern "C" {
    fn threadbook_std_bridge_panicked(message: *const u8, length: usize);
    fn threadbook_std_bridge_left_by_error(text: *const u8, length: usize, place: &'static Location<'static>);
    fn threadbook_std_bridge_allocate_with(allocator: &'static mut &'static (dyn GlobalAlloc + Sync));
}

fn block_on<F: Future>(future: F) -> F::Output {
    struct Unpark(Thread);
    impl Wake for Unpark {
        fn wake(self: Arc<Self>) {
            self.0.unpark();
        }
    }
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(output) => return output,
            Poll::Pending => std::thread::park(),
        }
    }
}

/// Lets all code allocate with the notebook's `#[global_allocator]` from now on.
pub fn allocate_with(allocator: &'static (dyn GlobalAlloc + Sync)) {
    // SAFETY: the std bridge, which is loaded before any cell, is compiled by the same compiler.
    unsafe { threadbook_std_bridge_allocate_with(leak(allocator)) };
}

/// Leaks a value.
pub fn leak<'a, T: 'a>(value: T) -> &'a mut T {
    Box::leak(Box::new(value))
}

/// Pins a value, as `std::pin::pin` does, for longer than the cell.
pub fn pinned<'a, T: 'a>(value: T) -> Pin<&'a mut T> {
    // SAFETY: the value is leaked, so nothing moves or drops it.
    unsafe { Pin::new_unchecked(leak(value)) }
}

/// Takes a value out of its box.
pub fn unboxed<T>(boxed: Box<T>) -> T {
    *boxed
}

/// Leaks a `Copy` closure, which owns nothing.
pub fn leaked<'a, F: Copy + 'a>(closure: F) -> &'a F {
    Box::leak(Box::new(closure))
}

/// Shows the result of a cell whose type has no `evcxr_display` of its own.
///
/// Implemented for references to `Debug` types, which method lookup tries after the types themselves (The Rust Reference,
/// "Method-call expressions").
pub trait ShowByDebug {
    fn evcxr_display(&self);
}

impl<T: Debug + ?Sized> ShowByDebug for &T {
    fn evcxr_display(&self) {
        if type_name::<T>() != "()" {
            show(format!("{self:?}"));
        }
    }
}

/// Prints a text as the cell's result, in evcxr's form.
pub fn show(text: String) {
    let block = format!("EVCXR_BEGIN_CONTENT text/plain\n{text}\nEVCXR_END_CONTENT\n");
    let mut stdout = std::io::stdout().lock();
    // Errors are ignored: a cell may have closed its stdout.
    let _ = stdout.write_all(block.as_bytes()).and_then(|()| stdout.flush());
}

/// Returns the name of a value's type without paths: `Option<String>` for `core::option::Option<alloc::string::String>`.
pub fn type_of<T: ?Sized>(_: &T) -> String {
    short_name(type_name::<T>())
}

fn short_name(name: &str) -> String {
    let mut short = String::new();
    for part in name.split_inclusive(|c: char| !c.is_alphanumeric() && c != '_' && c != ':') {
        short.push_str(part.rsplit("::").next().unwrap_or(part));
    }
    short
}
