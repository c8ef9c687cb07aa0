//! Who has the turn.

use super::board::{Board, State, Status, ThreadState};
use super::order;
use super::step::{Kind, Request};
use crate::runtime::raw_syscall::raw;
use std::cell::Cell;
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32};

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

/// Makes this process a run, without a thread whose steps are planned.
pub fn set_board(board: &'static Board) {
    BOARD.store(std::ptr::from_ref(board).cast_mut(), Release);
    set_process();
}

/// Notes the id of this process.
pub fn set_process() {
    PROCESS.store(std::process::id() as i32, Relaxed);
}

/// Returns the id of this process.
pub fn process() -> i32 {
    PROCESS.load(Relaxed)
}

/// Makes the calling thread that of an index, or one whose steps are not planned.
pub fn set_index(index: Option<usize>) {
    INDEX.set(index.map_or(NONE, |index| index as u32));
}

/// Whether this process is a run.
pub fn is_on() -> bool {
    !BOARD.load(Relaxed).is_null()
}

/// Returns the board of this process, if it is a run.
pub fn board() -> Option<&'static Board> {
    // SAFETY: null, or the address of a board, which is never removed.
    unsafe { BOARD.load(Acquire).as_ref() }
}

/// Returns the board and the index of the calling thread, if its steps are planned.
pub fn planned() -> Option<(&'static Board, usize)> {
    let board = board()?;
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

/// Makes a step of the calling thread that touches nothing else, and that is called from this stack. `object` is the index of a thread that
/// is joined.
pub fn local_step(kind: Kind, object: usize, stack: &[u64]) {
    let Some((board, index)) = planned() else {
        return;
    };
    // SAFETY: a thread that comes here has the turn, and the reference ends before it gives the turn away.
    let state = unsafe { board.state() };
    want(state, index, Request::new(kind, object), stack);
    pass_on(board, Some(index));
}

/// Notes that a thread wants to make a step.
pub fn want(state: &mut State, index: usize, request: Request, stack: &[u64]) {
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
pub fn name(to: &mut [u8; 16]) {
    // SAFETY: PR_GET_NAME writes up to 16 bytes (prctl(2)).
    unsafe { libc::prctl(libc::PR_GET_NAME, to.as_mut_ptr()) };
}

/// Gives the turn to the thread that makes the next step. Returns when it is the turn of the calling thread, if it has not ended.
pub fn pass_on(board: &Board, index: Option<usize>) {
    // SAFETY: the calling thread has the turn. The reference ends with the decision, before the turn is given away.
    let state = unsafe { board.state() };
    order::ask(state, process());
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

pub fn wait_for_turn(board: &Board, index: usize) {
    let turn = &board.turns[index];
    while turn.swap(0, Acquire) == 0 {
        futex(turn, libc::FUTEX_WAIT, 0);
    }
}

/// Ends the process of the run.
pub fn finish(board: &Board, status: Status) -> ! {
    // SAFETY: the calling thread has the turn.
    let first = unsafe { board.state() }.threads[0].process;
    board.status.store(status as u32, Release);
    if first != process() {
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
