//! What the handles of a pool and its dispatcher tell each other.

use std::collections::VecDeque;
use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::thread::ThreadId;

use super::task::Task;
use crate::future::FutureError;
use crate::sync;

pub(super) struct OrderBook {
    /// Held only briefly, and no other lock is taken under it.
    state: Mutex<Orders>,
    ended: Condvar,
    /// A byte in this pipe wakes the dispatcher.
    bell: (PipeReader, PipeWriter),
}

#[derive(Default)]
pub(super) struct Orders {
    pub(super) tasks: VecDeque<Box<dyn Task>>,
    pub(super) closed: bool,
    /// Tasks that have not started are to be cancelled.
    pub(super) cancel: bool,
    /// Workers are to be sent this signal.
    pub(super) signal: Option<libc::c_int>,
    /// Why no more tasks run.
    pub(super) broken: Option<FutureError>,
    pub(super) dispatcher: Dispatch,
    /// There is a byte in the pipe.
    rung: bool,
}

#[derive(Default, PartialEq, Eq)]
pub(super) enum Dispatch {
    #[default]
    NotStarted,
    Starting,
    By(ThreadId),
    Ended,
}

impl Orders {
    /// Returns whether there is nothing to do and never will be.
    pub(super) fn is_over(&self) -> bool {
        self.closed && self.tasks.is_empty()
    }
}

impl OrderBook {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self {
            state: Mutex::default(),
            ended: Condvar::new(),
            bell: io::pipe()?,
        })
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, Orders> {
        sync::lock(&self.state)
    }

    /// Wakes the dispatcher: it has new orders.
    pub(super) fn ring(&self, mut orders: MutexGuard<'_, Orders>) {
        if !std::mem::replace(&mut orders.rung, true) {
            // There is at most one byte in the pipe, so there is room, and this process has the reader.
            let _ = (&self.bell.1).write_all(&[0]);
        }
    }

    /// The descriptor that is readable when there are new orders.
    pub(super) fn bell(&self) -> RawFd {
        self.bell.0.as_raw_fd()
    }

    /// Locks the orders, which are new if the bell was rung. For the dispatcher.
    pub(super) fn answer(&self) -> MutexGuard<'_, Orders> {
        let mut orders = self.lock();
        if std::mem::replace(&mut orders.rung, false) {
            // The byte was written under this lock.
            let _ = (&self.bell.0).read_exact(&mut [0]);
        }
        orders
    }

    /// The dispatcher has nothing more to do.
    pub(super) fn end(&self) {
        self.lock().dispatcher = Dispatch::Ended;
        self.ended.notify_all();
    }

    /// Waits for the dispatcher to end, unless it is the caller or was never started.
    pub(super) fn wait_for_end(&self) {
        let mut orders = self.lock();
        let me = std::thread::current().id();
        while !matches!(orders.dispatcher, Dispatch::NotStarted | Dispatch::Ended)
            && orders.dispatcher != Dispatch::By(me)
        {
            orders = sync::wait(&self.ended, orders);
        }
    }
}
