//! Decides which thread goes on.
//!
//! Steps that touch only their thread are made as soon as they can be, since it makes no difference to others when they are. At all other
//! steps a thread may be chosen freely, among those whose step can be made now. The plan says whom, up to its end; then the thread that
//! runs goes on for as long as it can, or one is drawn at random.
//!
//! Orders that differ only in the sequence of steps on different objects count as one. So that only one of them is run, a thread whose
//! step was tried first at a choice sleeps in the other branches of the choice, until somebody makes a step on the same object ("sleep
//! sets", P. Godefroid, Partial-Order Methods for the Verification of Concurrent Systems, 1996, chapter 5).

use super::board::{Choice, MAX_STEPS, State, Status, Step, Thread, ThreadState, bit};
use super::loops::{LOCKED_AGAIN, SPIN, calm, is_progress, note_left_out};
use super::step::{Kind, Probe, Request};

/// How often all threads may seem to wait for each other in loops before they do so for ever.
const MAX_IDLE: u32 = 1000;

/// Finds out which threads can make the steps that they want to make, as far as this process can. Threads of others have been asked when
/// theirs was the turn: most probes look only at their own process.
pub fn ask(state: &mut State, process: i32) {
    let count = state.thread_count;
    let threads = state.threads[..count].iter_mut();
    let is_ours = |thread: &&mut Thread| thread.process == process || thread.wanted.is_shared;
    for thread in threads.filter(|thread| thread.wants()).filter(is_ours) {
        let wanted = &thread.wanted;
        // SAFETY: the thread waits in the call to which it passed the probe and what it is about. It is one of this process, or the probe
        // may be called by all that are forked from the one which has loaded it.
        let is_ready = |probe: Probe| unsafe { probe(wanted.probed) };
        thread.is_ready = wanted.probe.is_none_or(is_ready);
    }
}

/// Chooses the thread that makes the next step, and notes the step. Everybody who has not ended wants to make one.
///
/// # Errors
/// How the run has ended.
pub fn decide(state: &mut State) -> Result<usize, Status> {
    loop {
        if state.step_count + 1 >= MAX_STEPS {
            return Err(over(state, Status::Endless));
        }
        if let Some(thread) = local(state) {
            make(state, thread);
            return Ok(thread);
        }
        let able = bits(state, |thread| thread.wants() && is_possible(state, thread));
        let spinning = bits(state, Thread::spins);
        if able != 0 && able & !spinning == 0 {
            state.idle += 1;
            if state.idle > MAX_IDLE {
                return Err(over(state, Status::Endless));
            }
            calm(state, u64::MAX);
            continue;
        }
        if able & spinning != 0 {
            note_left_out(state, able & spinning);
        }
        let able = able & !spinning;
        let thread = match able.count_ones() {
            0 => time_over(state).ok_or_else(|| over(state, Status::Deadlock))?,
            1 if state.asleep & able != 0 => return Err(Status::Redundant),
            1 => able.trailing_zeros() as usize,
            _ => choose(state, able)?,
        };
        let made = bit(thread);
        let awake = bits(state, |other| {
            depend(&other.wanted, &state.threads[thread].wanted)
        });
        state.asleep &= !awake & !made;
        calm(state, !made);
        state.current = thread as u8;
        make(state, thread);
        return Ok(thread);
    }
}

/// Returns how the run has ended if nobody goes on: what happens after the cell's own thread has ended is no matter.
fn over(state: &State, otherwise: Status) -> Status {
    match state.threads[0].state {
        ThreadState::Ended => Status::Done,
        _ => otherwise,
    }
}

/// Returns a thread whose step touches nothing else and can be made: the one that runs, or else the first.
fn local(state: &State) -> Option<usize> {
    let current = usize::from(state.current);
    let is_local = |&index: &usize| {
        let thread = &state.threads[index];
        let may_go = thread.wants() && !thread.spins();
        may_go && thread.kind().is_local() && is_possible(state, thread)
    };
    std::iter::once(current)
        .chain(0..state.thread_count)
        .find(is_local)
}

/// Chooses one of several threads that can go on.
fn choose(state: &mut State, enabled: u64) -> Result<usize, Status> {
    let position = state.choice_count;
    let is_planned = position < state.prefix_length;
    if position + 1 == state.prefix_length {
        state.asleep = state.asleep_after;
    }
    let asleep = state.asleep;
    let candidates = sequence(enabled & !asleep, state.current);
    let chosen = if is_planned {
        let planned = state.prefix[position];
        if usize::from(planned) >= state.thread_count || enabled & bit(planned.into()) == 0 {
            return Err(Status::Strayed);
        }
        planned
    } else {
        let chosen = match &mut state.random {
            None => candidates.clone().next(),
            Some(seed) => {
                let count = candidates.clone().count();
                let drawn = draw(seed) % (count.max(1) as u64);
                state.weight *= count as f64;
                candidates.clone().nth(drawn as usize)
            }
        };
        chosen.ok_or(Status::Redundant)?
    };
    state.choices[position] = Choice {
        enabled,
        asleep,
        chosen,
        current: state.current,
        switches: state.switches,
    };
    state.choice_count += 1;
    if state.random.is_some() && !is_planned {
        // As if the branches before it had been run.
        for before in candidates.take_while(|thread| *thread != chosen) {
            state.asleep |= bit(before.into());
        }
    }
    if chosen != state.current && enabled & bit(state.current.into()) != 0 {
        state.switches += 1;
    }
    Ok(chosen.into())
}

