//! What an explored run is told and what it tells: the order that it is to follow, and the steps that were made.
//!
//! The explorer writes the plan before it forks the process of the run, which writes all else. It reads that when the process is dead.

use super::step::Kind;
use std::cell::UnsafeCell;
use std::sync::atomic::AtomicU32;

/// How many threads a run may have; an order names them by a digit or a letter.
pub const MAX_THREADS: usize = 62;

/// How many steps a run may have. One with more seems to have no end.
pub const MAX_STEPS: usize = 1 << 14;

const MAX_TEXT: usize = 1 << 18;
const MAX_MESSAGE: usize = 1 << 12;

/// How many calls of the stack are kept of a step that has no place.
pub const STACK_DEPTH: usize = 12;
const MAX_STACKS: usize = 512;

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum Status {
    /// The process has not told: it ended otherwise.
    Untold = 0,
    /// The cell ended, and so did all threads that could.
    Done = 1,
    /// No thread can go on.
    Deadlock = 2,
    /// A thread went on and on.
    Endless = 3,
    /// Another order, which differs only in steps on different objects, is or will be run.
    Redundant = 4,
    /// The plan's order could not be followed.
    Strayed = 5,
    /// The cell has more threads than can be explored.
    TooManyThreads = 6,
}

impl Status {
    pub fn of_number(number: u32) -> Status {
        match number {
            1 => Status::Done,
            2 => Status::Deadlock,
            3 => Status::Endless,
            4 => Status::Redundant,
            5 => Status::Strayed,
            6 => Status::TooManyThreads,
            _ => Status::Untold,
        }
    }
}

/// A moment at which more than one thread could go on.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// A bit for each thread that could.
    pub enabled: u64,
    /// A bit for each thread that is not to be tried here: orders in which it goes first are run elsewhere.
    pub asleep: u64,
    pub chosen: u8,
    /// The thread that made the step before.
    pub current: u8,
    /// How many switches from a thread that could go on there were before.
    pub switches: u32,
}

#[derive(Debug, Clone, Copy)]
pub struct Step {
    pub thread: u32,
    /// Of a [`Kind`].
    pub kind: u32,
    pub is_weak: bool,
    pub object: usize,
    pub lock: usize,
    pub place: usize,
    /// 0, or 1 more than the index of the stack.
    pub stack: u32,
    pub from: i128,
    pub to: i128,
    /// Of a print: which part of the texts.
    pub text: (u32, u32),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub enum ThreadState {
    Runs = 0,
    /// Wants to make a step.
    Wants = 1,
    Ended = 2,
}

#[derive(Clone, Copy)]
pub struct Thread {
    pub state: ThreadState,
    /// The step that it wants to make.
    pub wanted: super::step::Request,
    /// 0, or 1 more than the index of the stack of that step.
    pub stack: u32,
    /// Its `pthread_t`.
    pub handle: u64,
    pub parent: u32,
    /// Where it was started: 0, or 1 more than the index of a stack.
    pub started: u32,
    /// The process that it is in, and whether it is the first thread there.
    pub process: i32,
    pub is_process: bool,
    /// Whether the step that it wants to make can be made, as far as its process knows.
    pub is_ready: bool,
    /// Whether it waits in a loop of short waits, which end only when another thread ends them.
    pub is_patient: bool,
    /// What it wants to print: which part of the texts.
    pub text: (u32, u32),
    /// Its name, and that which it has if it is given none.
    pub name: [u8; 16],
    pub inherited_name: [u8; 16],
    /// The condition that it waits for, and since when; 0 if none.
    pub condition: usize,
    pub waits_since: u64,
    /// Its wait in a futex is over.
    pub is_woken: bool,
    pub is_timed_out: bool,
    /// The index of its last step.
    pub step: u32,
    /// How much its last steps look like those of a loop that waits for another thread.
    pub spins: u32,
    /// How often it has slept since another thread made a step.
    pub rests: u32,
    /// The object and the value of its last look, and the place of its last lock.
    pub seen: (usize, i128),
    pub locked_at: usize,
}

/// All that a run is told and tells. Zeros are an empty one.
pub struct State {
    pub prefix: [u8; MAX_STEPS],
    pub prefix_length: usize,
    /// The threads that are not to be tried where the prefix ends, since that was planned before; and those of the moment.
    pub asleep_after: u64,
    pub asleep: u64,
    /// What choices after the prefix are drawn from; `None` to stay with the thread that runs.
    pub random: Option<u64>,
    /// One over the probability with which the random choices were made.
    pub weight: f64,
    pub choice_count: usize,
    pub choices: [Choice; MAX_STEPS],
    pub step_count: usize,
    pub steps: [Step; MAX_STEPS],
    pub thread_count: usize,
    pub threads: [Thread; MAX_THREADS],
    /// The thread that made the last step that others notice.
    pub current: u8,
    pub switches: u32,
    /// How often all threads that could go on seemed to wait for each other.
    pub idle: u32,
    /// Whether a thread that seemed to wait in a loop had to let others go first, so that orders were left out; and where the first one
    /// was about to go on: the address of a `Location`, or 1 more than the index of a stack, or zeros if that is not known.
    pub left_out: bool,
    pub left_out_at: (usize, u32),
    pub waits: u64,
    pub stack_count: usize,
    pub stacks: [[u64; STACK_DEPTH]; MAX_STACKS],
    pub text_length: usize,
    pub text: [u8; MAX_TEXT],
    /// How the cell ended, as its function returned it.
    pub end: u32,
    pub message_length: usize,
    pub message: [u8; MAX_MESSAGE],
}

/// The state, and what several threads use at once.
pub struct Board {
    state: UnsafeCell<State>,
    /// Of a [`Status`].
    pub status: AtomicU32,
    /// How many steps were made.
    pub progress: AtomicU32,
    /// For each thread, 1 when it is its turn.
    pub turns: [AtomicU32; MAX_THREADS],
}

// SAFETY: `state` is used only by who has the turn, one thread of the run at a time, and by the explorer when there is no such thread
// (see `Board::state`). All else is atomic.
unsafe impl Sync for Board {}

impl Board {
    /// Returns the state.
    ///
    /// # Safety
    /// The caller is the thread whose turn it is, or the explorer while no process of a run lives, and has no other reference to the state.
    #[expect(
        clippy::mut_from_ref,
        reason = "the caller promises that it is the only one"
    )]
    pub unsafe fn state(&self) -> &mut State {
        // SAFETY: the caller's promise; zeros, with which the mapping begins, are a valid state.
        unsafe { &mut *self.state.get() }
    }
}

