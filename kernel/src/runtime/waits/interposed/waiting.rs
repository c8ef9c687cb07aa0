//! The functions that wait, which record for how long: each knows the frame of its caller.

use super::next::next;
use crate::runtime::raw_syscall::raw;
use crate::runtime::schedule;
use crate::runtime::waits::planned;
use crate::runtime::waits::record::Record;
use crate::runtime::waits::table::Kind;
use crate::runtime::waits::unwind::Caller;
use libc::{c_int, c_long, pid_t, pthread_t, timespec};
use std::sync::atomic::AtomicPtr;

/// Makes a system call that may wait, and records that for as long as it does.
///
/// # Safety
/// As syscall(2); `arguments` are its arguments.
pub unsafe extern "C" fn wait(
    number: c_long,
    arguments: *const [usize; 6],
    caller: &Caller,
) -> c_long {
    // SAFETY: `waiting_syscall` has the array on its stack.
    let arguments = unsafe { *arguments };
    let [first, second, third, fourth, ..] = arguments;
    // SAFETY: the caller's promise, as for the system call.
    if number == libc::SYS_futex
        && let Some(result_of_planned) = unsafe { planned::futex(arguments) }
    {
        return result(result_of_planned);
    }
    let _record = match number {
        libc::SYS_futex => {
            let command = second as c_int & libc::FUTEX_CMD_MASK;
            let waits = matches!(
                command,
                libc::FUTEX_WAIT | libc::FUTEX_WAIT_BITSET | libc::FUTEX_LOCK_PI
            );
            let is_timed = fourth != 0;
            waits.then(|| Record::begin(Kind::Futex, first as u64, is_timed, caller.frame()))
        }
        libc::SYS_wait4 | libc::SYS_waitid => {
            let (child, options) = match number {
                libc::SYS_wait4 => (first, third),
                _ => (second, fourth),
            };
            let waits = options as c_int & libc::WNOHANG == 0;
            if waits && schedule::is_planned() {
                schedule::join_process(child as pid_t, &planned::stack(caller.frame()));
            }
            waits.then(|| Record::begin(Kind::Child, child as u64, false, caller.frame()))
        }
        _ => Some(Record::begin(
            Kind::System,
            number as u64,
            true,
            caller.frame(),
        )),
    };
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { result(raw(number, arguments)) }
}

/// # Safety
/// As pthread_join(3).
pub unsafe extern "C" fn join(
    thread: pthread_t,
    value: *mut *mut libc::c_void,
    caller: &Caller,
) -> c_int {
    static NEXT: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());
    let Some(next) = next(&NEXT, c"pthread_join") else {
        return libc::ENOSYS;
    };
    type Join = unsafe extern "C" fn(pthread_t, *mut *mut libc::c_void) -> c_int;
    // SAFETY: the C library's own function, of this type.
    let next = unsafe { std::mem::transmute::<*mut libc::c_void, Join>(next) };
    let is_planned = schedule::is_planned();
    if is_planned {
        schedule::join(thread, &planned::stack(caller.frame()));
    }
    let _record = (!is_planned).then(|| Record::begin(Kind::Join, thread, false, caller.frame()));
    // SAFETY: the caller's promise is its condition.
    unsafe { next(thread, value) }
}

/// # Safety
/// As clock_nanosleep(2).
pub unsafe extern "C" fn sleep_by_clock(
    clock: c_int,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
    caller: &Caller,
) -> c_int {
    let arguments = [
        clock as usize,
        flags as usize,
        time.addr(),
        left.addr(),
        0,
        0,
    ];
    // SAFETY: the caller's promise is the system call's condition. The function returns the error's number.
    sleeping(caller, || unsafe {
        -raw(libc::SYS_clock_nanosleep, arguments) as c_int
    })
}

/// # Safety
/// As nanosleep(2).
pub unsafe extern "C" fn sleep(
    time: *const timespec,
    left: *mut timespec,
    caller: &Caller,
) -> c_int {
    let arguments = [time.addr(), left.addr(), 0, 0, 0, 0];
    // SAFETY: the caller's promise is the system call's condition.
    sleeping(caller, || unsafe {
        result(raw(libc::SYS_nanosleep, arguments)) as c_int
    })
}

/// Records a sleep for as long as `sleep` takes. In a planned order it takes no time.
fn sleeping(caller: &Caller, sleep: impl FnOnce() -> c_int) -> c_int {
    if planned::yields(caller.frame()) {
        return 0;
    }
    let _record = Record::begin(Kind::Sleep, 0, true, caller.frame());
    sleep()
}

pub extern "C" fn yield_processor(caller: &Caller) -> c_int {
    if !planned::yields(caller.frame()) {
        // SAFETY: sched_yield(2) takes nothing.
        unsafe { raw(libc::SYS_sched_yield, [0; 6]) };
    }
    0
}

pub extern "C" fn begin_wait(kind: u32, subject: usize, is_timed: c_int, caller: &Caller) -> c_int {
    schedule::set_patient(is_timed == 0);
    let record = Kind::of_number(kind)
        .and_then(|kind| Record::begin(kind, subject as u64, is_timed != 0, caller.frame()));
    record.map_or(-1, Record::into_number)
}

/// Turns a raw result into the C library's: -1, with the number in `errno`, for an error.
pub extern "C" fn result(raw: c_long) -> c_long {
    if !(-4095..0).contains(&raw) {
        return raw;
    }
    // SAFETY: the calling thread's own `errno`.
    unsafe { *libc::__errno_location() = -raw as c_int };
    -1
}
