//! Conversions of values that threads have or will send, and of the items of iterators, for a cell in which their type turns out to
//! be another one.

use std::panic::resume_unwind;
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::thread::{Builder, JoinHandle};

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
