//! A pipe in shared memory that carries whole messages, for any number of writers and readers in any processes.
//!
//! What a killed process leaves behind is known at every step. A message that fits is there all at once or not at all. One that
//! does not fit goes through in pieces; if its writer is killed in between, its reader gets an error, and the ring goes on
//! with the next. If a reader is killed in between, the next reader skips the rest.
//!
//! Lock order: `read_lock`, then `write_lock`.

use std::io;
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::robust::{RobustGuard, RobustMutex};
use crate::mapping::Mapping;
use crate::os;
use crate::shared::SLICE;

/// Bytes in flight: enough for four messages of 64 KiB, and small enough for a core's cache.
const CAPACITY: u64 = 256 * 1024;

/// Before each message: its length and its number.
const PREFIX: u64 = 2 * size_of::<u64>() as u64;

/// Looks before a reader or writer sleeps: a few microseconds, the time that another core needs for a message or two.
const SPINS: u32 = 200;

pub(crate) struct Ring {
    mapping: Mapping,
}

/// The bytes of the ring follow it in the mapping. Positions count all bytes since the beginning and never go back.
#[repr(C)]
struct Header {
    write_lock: RobustMutex,
    read_lock: RobustMutex,
    writer: Side,
    reader: Side,
    /// The end of the message that a reader takes in pieces. The next reader, should this one be killed, skips to it.
    reading_to: AtomicU64,
    /// 1 while a message is counted and not yet written to its end.
    unfinished: AtomicU32,
    /// Where that message begins and ends.
    unfinished_from: AtomicU64,
    unfinished_to: AtomicU64,
    /// Where a message breaks off because its writer ended, or 0. Nothing is written behind it until a reader has come
    /// here and taken this back, so there is never more than one.
    broken_at: AtomicU64,
    /// The process that wrote it.
    broken_by: AtomicU32,
    /// The process whose message is unfinished.
    written_by: AtomicU32,
}

/// What one side tells the other. On a cache line of its own.
#[repr(C, align(128))]
struct Side {
    /// All bytes before it are written, or read.
    position: AtomicU64,
    /// How many messages that is. Set from the number that each message carries, not added up, so that what a killed process
    /// left undone is right again after the next message.
    messages: AtomicU64,
    /// Counts the changes of `position`; the other side sleeps on it.
    moved: AtomicU32,
    /// How many of the other side sleep or are about to. One that was killed asleep is never taken off, which costs a system
    /// call now and then.
    sleepers: AtomicU32,
}

/// A message broke off, since its writer ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct WriterEnded {
    pub(crate) pid: u32,
}

/// Why a message was not written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotWritten {
    /// There are as many messages as there may be.
    Full,
    /// There is no room now, or another message is being written in pieces.
    NoRoom,
}

impl Ring {
    pub(crate) fn new() -> io::Result<Self> {
        let mapping = Mapping::new(size_of::<Header>() + CAPACITY as usize)?;
        let header: *mut Header = mapping.start().as_ptr().cast();
        // SAFETY: the mapping is new, large enough and aligned to a page. Zeros are a valid header but for the mutexes,
        // which are made here before anyone else sees it.
        unsafe {
            RobustMutex::init(&raw mut (*header).write_lock)?;
            RobustMutex::init(&raw mut (*header).read_lock)?;
        }
        Ok(Self { mapping })
    }

    /// How many messages are written and not read.
    pub(crate) fn len(&self) -> u64 {
        let header = self.header();
        if !self.has_bytes() {
            // A number that a killed writer took, for a message that never came, does not count.
            let unfinished = header.unfinished.load(Ordering::SeqCst) != 0;
            if !unfinished || (self.try_lock_for_writing().is_some() && !self.has_bytes()) {
                return 0;
            }
        }
        let read = header.reader.messages.load(Ordering::Acquire);
        let written = header.writer.messages.load(Ordering::Acquire);
        written.saturating_sub(read)
    }

