//! Runs the threads of an explored cell one at a time, in an order that is planned.
//!
//! A run is a process of its own, which the explorer forks. Each of its threads asks here before it makes a step on something that threads
//! share, and goes on when it is its turn; what it does up to its next step touches nothing that is shared. The thread that has the turn
//! decides who gets it next ([`order`]), so there is no further thread.
//!
//! Steps come from the library for explored cells, and from the C library's functions that the runtime defines once more
//! (`waits/interposed.rs`): threads that are started and joined, sleeps, and waits in a futex(2), by which all else in `std` and in crates
//! waits. A thread that waits in a futex gives its turn away instead, and is woken here.

pub mod board;
mod order;
mod step;

use super::raw_syscall::raw;
use board::{Board, MAX_THREADS, STACK_DEPTH, State, Status, Thread, ThreadState};
pub use order::{draw, sequence};
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32};
pub use step::{Kind, Request};

/// The board of this process, if it is a run.
static BOARD: AtomicPtr<Board> = AtomicPtr::new(std::ptr::null_mut());

/// Not the index of a thread.
const NONE: u32 = u32::MAX;

/// The id of this process.
static PROCESS: AtomicI32 = AtomicI32::new(0);

thread_local! {
    /// The index of this thread, if its steps are planned.
    static INDEX: Cell<u32> = const { Cell::new(NONE) };
}

/// Makes this process a run, and the calling thread, its only one, the first thread of it.
pub fn begin(board: &'static Board) {
    PROCESS.store(std::process::id() as i32, Relaxed);
    // SAFETY: the calling thread is the only one, so it has the turn.
    let state = unsafe { board.state() };
    add_thread(state, 0, &[], false);
    state.threads[0].state = ThreadState::Runs;
    BOARD.store(std::ptr::from_ref(board).cast_mut(), Release);
    INDEX.set(0);
}

/// Whether this process is a run.
pub fn is_on() -> bool {
    !BOARD.load(Relaxed).is_null()
}

/// Returns the board and the index of the calling thread, if its steps are planned.
fn planned() -> Option<(&'static Board, usize)> {
    // SAFETY: null, or the address of a board, which is never removed.
    let board = unsafe { BOARD.load(Acquire).as_ref() }?;
    let index = INDEX
        .try_with(Cell::get)
        .ok()
        .filter(|index| *index != NONE)?;
    Some((board, index as usize))
}

/// Whether the steps of the calling thread are planned.
pub fn is_planned() -> bool {
    planned().is_some()
}

/// Waits for the calling thread's turn to make a step. Returns false if the step's time is over instead.
///
/// # Safety
/// The request's probe can be called with what it is about, and the text can be read, until this returns.
pub unsafe extern "C" fn step(request: &Request) -> bool {
    let Some((board, index)) = planned() else {
        return true;
    };
    // SAFETY: a thread that comes here has the turn, and the reference ends before it gives the turn away.
    let state = unsafe { board.state() };
    want(state, index, *request, &[]);
    pass_on(board, Some(index));
    // SAFETY: it is the turn of this thread again.
    let thread = unsafe { &mut board.state().threads[index] };
    !std::mem::take(&mut thread.is_timed_out)
}

/// Notes what the last step of the calling thread was in the end, and what it read and wrote, as the halves of 128 bits.
pub extern "C" fn result(kind: u32, from: u64, from_high: u64, to: u64, to_high: u64) {
    let (Some((board, index)), Some(kind)) = (planned(), Kind::of_number(kind)) else {
        return;
    };
    let number = |low: u64, high: u64| (u128::from(high) << 64 | u128::from(low)) as i128;
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    order::result(
        state,
        index,
        kind,
        number(from, from_high),
        number(to, to_high),
    );
}

/// Makes a step of the calling thread that touches nothing else, and that is called from this stack. `object` is the index of a thread that
/// is joined.
pub fn local_step(kind: Kind, object: usize, stack: &[u64]) {
    let Some((board, index)) = planned() else {
        return;
    };
    // SAFETY: as in `step`.
    let state = unsafe { board.state() };
    want(state, index, Request::new(kind, object), stack);
    pass_on(board, Some(index));
}

/// Adds a thread, or the first one of a process, that the calling thread is about to start. Returns its index.
pub fn spawn(stack: &[u64], is_process: bool) -> Option<usize> {
    let (board, parent) = planned()?;
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    let index = state.thread_count;
    if index == MAX_THREADS {
        finish(board, Status::TooManyThreads);
    }
    // The number of the new thread is known to its parent's step.
    add_thread(state, parent as u32, stack, is_process);
    want(state, parent, Request::new(Kind::Spawn, index), stack);
    pass_on(board, Some(parent));
    Some(index)
}

