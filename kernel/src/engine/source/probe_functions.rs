//! The functions that a probe calls.

use super::map::Trait;

/// Nightly features that the functions below use.
pub const FEATURES: &str = "#![feature(unboxed_closures, fn_traits, tuple_trait)]\n";
pub const FUNCTIONS: &str = "
struct ThreadbookProbe;
type ThreadbookCall<A, R> = ::std::marker::PhantomData<(A, R)>;
fn threadbook_call<A: ::std::marker::Tuple, F: ::std::ops::FnOnce<A>>(_: &F) -> ThreadbookCall<A, F::Output> { loop {} }
fn threadbook_second_call<A: ::std::marker::Tuple, B: ::std::marker::Tuple, F: ::std::ops::FnOnce<A>>(_: &F)
    -> ThreadbookCall<A, (B, <F::Output as ::std::ops::FnOnce<B>>::Output)> where F::Output: ::std::ops::FnOnce<B> { loop {} }
fn threadbook_item<I: ::std::iter::Iterator>(_: &I) -> ::std::marker::PhantomData<I::Item> { loop {} }
fn threadbook_output<F: ::std::future::Future>(_: &F) -> ::std::marker::PhantomData<F::Output> { loop {} }
fn threadbook_fn<A: ::std::marker::Tuple, F: ::std::ops::Fn<A>>(_: &F) {}
fn threadbook_fn_mut<A: ::std::marker::Tuple, F: ::std::ops::FnMut<A>>(_: &F) {}
fn threadbook_send<T: ::std::marker::Send>(_: &T) {}
fn threadbook_sync<T: ::std::marker::Sync>(_: &T) {}
fn threadbook_copy<T: ::std::marker::Copy>(_: &T) {}
fn threadbook_clone<T: ::std::clone::Clone>(_: &T) {}
fn threadbook_unwind_safe<T: ::std::panic::UnwindSafe + ::std::panic::RefUnwindSafe>(_: &T) {}
fn threadbook_double_ended<T: ::std::iter::DoubleEndedIterator>(_: &T) {}
fn threadbook_exact_size<T: ::std::iter::ExactSizeIterator>(_: &T) {}
";
pub const PLAIN_FUNCTIONS: &str = "
struct ThreadbookLate<T>(T);
fn threadbook_variable<T>() -> T { loop {} }
fn threadbook_keep<T: 'static>(_: &T) {}
fn threadbook_touch<T>(_: &T) {}
fn threadbook_touch_part<T: ?::std::marker::Sized>(_: &mut T) {}
fn threadbook_show<T: ::std::fmt::Debug + ?::std::marker::Sized>(_: &T) {}
";

/// Functions that probe traits.
pub const OF_CLOSURES: [(&str, Trait); 5] = [
    ("fn", Trait::Fn),
    ("fn_mut", Trait::FnMut),
    ("send", Trait::Send),
    ("copy", Trait::Copy),
    ("unwind_safe", Trait::UnwindSafe),
];
/// Apart from the others: rustc reports only once what a value lacks for several of them. For `&Cell` to be `Send`, `Cell` must be `Sync`.
pub const OF_CLOSURES_APART: [(&str, Trait); 2] = [("sync", Trait::Sync), ("clone", Trait::Clone)];
pub const OF_OTHERS: [(&str, Trait); 9] = [
    ("fn", Trait::Fn),
    ("fn_mut", Trait::FnMut),
    ("copy", Trait::Copy),
    ("send", Trait::Send),
    ("sync", Trait::Sync),
    ("clone", Trait::Clone),
    ("unwind_safe", Trait::UnwindSafe),
    ("double_ended", Trait::DoubleEnded),
    ("exact_size", Trait::ExactSize),
];
