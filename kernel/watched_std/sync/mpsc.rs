//! `std::sync::mpsc` in watched cells.

use crate::events::{Event, Place, record};
use std::fmt;
use std::panic::Location;
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
        record(Event::Send, identity(&self.0), Location::caller());
        self.0.send(message)
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Sender<T> {
        Sender(self.0.clone())
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
        let (channel, place) = (identity(&self.0), Location::caller());
        record(Event::Send, channel, place);
        match self.0.try_send(message) {
            Ok(()) => Ok(()),
            Err(TrySendError::Disconnected(message)) => Err(SendError(message)),
            Err(TrySendError::Full(message)) => {
                record(Event::WantRoom, channel, place);
                let sent = self.0.send(message);
                record(Event::WaitOver, channel, place);
                sent
            }
        }
    }

    #[track_caller]
    pub fn try_send(&self, message: T) -> Result<(), TrySendError<T>> {
        let sent = self.0.try_send(message);
        if sent.is_ok() {
            record(Event::Send, identity(&self.0), Location::caller());
        }
        sent
    }
}

impl<T> Clone for SyncSender<T> {
    fn clone(&self) -> SyncSender<T> {
        SyncSender(self.0.clone())
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
        let place = Location::caller();
        self.receive(place, || RecvError, std::sync::mpsc::Receiver::recv)
    }

    #[track_caller]
    pub fn recv_timeout(&self, timeout: Duration) -> Result<T, RecvTimeoutError> {
        let place = Location::caller();
        let wait = |receiver: &std::sync::mpsc::Receiver<T>| receiver.recv_timeout(timeout);
        self.receive(place, || RecvTimeoutError::Disconnected, wait)
    }

    #[track_caller]
    pub fn try_recv(&self) -> Result<T, TryRecvError> {
        let received = self.0.try_recv();
        if received.is_ok() {
            record(Event::Receive, identity(&self.0), Location::caller());
        }
        received
    }

    #[track_caller]
    pub fn iter(&self) -> Iter<'_, T> {
        Iter { receiver: self, place: Location::caller() }
    }

    #[track_caller]
    pub fn try_iter(&self) -> TryIter<'_, T> {
        TryIter { receiver: self, place: Location::caller() }
    }

    /// Takes a message that is there, or waits for one.
    fn receive<E>(
        &self,
        place: Place,
        disconnected: impl FnOnce() -> E,
        wait: impl FnOnce(&std::sync::mpsc::Receiver<T>) -> Result<T, E>,
    ) -> Result<T, E> {
        let channel = identity(&self.0);
        let received = match self.0.try_recv() {
            Ok(message) => Ok(message),
            Err(TryRecvError::Disconnected) => return Err(disconnected()),
            Err(TryRecvError::Empty) => {
                record(Event::WantMessage, channel, place);
                let received = wait(&self.0);
                record(Event::WaitOver, channel, place);
                received
            }
        };
        if received.is_ok() {
            record(Event::Receive, channel, place);
        }
        received
    }

    /// Takes the next message for an iterator.
    fn next(&self, place: Place) -> Option<T> {
        let wait = std::sync::mpsc::Receiver::recv;
        self.receive(place, || RecvError, wait).ok()
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
    place: Place,
}

impl<T> Iterator for Iter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.next(self.place)
    }
}

#[derive(Debug)]
pub struct TryIter<'a, T: 'a> {
    receiver: &'a Receiver<T>,
    place: Place,
}

impl<T> Iterator for TryIter<'_, T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        let received = self.receiver.0.try_recv().ok();
        if received.is_some() {
            record(Event::Receive, identity(&self.receiver.0), self.place);
        }
        received
    }
}

#[derive(Debug)]
pub struct IntoIter<T> {
    receiver: Receiver<T>,
    place: Place,
}

impl<T> Iterator for IntoIter<T> {
    type Item = T;

    fn next(&mut self) -> Option<T> {
        self.receiver.next(self.place)
    }
}

impl<T> IntoIterator for Receiver<T> {
    type Item = T;
    type IntoIter = IntoIter<T>;

    #[track_caller]
    fn into_iter(self) -> IntoIter<T> {
        IntoIter { receiver: self, place: Location::caller() }
    }
}

impl<'a, T> IntoIterator for &'a Receiver<T> {
    type Item = T;
    type IntoIter = Iter<'a, T>;

    #[track_caller]
    fn into_iter(self) -> Iter<'a, T> {
        self.iter()
    }
}