/// Notes that the started thread has this `pthread_t`, or that it is in this new process. It may begin from now on.
pub fn spawned(index: usize, handle: u64, process: Option<i32>) {
    if let Some((board, _)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        let state = unsafe { board.state() };
        state.threads[index].handle = handle;
        if let Some(process) = process {
            state.threads[index].process = process;
        }
        want(state, index, Request::new(Kind::Start, index), &[]);
    }
}

/// Takes back a thread that could not be started.
pub fn not_spawned(index: usize) {
    if let Some((board, _)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        unsafe { board.state() }.threads[index].state = ThreadState::Ended;
    }
}

/// Begins the calling thread, which is that of this index: waits for its first turn.
pub fn start(index: usize) {
    // SAFETY: as in `planned`.
    if let Some(board) = unsafe { BOARD.load(Acquire).as_ref() } {
        INDEX.set(index as u32);
        wait_for_turn(board, index);
    }
}

/// Begins this process, a fork of another one of the run: its only thread waits for its first turn.
pub fn start_process(index: usize) {
    PROCESS.store(std::process::id() as i32, Relaxed);
    start(index);
}

/// Ends the calling thread, and all others of its process, which is about to exit. Nothing is done for the run's first process: with it the
/// run ends.
pub fn end_process() {
    let Some((board, _)) = planned() else {
        return;
    };
    let process = PROCESS.load(Relaxed);
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    if process == state.threads[0].process {
        return;
    }
    let count = state.thread_count;
    let threads = state.threads[..count].iter_mut();
    for thread in threads.filter(|thread| thread.process == process) {
        thread.state = ThreadState::Ended;
    }
    end();
}

/// Waits until this process of the run has ended, if it is one.
pub fn join_process(process: i32, stack: &[u64]) {
    let Some((board, _)) = planned() else {
        return;
    };
    // SAFETY: a thread that comes here has the turn.
    let threads = unsafe { board.state() }.threads();
    let is_it = |thread: &Thread| thread.is_process && thread.process == process;
    if let Some(index) = threads.iter().rposition(is_it) {
        local_step(Kind::Join, index, stack);
    }
}

/// Notes whether the calling thread waits in a loop of short waits that only another thread ends.
pub fn set_patient(is_patient: bool) {
    if let Some((board, index)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        unsafe { board.state() }.threads[index].is_patient = is_patient;
    }
}

/// Ends the calling thread: from now on its steps are not planned.
pub fn end() {
    let Some((board, index)) = planned() else {
        return;
    };
    local_step(Kind::End, index, &[]);
    INDEX.set(NONE);
    // SAFETY: it is still the turn of this thread, which it gives away below.
    let thread = unsafe { &mut board.state().threads[index] };
    name(&mut thread.name);
    thread.state = ThreadState::Ended;
    pass_on(board, None);
}

/// Waits until the thread with this `pthread_t` has ended, for a join.
pub fn join(handle: u64, stack: &[u64]) {
    let Some((board, _)) = planned() else {
        return;
    };
    // SAFETY: a thread that comes here has the turn.
    let threads = unsafe { board.state() }.threads();
    // An id may be used again, so the last one counts.
    let index = threads.iter().rposition(|thread| thread.handle == handle);
    local_step(Kind::Join, index.unwrap_or(usize::MAX), stack);
}

/// Ends the run with how the cell's function ended, and the message of its panic or error: lets the threads go on that are left.
pub fn end_of_cell(end: u32, message: Option<&str>) -> ! {
    if let Some((board, _)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        let state = unsafe { board.state() };
        state.end = end;
        state.set_message(message.unwrap_or_default());
    }
    self::end();
    loop {
        // SAFETY: pause(2) takes nothing. The last thread that goes on ends the process.
        unsafe { libc::pause() };
    }
}

/// Has the calling thread wait in a futex(2) until it is woken; `None` if its steps are not planned. Returns the result of the system call.
///
/// # Safety
/// `word` is the address of an aligned 32-bit word that can be read.
pub unsafe fn futex_wait(
    word: usize,
    expected: u32,
    is_timed: bool,
    is_private: bool,
) -> Option<libc::c_long> {
    let (board, index) = planned()?;
    // SAFETY: the caller's promise.
    let word_now = unsafe { &*std::ptr::with_exposed_provenance::<AtomicU32>(word) };
    if word_now.load(Acquire) != expected {
        return Some(-libc::c_long::from(libc::EAGAIN));
    }
    // SAFETY: as in `step`.
    let state = unsafe { board.state() };
    let request = Request {
        is_timed: is_timed && !state.threads[index].is_patient,
        lock: owner(is_private),
        ..Request::new(Kind::Futex, word)
    };
    want(state, index, request, &[]);
    pass_on(board, Some(index));
    // SAFETY: it is the turn of this thread again.
    let thread = unsafe { &mut board.state().threads[index] };
    let is_timed_out = std::mem::take(&mut thread.is_timed_out);
    Some(match is_timed_out {
        true => -libc::c_long::from(libc::ETIMEDOUT),
        false => 0,
    })
}

