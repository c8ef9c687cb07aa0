//! `std::sync::mpsc` in explored cells.

use crate::steps::{Kind, Step, became};
use std::fmt;
use std::panic::Location;
use std::sync::mpmc;
pub use std::sync::mpsc::*;
use std::time::Duration;

/// Creates a channel without a limit, as in `std`.
pub fn channel<T>() -> (Sender<T>, Receiver<T>) {
    let (sender, receiver) = std::sync::mpsc::channel();
    (Sender(sender), Receiver(receiver))
}

/// Creates a channel that holds at most `bound` messages, as in `std`.
pub fn sync_channel<T>(bound: usize) -> (SyncSender<T>, Receiver<T>) {
    let (sender, receiver) = std::sync::mpsc::sync_channel(bound);
    (SyncSender(sender), Receiver(receiver))
}

/// Returns what both halves of a channel have in common: the address of the memory that they share.
fn identity<Half>(half: &Half) -> usize {
    // A half is a tag, which says what kind of channel it is, and that address.
    const { assert!(size_of::<Half>() == 2 * size_of::<usize>()) };
    // SAFETY: the half has a second word, as just checked at compile time, aligned as the half, which is an enum of pointers. All its
    // variants hold a pointer there, so the word is never padding. Should `std` change that, the number is wrong, and nothing else.
    unsafe { (&raw const *half).cast::<usize>().add(1).read() }
}

#[repr(transparent)]
pub struct Sender<T>(std::sync::mpsc::Sender<T>);

impl<T> Sender<T> {
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        Step::new(Kind::Send, identity(&self.0), Location::caller()).wait();
        self.0.send(message)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        Sender(self.0.clone())
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        Step::nowhere(Kind::Close, identity(&self.0)).wait();
    }
}

impl<T> fmt::Debug for Sender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[repr(transparent)]
pub struct SyncSender<T>(std::sync::mpsc::SyncSender<T>);

impl<T> SyncSender<T> {
    #[track_caller]
    pub fn send(&self, message: T) -> Result<(), SendError<T>> {
        let step = Step::new(Kind::Send, identity(&self.0), Location::caller());
        step.wait_until(|| self.has_room());
        self.0.send(message)
    }

    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        Step::new(Kind::Send, identity(&self.0), Location::caller()).wait();
        self.0.try_send(message)
    }

    /// Whether a message can be sent at once, or the receiver is gone. A channel without room for messages has a receiver wait in `std`,
    /// and so a sender too.
    fn has_room(&self) -> bool {
        const { assert!(size_of::<std::sync::mpsc::SyncSender<T>>() == size_of::<mpmc::Sender<T>>()) };
        // SAFETY: `std`'s sender is a structure of this one field, and not larger, as just checked; so it is where the structure is.
        let sender = unsafe { &*(&raw const self.0).cast::<mpmc::Sender<T>>() };
        sender.capacity() == Some(0) || !sender.is_full()
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> SyncSender<T> {
        SyncSender(self.0.clone())
    }
}

impl<T> Drop for SyncSender<T> {
    fn drop(&mut self) {
        Step::nowhere(Kind::Close, identity(&self.0)).wait();
    }
}

impl<T> fmt::Debug for SyncSender<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[repr(transparent)]
pub struct Receiver<T>(std::sync::mpsc::Receiver<T>);

impl<T> Receiver<T> {
    #[track_caller]
    pub fn recv(&self) -> Result<T, RecvError> {
        let step = Step::new(Kind::Receive, identity(&self.0), Location::caller());
        step.wait_until(|| self.is_ready());
        self.0.recv().inspect(|_| became(Kind::Receive))
    }

    /// The time is over when no other thread can go on.
    #[track_caller]
    pub fn recv_timeout(&self, _timeout: Duration) -> Result<T, RecvTimeoutError> {
        let step = Step::new(Kind::Receive, identity(&self.0), Location::caller());
        step.timed(true).wait_until(|| self.is_ready());
        self.take().map_err(|error| match error {
            TryRecvError::Empty => RecvTimeoutError::Timeout,
            TryRecvError::Disconnected => RecvTimeoutError::Disconnected,
        })
    }

    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        Step::new(Kind::Receive, identity(&self.0), Location::caller()).wait();
        self.take()
    }

    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self }
    }

    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self }
    }

    fn take(&self) -> Result<T, TryRecvError> {
        let received = self.0.try_recv();
        became(if received.is_ok() { Kind::Receive } else { Kind::ReceiveFailed });
        received
    }

    /// Whether there is a message, or no sender left. A channel without room for messages has the receiver wait in `std`.
    fn is_ready(&self) -> bool {
        const { assert!(size_of::<std::sync::mpsc::Receiver<T>>() == size_of::<mpmc::Receiver<T>>()) };
        // SAFETY: `std`'s receiver is a structure of this one field, and not larger, as just checked; so it is where the structure is.
        let receiver = unsafe { &*(&raw const self.0).cast::<mpmc::Receiver<T>>() };
        receiver.capacity() == Some(0)
            || !receiver.is_empty()
            // Of an empty channel, this takes nothing.
            || matches!(self.0.try_recv(), Err(TryRecvError::Disconnected))
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        Step::nowhere(Kind::Close, identity(&self.0)).wait();
    }
}

impl<T> fmt::Debug for Receiver<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[derive(Debug)]
pub struct Iter<'a, T: 'a> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

#[derive(Debug)]
pub struct TryIter<'a, T: 'a> {
    receiver: &'a Receiver<T>,
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.try_recv().ok()
    }
}

#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    #[track_caller]
    fn next(&mut self) -> Option<T> {
        self.receiver.recv().ok()
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self }
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
