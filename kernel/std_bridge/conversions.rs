//! Conversions of values for a cell in which their type turns out to be another one, also of those that threads have or will send, and
//! of the items of iterators.

use std::any::type_name;
use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};

/// Returns the number as one of the type that the cell needs. If that type cannot hold it, which in a program would be an error of
/// rustc's or an overflow, the cell does not run; `what` says which number it is.
pub fn convert_integer<T: TryFrom<i32>>(number: i32, what: &str) -> T {
    number.try_into().unwrap_or_else(|_| {
        let ty = type_name::<T>();
        refuse(&format!("{what} is {number}, which a `{ty}` cannot hold; write its type where it is made"))
    })
}

/// Returns what a counted pointer holds. If others share it, the cell does not run; `what` says what it is.
pub fn convert_shared<T>(content: Option<T>, what: &str) -> T {
    content.unwrap_or_else(|| {
        refuse(&format!("the type of {what} cannot change, since it is shared; write it where it is made, as in `0_u64`"))
    })
}

/// Ends the process, since the cell cannot run. A copy from before the cell takes over and shows the message.
fn refuse(message: &str) -> ! {
    unsafe extern "C" {
        fn threadbook_std_bridge_refuse(message: *const u8, length: usize);
    }
    // SAFETY: the std bridge, which is loaded before any cell, reads the bytes of a live string.
    unsafe { threadbook_std_bridge_refuse(message.as_ptr(), message.len()) };
    std::process::abort()
}

/// An iterator of known length over converted items. A trait object has only one trait besides auto traits.
pub trait ConvertedItems<T>: DoubleEndedIterator<Item = T> + ExactSizeIterator {}

impl<T, I: DoubleEndedIterator<Item = T> + ExactSizeIterator + ?Sized> ConvertedItems<T> for I {}

/// Returns the handle of a thread that converts what the thread of `handle` returns.
///
/// # Panics
/// If the system cannot create a thread.
pub fn convert_result<A, B>(handle: JoinHandle<A>, convert: impl FnOnce(A) -> B + Send + 'static) -> JoinHandle<B>
where
    A: Send + 'static,
    B: Send + 'static,
{
    let builder = handle.thread().name().map_or_else(Builder::new, |name| Builder::new().name(name.to_owned()));
    let thread = builder.spawn(move || match handle.join() {
        Ok(value) => convert(value),
        Err(panic) => resume_unwind(panic),
    });
    thread.expect("a thread that converts a number")
}

/// Returns a receiver of the converted messages. Those that are there already are converted at once, so that they do not arrive later
/// than they would have.
///
/// # Panics
/// If the system cannot create a thread.
pub fn convert_messages<A, B>(messages: Receiver<A>, convert: impl Fn(A) -> B + Send + 'static) -> Receiver<B>
where
    A: Send + 'static,
    B: Send + 'static,
{
    let (sender, converted): (Sender<B>, Receiver<B>) = channel();
    loop {
        match messages.try_recv() {
            // The receiver is still here.
            Ok(message) => _ = sender.send(convert(message)),
            Err(TryRecvError::Disconnected) => return converted,
            Err(TryRecvError::Empty) => break,
        }
    }
    let forward = move || {
        let mut converted = messages.into_iter().map(convert);
        while converted.next().is_some_and(|message| sender.send(message).is_ok()) {}
    };
    let thread = Builder::new().spawn(forward);
    thread.expect("a thread that converts numbers");
    converted
}