/// Wakes up to `most` threads of this run that wait in a futex(2). Returns how many; `None` if the calling thread's steps are not planned.
pub fn futex_wake(word: usize, most: u32, is_private: bool) -> Option<libc::c_long> {
    let (board, _) = planned()?;
    // SAFETY: a thread that comes here has the turn.
    let state = unsafe { board.state() };
    let count = state.thread_count;
    let waiting = state.threads[..count].iter_mut().filter(|thread| {
        thread.state == ThreadState::Wants
            && thread.kind() == Kind::Futex
            && thread.wanted.object == word
            && thread.wanted.lock == owner(is_private)
            && !thread.is_woken
    });
    let mut woken = 0;
    for thread in waiting.take(most as usize) {
        thread.is_woken = true;
        woken += 1;
    }
    Some(woken)
}

/// Returns the process that a futex belongs to, or 0 if processes share it.
fn owner(is_private: bool) -> usize {
    match is_private {
        true => PROCESS.load(Relaxed) as usize,
        false => 0,
    }
}

fn add_thread(state: &mut State, parent: u32, stack: &[u64], is_process: bool) {
    let started = state.add_stack(&stack[..stack.len().min(STACK_DEPTH)]);
    let thread = &mut state.threads[state.thread_count];
    // SAFETY: zeros are a valid thread: it runs, and all else is a number or null.
    *thread = unsafe { std::mem::zeroed() };
    thread.parent = parent;
    thread.started = started;
    thread.process = PROCESS.load(Relaxed);
    thread.is_process = is_process;
    name(&mut thread.inherited_name);
    state.thread_count += 1;
}

/// Notes that a thread wants to make a step.
fn want(state: &mut State, index: usize, request: Request, stack: &[u64]) {
    let stack = state.add_stack(stack);
    let text = match request.length {
        0 => (0, 0),
        // SAFETY: the thread waits in the call to which it passed these bytes.
        length => state.add_text(unsafe { std::slice::from_raw_parts(request.text, length) }),
    };
    let thread = &mut state.threads[index];
    thread.text = text;
    if thread.name[0] == 0 && request.kind != Kind::Start as u32 {
        name(&mut thread.name);
    }
    thread.wanted = request;
    thread.is_ready = request.probe.is_none();
    thread.stack = stack;
    thread.is_woken = false;
    thread.state = ThreadState::Wants;
}

/// Writes the name of the calling thread.
fn name(to: &mut [u8; 16]) {
    // SAFETY: PR_GET_NAME writes up to 16 bytes (prctl(2)).
    unsafe { libc::prctl(libc::PR_GET_NAME, to.as_mut_ptr()) };
}

/// Gives the turn to the thread that makes the next step. Returns when it is the turn of the calling thread, if it has not ended.
fn pass_on(board: &Board, index: Option<usize>) {
    // SAFETY: the calling thread has the turn. The reference ends with the decision, before the turn is given away.
    let state = unsafe { board.state() };
    order::ask(state, PROCESS.load(Relaxed));
    let decided = order::decide(state);
    board.progress.fetch_add(1, Relaxed);
    match decided {
        Ok(next) if Some(next) == index => {}
        Ok(next) => {
            let turn = &board.turns[next];
            turn.store(1, Release);
            futex(turn, libc::FUTEX_WAKE, 1);
            if let Some(index) = index {
                wait_for_turn(board, index);
            }
        }
        Err(status) => finish(board, status),
    }
}

fn wait_for_turn(board: &Board, index: usize) {
    let turn = &board.turns[index];
    while turn.swap(0, Acquire) == 0 {
        futex(turn, libc::FUTEX_WAIT, 0);
    }
}

/// Ends the process of the run.
fn finish(board: &Board, status: Status) -> ! {
    // SAFETY: the calling thread has the turn.
    let first = unsafe { board.state() }.threads[0].process;
    board.status.store(status as u32, Release);
    if first != PROCESS.load(Relaxed) {
        // SAFETY: kill(2) takes no pointers. The run's first process is an ancestor of this one and waits for its turn, so it lives. The
        // explorer ends the others.
        unsafe { libc::kill(first, libc::SIGKILL) };
    }
    loop {
        // SAFETY: exit_group(2) takes an integer and does not return. No handler of the process is to run: the run is over.
        unsafe { raw(libc::SYS_exit_group, [0; 6]) };
    }
}

/// futex(2), not through the runtime's own definition, which leads here.
fn futex(word: &AtomicU32, operation: libc::c_int, value: u32) {
    let arguments = [
        word.as_ptr().addr(),
        operation as usize,
        value as usize,
        0,
        0,
        0,
    ];
    // SAFETY: the word is a live atomic, and there is no limit of time. Spurious wake-ups are possible; the caller checks again.
    unsafe { raw(libc::SYS_futex, arguments) };
}
