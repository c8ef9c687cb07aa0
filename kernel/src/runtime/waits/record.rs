//! Records a wait for as long as it lasts.

use super::event::EventKind;
use super::events;
use super::table::{Kind, Level, SLOTS, own_slot};
use super::unwind::Frame;
use std::sync::atomic::Ordering::{Relaxed, Release};
use std::sync::atomic::fence;

/// A wait that lasts until this is dropped.
pub struct Record(&'static Level);

impl Record {
    /// Records that the calling thread is about to wait, in the function of this frame. Returns `None` if waits are not recorded in this
    /// process, or there is no room.
    pub fn begin(kind: Kind, subject: u64, is_timed: bool, frame: Frame) -> Option<Record> {
        let (slot, index) = own_slot()?;
        let mut levels = slot.levels.iter();
        let level = levels.find(|level| level.number.load(Relaxed) == 0)?;
        let count = slot.count.load(Relaxed) + 1;
        slot.count.store(count, Relaxed);
        // Whoever sees one of the following stores sees that there was no number before them.
        fence(Release);
        level.kind.store(kind as u32, Relaxed);
        level.is_timed.store(u32::from(is_timed), Relaxed);
        level.subject.store(subject, Relaxed);
        level.returns_to.store(frame.returns_to, Relaxed);
        level.stack_pointer.store(frame.stack_pointer, Relaxed);
        level.frame_pointer.store(frame.frame_pointer, Relaxed);
        level
            .number
            .store(count * SLOTS as u64 + index as u64, Release);
        if events::is_on() && std::ptr::eq(level, &slot.levels[0]) {
            events::record_at(EventKind::WaitBegin, kind as u64, subject, Some(frame));
        }
        Some(Record(level))
    }

    /// Gives the record away as a number, for [`Record::of_number`].
    pub fn into_number(self) -> i32 {
        let number = own_slot().and_then(|(slot, _)| {
            slot.levels
                .iter()
                .position(|level| std::ptr::eq(level, self.0))
        });
        std::mem::forget(self);
        number.map_or(-1, |number| number as i32)
    }

    /// Takes back a record that the calling thread has given away.
    pub fn of_number(number: i32) -> Option<Record> {
        let (slot, _) = own_slot()?;
        slot.levels.get(usize::try_from(number).ok()?).map(Record)
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.0.number.store(0, Release);
        let is_outer = || own_slot().is_some_and(|(slot, _)| std::ptr::eq(self.0, &slot.levels[0]));
        if events::is_on() && is_outer() {
            events::record_at(EventKind::WaitEnd, 0, 0, None);
        }
    }
}

#[cfg(test)]
mod tests;