/// Returns the threads of a choice in the sequence in which its branches are run: first the one that runs.
pub fn sequence(threads: u64, current: u8) -> impl Iterator<Item = u8> + Clone {
    let of_current = threads & bit(current.into());
    let first = (of_current != 0).then_some(current);
    let others = threads & !of_current;
    first
        .into_iter()
        .chain((0..64).filter(move |thread| others & bit((*thread).into()) != 0))
}

/// Lets the first thread give up whose time is limited, since nobody else can go on.
fn time_over(state: &mut State) -> Option<usize> {
    let index = (0..state.thread_count).find(|&index| {
        let thread = &state.threads[index];
        let needs_lock = thread.kind() == Kind::Relock;
        thread.wants() && thread.wanted.is_timed && (!needs_lock || thread.is_ready)
    })?;
    let thread = &mut state.threads[index];
    thread.is_timed_out = true;
    thread.condition = 0;
    Some(index)
}

/// Notes that a thread makes the step that it wants to make.
fn make(state: &mut State, index: usize) {
    let thread = &mut state.threads[index];
    thread.state = ThreadState::Runs;
    let wanted = thread.wanted;
    let kind = thread.kind();
    if kind == Kind::Futex {
        return;
    }
    thread.step = state.step_count as u32;
    if kind == Kind::Yield {
        thread.spins += SPIN;
        thread.rests += 1;
    }
    let stack = thread.stack;
    let text = thread.text;
    state.steps[state.step_count] = Step {
        thread: index as u32,
        kind: wanted.kind,
        is_weak: wanted.is_weak,
        object: wanted.object,
        lock: wanted.lock,
        place: wanted.place,
        stack,
        from: 0,
        to: 0,
        text,
    };
    state.step_count += 1;
    match kind {
        Kind::Wait => {
            state.waits += 1;
            let since = state.waits;
            let thread = &mut state.threads[index];
            thread.condition = wanted.object;
            thread.waits_since = since;
        }
        Kind::NotifyOne => notify(state, wanted.object, 1),
        Kind::NotifyAll => notify(state, wanted.object, usize::MAX),
        _ => {}
    }
    if is_progress(kind) {
        state.threads[index].spins = 0;
        state.idle = 0;
    }
    if matches!(kind, Kind::Lock | Kind::LockShared) {
        let thread = &mut state.threads[index];
        if thread.locked_at == wanted.place {
            thread.spins += LOCKED_AGAIN;
        }
        thread.locked_at = wanted.place;
    }
}

/// Ends the waits of the threads that have waited longest for a condition.
fn notify(state: &mut State, condition: usize, most: usize) {
    for _ in 0..most {
        let waiting = state.threads[..state.thread_count].iter_mut();
        let first = waiting
            .filter(|thread| thread.condition == condition)
            .min_by_key(|thread| thread.waits_since);
        let Some(thread) = first else { return };
        thread.condition = 0;
    }
}

/// Notes what the last step of a thread read and wrote.
pub fn result(state: &mut State, index: usize, kind: Kind, from: i128, to: i128) {
    let thread = &mut state.threads[index];
    let step = &mut state.steps[thread.step as usize];
    step.kind = kind as u32;
    (step.from, step.to) = (from, to);
    match kind {
        Kind::Load if thread.seen == (step.object, from) => thread.spins += SPIN,
        Kind::Load => {
            thread.seen = (step.object, from);
            thread.spins = 0;
        }
        Kind::TryLockFailed | Kind::ReceiveFailed | Kind::AcquireFailed => thread.spins += SPIN,
        _ => {
            thread.spins = 0;
            state.idle = 0;
        }
    }
}

/// Whether two steps touch the same object.
fn depend(one: &Request, other: &Request) -> bool {
    let is_local = |request: &Request| Kind::of_number(request.kind).is_some_and(Kind::is_local);
    let touches = |object: usize| object != 0 && (object == other.object || object == other.lock);
    !is_local(one) && !is_local(other) && (touches(one.object) || touches(one.lock))
}

/// Whether the step that a thread wants to make can be made now.
fn is_possible(state: &State, thread: &Thread) -> bool {
    match thread.kind() {
        Kind::Join => {
            let joined = state.threads.get(thread.wanted.object);
            joined.is_none_or(|joined| joined.state == ThreadState::Ended)
        }
        Kind::Futex => thread.is_woken,
        Kind::Relock => thread.condition == 0 && thread.is_ready,
        _ => thread.is_ready,
    }
}

fn bits(state: &State, is_so: impl Fn(&Thread) -> bool) -> u64 {
    let threads = state.threads().iter().enumerate();
    threads
        .filter(|(_, thread)| is_so(thread))
        .fold(0, |bits, (index, _)| bits | bit(index))
}

/// Draws a number (G. L. Steele et al., Fast Splittable Pseudorandom Number Generators, 2014: SplitMix).
pub fn draw(seed: &mut u64) -> u64 {
    *seed = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut bits = *seed;
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

impl Thread {
    fn wants(&self) -> bool {
        self.state == ThreadState::Wants
    }

    pub fn kind(&self) -> Kind {
        Kind::of_number(self.wanted.kind).unwrap_or(Kind::Yield)
    }
}