impl Board {
    /// Returns what the last run has told.
    ///
    /// # Safety
    /// No process of a run lives, and none is forked before the reference ends.
    pub unsafe fn told(&self) -> &State {
        // SAFETY: the caller's promise; zeros are a valid state.
        unsafe { &*self.state.get() }
    }
}

impl State {
    /// Forgets the last run, and plans the next one.
    pub fn plan(&mut self, prefix: &[u8], asleep: u64, random: Option<u64>) {
        self.prefix_length = prefix.len().min(MAX_STEPS);
        self.prefix[..self.prefix_length].copy_from_slice(&prefix[..self.prefix_length]);
        self.asleep_after = asleep;
        self.asleep = 0;
        self.random = random;
        self.weight = 1.0;
        self.choice_count = 0;
        self.step_count = 0;
        self.thread_count = 0;
        self.current = 0;
        self.switches = 0;
        self.idle = 0;
        self.left_out = false;
        self.left_out_at = (0, 0);
        self.waits = 0;
        self.stack_count = 0;
        self.text_length = 0;
        self.end = 0;
        self.message_length = 0;
    }

    pub fn steps(&self) -> &[Step] {
        &self.steps[..self.step_count]
    }

    pub fn choices(&self) -> &[Choice] {
        &self.choices[..self.choice_count]
    }

    pub fn threads(&self) -> &[Thread] {
        &self.threads[..self.thread_count]
    }

    /// Keeps a stack. Returns 1 more than its index, or 0 if there is none or no room.
    pub fn add_stack(&mut self, addresses: &[u64]) -> u32 {
        if addresses.is_empty() || self.stack_count == MAX_STACKS {
            return 0;
        }
        let stack = &mut self.stacks[self.stack_count];
        *stack = [0; STACK_DEPTH];
        for (to, address) in stack.iter_mut().zip(addresses) {
            *to = *address;
        }
        self.stack_count += 1;
        self.stack_count as u32
    }

    /// Keeps what is printed, as far as there is room. Returns where.
    pub fn add_text(&mut self, text: &[u8]) -> (u32, u32) {
        let start = self.text_length;
        let length = text.len().min(MAX_TEXT - start);
        self.text[start..start + length].copy_from_slice(&text[..length]);
        self.text_length += length;
        (start as u32, self.text_length as u32)
    }

    pub fn set_message(&mut self, message: &str) {
        let length = message.floor_char_boundary(MAX_MESSAGE);
        self.message[..length].copy_from_slice(&message.as_bytes()[..length]);
        self.message_length = length;
    }

    pub fn message(&self) -> String {
        String::from_utf8_lossy(&self.message[..self.message_length]).into_owned()
    }
}

impl Step {
    pub fn kind(&self) -> Kind {
        Kind::of_number(self.kind).unwrap_or(Kind::Yield)
    }
}

/// Returns the bit of a thread in a set of threads.
pub fn bit(thread: usize) -> u64 {
    1_u64.checked_shl(thread as u32).unwrap_or_default()
}
