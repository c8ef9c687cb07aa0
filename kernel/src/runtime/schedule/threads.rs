//! The threads and processes of a run.

use super::board::{Board, MAX_THREADS, STACK_DEPTH, State, Status, Thread, ThreadState};
use super::step::{Kind, Request};
use super::turn::{
    board, finish, local_step, name, pass_on, planned, process, set_board, set_index, set_process,
    wait_for_turn, want,
};

/// Makes this process a run, and the calling thread, its only one, the first thread of it.
pub fn begin(board: &'static Board) {
    set_board(board);
    // SAFETY: the calling thread is the only one, so it has the turn.
    let state = unsafe { board.state() };
    add_thread(state, 0, &[], false);
    state.threads[0].state = ThreadState::Runs;
    set_index(Some(0));
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
    if let Some(board) = board() {
        set_index(Some(index));
        wait_for_turn(board, index);
    }
}

/// Begins this process, a fork of another one of the run: its only thread waits for its first turn.
pub fn start_process(index: usize) {
    set_process();
    start(index);
}

/// Ends the calling thread, and all others of its process, which is about to exit. Nothing is done for the run's first process: with it the
/// run ends.
pub fn end_process() {
    let Some((board, _)) = planned() else {
        return;
    };
    let process = process();
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

/// Ends the calling thread: from now on its steps are not planned.
pub fn end() {
    let Some((board, index)) = planned() else {
        return;
    };
    local_step(Kind::End, index, &[]);
    set_index(None);
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
pub fn end_of_cell(how: u32, message: Option<&str>) -> ! {
    if let Some((board, _)) = planned() {
        // SAFETY: a thread that comes here has the turn.
        let state = unsafe { board.state() };
        state.end = how;
        state.set_message(message.unwrap_or_default());
    }
    end();
    loop {
        // SAFETY: pause(2) takes nothing. The last thread that goes on ends the process.
        unsafe { libc::pause() };
    }
}

fn add_thread(state: &mut State, parent: u32, stack: &[u64], is_process: bool) {
    let started = state.add_stack(&stack[..stack.len().min(STACK_DEPTH)]);
    let thread = &mut state.threads[state.thread_count];
    // SAFETY: zeros are a valid thread: it runs, and all else is a number or null.
    *thread = unsafe { std::mem::zeroed() };
    thread.parent = parent;
    thread.started = started;
    thread.process = process();
    thread.is_process = is_process;
    name(&mut thread.inherited_name);
    state.thread_count += 1;
}
