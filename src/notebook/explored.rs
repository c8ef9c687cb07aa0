//! Asks the kernel for the turn to make a step, while a cell is explored: run in many orders of its threads' steps.

use std::any::Any;
use std::ffi::c_void;

use super::symbol::Symbol;

/// What a step does. The numbers are those of the kernel's runtime (`kernel/src/runtime/schedule/step.rs`).
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Load = 1,
    Store = 2,
    Lock = 4,
    TryLockFailed = 6,
    Unlock = 7,
    Send = 8,
    Receive = 9,
    /// Releases a lock to wait for a condition.
    Wait = 10,
    NotifyOne = 11,
    NotifyAll = 12,
    /// Arrives at a barrier.
    Arrive = 13,
    SetEvent = 24,
    ClearEvent = 25,
    /// Looks whether an event is set, to wait unless it is.
    WaitEvent = 26,
    /// Takes a permit of a semaphore.
    Acquire = 27,
    AcquireFailed = 28,
    /// Returns permits to a semaphore.
    Release = 29,
    /// Ends the waits at a barrier with an error.
    Break = 30,
}

/// Whether a step can be made now, by the address of its object.
pub(crate) type Probe = unsafe extern "C" fn(*const u8) -> bool;

/// A step, as the runtime reads it.
#[repr(C)]
struct Step {
    kind: u32,
    /// Whether it may be given up when nobody else can go on.
    is_timed: bool,
    is_weak: bool,
    /// Whether any process may call the probe.
    is_shared: bool,
    object: usize,
    lock: usize,
    place: usize,
    probe: Option<Probe>,
    probed: *const u8,
    text: *const u8,
    length: usize,
}

type TakeTurn = unsafe extern "C" fn(step: *const Step) -> bool;
type Result = unsafe extern "C" fn(kind: u32, from: u64, from_high: u64, to: u64, to_high: u64);

static STEP: Symbol = Symbol::new(c"threadbook_explore_step");
static RESULT: Symbol = Symbol::new(c"threadbook_explore_result");

/// Waits for the turn to make a step on the object at an address. `place` is the address of a location, or 0.
pub(super) fn step(kind: Kind, object: usize, place: usize) {
    take_turn(&Step::new(kind, object, place));
}

/// Waits for the turn to release a lock and wait for a condition. `place` is the address of a location, or 0.
pub(super) fn wait_step(condition: usize, lock: usize, place: usize) {
    take_turn(&Step {
        lock,
        ..Step::new(Kind::Wait, condition, place)
    });
}

/// As [`step`], also until `is_possible`, of the object's address, is true. Every process that shares the object calls it meanwhile. Returns
/// false if the step's time is over instead.
///
/// # Safety
/// It can be called with that address, in every process that shares the object.
pub(super) unsafe fn step_until(
    kind: Kind,
    object: usize,
    place: usize,
    is_timed: bool,
    is_possible: Probe,
) -> bool {
    take_turn(&Step {
        is_timed,
        is_shared: true,
        probe: Some(is_possible),
        probed: std::ptr::with_exposed_provenance(object),
        ..Step::new(kind, object, place)
    })
}

/// Reads a value when it is the thread's turn.
#[cold]
pub(super) fn load<T: 'static>(address: usize, place: usize, load: impl FnOnce() -> T) -> T {
    step(Kind::Load, address, place);
    let value = load();
    result(Kind::Load, number(&value), number(&value));
    value
}

/// Writes a value when it is the thread's turn. `store` returns the one that was there.
#[cold]
pub(super) fn store<T: Copy + 'static>(
    address: usize,
    place: usize,
    value: T,
    store: impl FnOnce(T) -> T,
) {
    step(Kind::Store, address, place);
    let before = store(value);
    result(Kind::Store, number(&before), number(&value));
}

/// Says what the last step of this thread was in the end, what it read and what it wrote.
pub(super) fn result(kind: Kind, from: i128, to: i128) {
    let Some(function) = RESULT.find() else {
        return;
    };
    // SAFETY: the kernel's function of this name has this signature, and stays loaded.
    let function = unsafe { std::mem::transmute::<*mut c_void, Result>(function) };
    let (low, high) = (
        |value: i128| value as u64,
        |value: i128| (value >> 64) as u64,
    );
    // SAFETY: it takes numbers.
    unsafe { function(kind as u32, low(from), high(from), low(to), high(to)) }
}

/// Returns false if the step's time is over.
fn take_turn(step: &Step) -> bool {
    let Some(function) = STEP.find() else {
        return true;
    };
    // SAFETY: the kernel's function of this name has this signature, and stays loaded.
    let function = unsafe { std::mem::transmute::<*mut c_void, TakeTurn>(function) };
    // SAFETY: the probe can be called with what it is about until the call returns.
    unsafe { function(step) }
}

/// Returns a value as a number; 0 if it is none.
fn number(value: &dyn Any) -> i128 {
    macro_rules! first {
        ($($number:ty)*) => {
            $(if let Some(number) = value.downcast_ref::<$number>() {
                return *number as i128;
            })*
        };
    }
    first!(i32 i64 u8 u32 u64 usize isize i8 i16 u16 bool f64 f32);
    0
}

impl Step {
    fn new(kind: Kind, object: usize, place: usize) -> Self {
        Self {
            kind: kind as u32,
            is_timed: false,
            is_weak: false,
            is_shared: false,
            object,
            lock: 0,
            place,
            probe: None,
            probed: std::ptr::null(),
            text: std::ptr::null(),
            length: 0,
        }
    }
}
