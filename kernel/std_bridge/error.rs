//! The error that leaves a cell by `?`, made from any error.

use std::any::type_name;
use std::fmt::{Debug, Display};
use std::panic::Location;
use std::sync::Arc;

/// An error that left a cell by `?`.
pub struct CellError {
    pub(crate) text: String,
    /// Where the `?` is.
    pub(crate) place: &'static Location<'static>,
}

impl Debug for CellError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Returns its argument. Fixes the error type of the last line of a `main`, such as `Ok(())`, which nothing else determines.
pub fn outcome<T>(outcome: Result<T, CellError>) -> Result<T, CellError> {
    outcome
}

/// All types except [`CellError`], so that the conversion below does not overlap with the one from a type to itself.
pub auto trait NotCellError {}
impl !NotCellError for CellError {}
// A trait object implements an auto trait only if it names it.
impl<T: ?Sized> NotCellError for Box<T> {}
impl<T: ?Sized> NotCellError for &T {}
impl<T: ?Sized> NotCellError for &mut T {}
impl<T: ?Sized> NotCellError for Arc<T> {}
impl<T: ?Sized> NotCellError for std::rc::Rc<T> {}

impl<E: NotCellError> From<E> for CellError {
    // `?` converts the error with its own place as the caller.
    #[track_caller]
    fn from(error: E) -> CellError {
        CellError { text: error.describe(), place: Location::caller() }
    }
}

/// Describes any error, by `Display` or else by `Debug`.
trait Describe {
    fn describe(&self) -> String;
}

impl<T: ?Sized> Describe for T {
    default fn describe(&self) -> String {
        self.describe_by_display()
    }
}

impl<T: Debug + ?Sized> Describe for T {
    default fn describe(&self) -> String {
        format!("{self:?}")
    }
}

impl<T: Debug + Display + ?Sized> Describe for T {
    fn describe(&self) -> String {
        self.to_string()
    }
}

trait DescribeByDisplay {
    fn describe_by_display(&self) -> String;
}

impl<T: ?Sized> DescribeByDisplay for T {
    default fn describe_by_display(&self) -> String {
        format!("an error of type {}", type_name::<T>())
    }
}

impl<T: Display + ?Sized> DescribeByDisplay for T {
    fn describe_by_display(&self) -> String {
        self.to_string()
    }
}