    /// Writes a message at once, if there are less than `most` messages and there is room.
    pub(crate) fn try_write(&self, message: &[u8], most: u64) -> Result<(), NotWritten> {
        let header = self.header();
        let total = PREFIX + message.len() as u64;
        // Only who writes in pieces holds the lock for long.
        if header.unfinished.load(Ordering::Relaxed) != 0 || total > CAPACITY {
            return Err(NotWritten::NoRoom);
        }
        let _guard = self.lock_for_writing();
        if self.len() >= most {
            return Err(NotWritten::Full);
        }
        let start = header.writer.position.load(Ordering::Relaxed);
        if !self.room_for(start, total) {
            return Err(NotWritten::NoRoom);
        }
        let number = header.writer.messages.load(Ordering::Relaxed);
        self.write_whole(start, number, message);
        Ok(())
    }

    /// Writes a message and waits for room as long as it takes. Calls `counted` when the ring counts it, before a reader sees it.
    pub(crate) fn write(&self, message: &[u8], counted: impl FnOnce()) {
        let total = PREFIX + message.len() as u64;
        let _guard = self.lock_for_writing();
        let start = self.header().writer.position.load(Ordering::Relaxed);
        if total > CAPACITY {
            return self.write_in_pieces(start, message, counted);
        }
        self.wait_for_reader(|| self.room_for(start, total), None);
        let number = self.begin(start, total, counted);
        self.write_whole(start, number, message);
        self.header().unfinished.store(0, Ordering::SeqCst);
    }

    /// Waits for readers to take something, until `done`. False: the deadline came first.
    pub(crate) fn wait_for_reader(
        &self,
        done: impl Fn() -> bool,
        deadline: Option<Instant>,
    ) -> bool {
        self.sleep_until(&self.header().reader, done, deadline)
    }

    fn write_whole(&self, start: u64, number: u64, message: &[u8]) {
        let writer = &self.header().writer;
        self.copy_in(start, &prefix(message, number));
        self.copy_in(start + PREFIX, message);
        let end = start + PREFIX + message.len() as u64;
        writer.messages.store(number + 1, Ordering::Release);
        writer.position.store(end, Ordering::Release);
        self.wake(writer, 1);
    }

    fn write_in_pieces(&self, start: u64, message: &[u8], counted: impl FnOnce()) {
        let header = self.header();
        let total = PREFIX + message.len() as u64;
        let number = self.begin(start, total, counted);
        let mut at = start;
        for mut rest in [&prefix(message, number)[..], message] {
            while !rest.is_empty() {
                // Pieces of a quarter let both sides work at once.
                let piece = rest.len().min(CAPACITY as usize / 4);
                self.wait_for_reader(|| self.room_for(at, piece as u64), None);
                self.copy_in(at, &rest[..piece]);
                at += piece as u64;
                header.writer.position.store(at, Ordering::Release);
                // All: the one that reads this message must be among them.
                self.wake(&header.writer, i32::MAX);
                rest = &rest[piece..];
            }
        }
        header.unfinished.store(0, Ordering::SeqCst);
    }

    /// Counts a message before it is there, and gives its number. The caller holds `write_lock`.
    fn begin(&self, start: u64, total: u64, counted: impl FnOnce()) -> u64 {
        let header = self.header();
        header.unfinished_from.store(start, Ordering::Relaxed);
        header.unfinished_to.store(start + total, Ordering::Relaxed);
        header.written_by.store(os::process_id(), Ordering::Relaxed);
        header.unfinished.store(1, Ordering::SeqCst);
        let number = header.writer.messages.load(Ordering::Relaxed);
        header.writer.messages.store(number + 1, Ordering::SeqCst);
        counted();
        number
    }

    /// Takes the next message into `message`. False: none came before `deadline` (None: no limit).
    pub(crate) fn read(
        &self,
        message: &mut Vec<u8>,
        deadline: Option<Instant>,
    ) -> Result<bool, WriterEnded> {
        let header = self.header();
        loop {
            let something = || self.has_bytes() || self.stands_at_break();
            if !self.sleep_until(&header.writer, something, deadline) {
                return Ok(false);
            }
            let guard = header.read_lock.lock();
            let skip_to = header.reading_to.load(Ordering::Relaxed);
            if guard.owner_died && skip_to > header.reader.position.load(Ordering::Relaxed) {
                let _ = self.take_pieces(skip_to, |_, _| ());
            }
            if self.stands_at_break() {
                // A reader was killed when it had just seen it.
                self.take_break_back();
            }
            if self.has_bytes() {
                return self.take(message).map(|()| true);
            }
        }
    }

