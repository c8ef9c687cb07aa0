//! rustc: its invocation, its diagnostics and its types.

mod closure_types;
mod compile_stats;
mod conversions;
mod diagnostics;
mod function_items;
mod invocation;
mod library;
mod moved_parts;
mod numbers;
mod probe_result;
mod std_library;
mod timing_sections;
mod types;

pub use closure_types::{ClosureType, closure_places, closure_types, with_closures};
pub use conversions::{
    Structs, is_convertible, with_other_integer, with_other_items, with_other_numbers,
};
pub use diagnostics::{Code, Diagnostic, Span, lender};
pub use function_items::{function_items, with_function_pointers};
pub use invocation::{Rustc, Settings};
pub use library::cell_library;
pub use numbers::{as_open, has_open_parts, matches_with_numbers, with_never, with_open_numbers};
pub use probe_result::ProbeResult;
pub use std_library::{EXPLORED, StdLibrary, WATCHED};
pub use types::{
    Type, as_shown, as_written, boxed_objects, is_iterator, is_never, is_open, phantom, signature,
    split, with_opaque_objects, with_static_references, writable,
};