    /// Reads the message at the reader's position. The caller holds `read_lock` and knows that there are bytes.
    fn take(&self, message: &mut Vec<u8>) -> Result<(), WriterEnded> {
        let header = self.header();
        let start = header.reader.position.load(Ordering::Relaxed);
        let mut word = [0; 8];
        // A message's first piece is its prefix, whole.
        self.copy_out(start, &mut word);
        let length = u64::from_le_bytes(word);
        self.copy_out(start + 8, &mut word);
        let number = u64::from_le_bytes(word);
        message.clear();
        message.reserve_exact(length as usize);
        let end = start + PREFIX + length;
        if PREFIX + length <= CAPACITY {
            message.resize(length as usize, 0);
            self.copy_out(start + PREFIX, message);
            self.advance_reader(end, number + 1);
            return Ok(());
        }
        header.reading_to.store(end, Ordering::Relaxed);
        self.advance_reader(start + PREFIX, number + 1);
        self.take_pieces(end, |from, count| {
            let old = message.len();
            message.resize(old + count, 0);
            self.copy_out(from, &mut message[old..]);
        })
    }

    /// Reads on to `end` as the bytes come. The caller holds `read_lock`.
    fn take_pieces(&self, end: u64, mut piece: impl FnMut(u64, usize)) -> Result<(), WriterEnded> {
        let header = self.header();
        loop {
            let at = header.reader.position.load(Ordering::Relaxed);
            if at == end {
                return Ok(());
            }
            let written = header.writer.position.load(Ordering::Acquire);
            let available = written.min(end);
            if available > at {
                piece(at, (available - at) as usize);
                header.reader.position.store(available, Ordering::Release);
                self.wake(&header.reader, i32::MAX);
            } else if self.stands_at_break() {
                let pid = header.broken_by.load(Ordering::Relaxed);
                // In this order: nothing is left to skip, should this reader be killed.
                header.reading_to.store(at, Ordering::SeqCst);
                self.take_break_back();
                return Err(WriterEnded { pid });
            } else {
                let more = || header.writer.position.load(Ordering::Acquire) > at;
                let slice = Instant::now() + SLICE;
                if !self.sleep_until(&header.writer, more, Some(slice)) {
                    // Free now means that its owner ended, or that the message is whole: look again.
                    drop(self.try_lock_for_writing());
                }
            }
        }
    }

    fn lock_for_writing(&self) -> RobustGuard<'_> {
        let guard = self.header().write_lock.lock();
        self.mend(&guard);
        guard
    }

    fn try_lock_for_writing(&self) -> Option<RobustGuard<'_>> {
        let guard = self.header().write_lock.try_lock()?;
        self.mend(&guard);
        Some(guard)
    }

    /// Puts in order what a writer left that ended in the middle: notes where its message breaks off.
    fn mend(&self, guard: &RobustGuard<'_>) {
        if !guard.owner_died {
            return;
        }
        let header = self.header();
        if header.unfinished.load(Ordering::Relaxed) != 0 {
            let from = header.unfinished_from.load(Ordering::Relaxed);
            let to = header.unfinished_to.load(Ordering::Relaxed);
            let at = header.writer.position.load(Ordering::Relaxed);
            // Otherwise nothing of the message is there, or all of it.
            if from < at && at < to {
                let by = header.written_by.load(Ordering::Relaxed);
                header.broken_by.store(by, Ordering::Relaxed);
                header.broken_at.store(at, Ordering::SeqCst);
            }
            header.unfinished.store(0, Ordering::SeqCst);
        }
        // It may have written something without waking anyone.
        self.wake(&header.writer, i32::MAX);
    }

    /// Whether all is read up to where a message breaks off.
    fn stands_at_break(&self) -> bool {
        let header = self.header();
        let broken_at = header.broken_at.load(Ordering::SeqCst);
        broken_at != 0 && broken_at == header.reader.position.load(Ordering::Acquire)
    }

    /// Lets writers go on behind the break. The caller holds `read_lock`.
    fn take_break_back(&self) {
        let header = self.header();
        header.broken_at.store(0, Ordering::SeqCst);
        self.wake(&header.reader, i32::MAX);
    }

    fn has_bytes(&self) -> bool {
        let header = self.header();
        header.reader.position.load(Ordering::Acquire)
            != header.writer.position.load(Ordering::Acquire)
    }

    /// Whether `count` bytes can be written at `position`.
    fn room_for(&self, position: u64, count: u64) -> bool {
        let header = self.header();
        let read = header.reader.position.load(Ordering::Acquire);
        header.broken_at.load(Ordering::SeqCst) == 0 && position + count - read <= CAPACITY
    }

    fn advance_reader(&self, position: u64, messages: u64) {
        let reader = &self.header().reader;
        reader.messages.store(messages, Ordering::Release);
        reader.position.store(position, Ordering::Release);
        // All: they wait for different amounts of room.
        self.wake(reader, i32::MAX);
    }

    fn wake(&self, side: &Side, sleepers: i32) {
        side.moved.fetch_add(1, Ordering::SeqCst);
        if side.sleepers.load(Ordering::SeqCst) > 0 {
            os::futex_wake(&side.moved, sleepers);
        }
    }

    /// Waits for `side` to move until `done`. False: the deadline came first.
    fn sleep_until(&self, side: &Side, done: impl Fn() -> bool, deadline: Option<Instant>) -> bool {
        for _ in 0..SPINS {
            if done() {
                return true;
            }
            if deadline.is_some_and(|deadline| deadline <= Instant::now()) {
                return false;
            }
            std::hint::spin_loop();
        }
        side.sleepers.fetch_add(1, Ordering::SeqCst);
        let came = loop {
            let seen = side.moved.load(Ordering::SeqCst);
            if done() {
                break true;
            }
            let left = deadline.map_or(SLICE, |deadline| {
                deadline.saturating_duration_since(Instant::now())
            });
            if left == Duration::ZERO {
                break false;
            }
            // In slices: who was woken for the news may have been killed since.
            os::futex_wait(&side.moved, seen, left.min(SLICE));
        };
        side.sleepers.fetch_sub(1, Ordering::SeqCst);
        came
    }

    fn copy_in(&self, position: u64, bytes: &[u8]) {
        let (first, at) = self.split(position, bytes.len());
        // SAFETY: `split` keeps both parts inside the ring. The writer's lock is held and `room_for` held true, so no one
        // else reads or writes these bytes.
        unsafe {
            ptr::copy_nonoverlapping(bytes.as_ptr(), at.as_ptr(), first);
            ptr::copy_nonoverlapping(
                bytes[first..].as_ptr(),
                self.bytes().as_ptr(),
                bytes.len() - first,
            );
        }
    }

    fn copy_out(&self, position: u64, bytes: &mut [u8]) {
        let (first, at) = self.split(position, bytes.len());
        // SAFETY: as in `copy_in`; the reader's lock is held and these bytes are written but not yet read, so no writer
        // touches them.
        unsafe {
            ptr::copy_nonoverlapping(at.as_ptr(), bytes.as_mut_ptr(), first);
            ptr::copy_nonoverlapping(
                self.bytes().as_ptr(),
                bytes[first..].as_mut_ptr(),
                bytes.len() - first,
            );
        }
    }

    /// How many of `count` bytes at `position` come before the end of the ring, and where the first is.
    fn split(&self, position: u64, count: usize) -> (usize, NonNull<u8>) {
        let offset = (position % CAPACITY) as usize;
        assert!(count <= CAPACITY as usize, "more bytes than the ring has");
        // SAFETY: the offset is below the capacity, and so inside the mapping.
        let at = unsafe { self.bytes().add(offset) };
        (count.min(CAPACITY as usize - offset), at)
    }

    fn bytes(&self) -> NonNull<u8> {
        // SAFETY: the mapping is longer than the header by the capacity.
        unsafe { self.mapping.start().add(size_of::<Header>()) }
    }

    fn header(&self) -> &Header {
        // SAFETY: `new` put a header there; it lives as long as the mapping and is changed by atomics and mutexes alone.
        unsafe { self.mapping.start().cast().as_ref() }
    }
}

fn prefix(message: &[u8], number: u64) -> [u8; PREFIX as usize] {
    let mut bytes = [0; PREFIX as usize];
    bytes[..8].copy_from_slice(&(message.len() as u64).to_le_bytes());
    bytes[8..].copy_from_slice(&number.to_le_bytes());
    bytes
}
