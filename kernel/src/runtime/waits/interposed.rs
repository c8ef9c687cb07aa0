//! The C library's functions that wait, for this process and all libraries in it.
//!
//! They are assembly, so that the registers of whoever calls them are known, from which its stack can be walked: each pushes the frame
//! pointer first, below the return address ([`Caller`]).

mod next;
mod spawn;

use super::planned::{self, Start};
use super::record::Record;
use super::table::Kind;
use super::unwind::Caller;
use super::{events, names};
use crate::runtime::raw_syscall::raw;
use crate::runtime::schedule;
use libc::{c_char, c_int, c_long, pid_t, pthread_t, timespec};
use next::next;
use std::arch::naked_asm;
use std::ffi::CStr;
use std::sync::atomic::AtomicPtr;

/// `syscall`: `std`, rayon, crossbeam and parking_lot wait by its futex(2).
///
/// # Safety
/// As syscall(2).
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn syscall(
    number: c_long,
    a: usize,
    b: usize,
    c: usize,
    d: usize,
    e: usize,
    f: usize,
) -> c_long {
    naked_asm!(
        "cmp rdi, {futex}",
        "je {waiting}",
        // Any other call goes on as it is (syscall(2), "Architecture calling conventions").
        "mov rax, rdi",
        "mov rdi, rsi",
        "mov rsi, rdx",
        "mov rdx, rcx",
        "mov r10, r8",
        "mov r8, r9",
        "mov r9, [rsp + 8]",
        "syscall",
        "cmp rax, -4095",
        "jae 2f",
        "ret",
        "2:",
        "mov rdi, rax",
        "jmp {result}",
        futex = const libc::SYS_futex,
        result = sym result,
        waiting = sym waiting_syscall,
    )
}

/// `syscall` for a call that may wait: hands its arguments, as an array, and its caller to [`wait`].
///
/// To be jumped to with the arguments of `syscall`.
///
/// # Safety
/// As syscall(2).
#[unsafe(naked)]
pub unsafe extern "C" fn waiting_syscall() -> c_long {
    naked_asm!(
        "push rbp",
        "mov rbp, rsp",
        "sub rsp, 48",
        "mov [rsp], rsi",
        "mov [rsp + 8], rdx",
        "mov [rsp + 16], rcx",
        "mov [rsp + 24], r8",
        "mov [rsp + 32], r9",
        "mov rax, [rbp + 16]",
        "mov [rsp + 40], rax",
        "mov rsi, rsp",
        "mov rdx, rbp",
        "call {wait}",
        "leave",
        "ret",
        wait = sym wait,
    )
}

/// Defines functions of the C library that are system calls of up to four arguments; the fifth is 0.
macro_rules! system_calls {
    ($($name:ident($($argument:ident: $type:ty),*) = $number:path;)*) => {
        $(
            /// # Safety
            /// As the C library's function.
            #[unsafe(naked)]
            #[unsafe(no_mangle)]
            pub unsafe extern "C" fn $name($($argument: $type),*) -> isize {
                naked_asm!(
                    "xor r9d, r9d",
                    "mov r8, rcx",
                    "mov rcx, rdx",
                    "mov rdx, rsi",
                    "mov rsi, rdi",
                    "mov edi, {number}",
                    "jmp {waiting}",
                    number = const $number,
                    waiting = sym waiting_syscall,
                )
            }
        )*
    };
}

system_calls! {
    accept4(socket: c_int, address: usize, length: usize, flags: c_int) = libc::SYS_accept4;
    recv(socket: c_int, buffer: usize, length: usize, flags: c_int) = libc::SYS_recvfrom;
    recvmsg(socket: c_int, message: usize, flags: c_int) = libc::SYS_recvmsg;
    connect(socket: c_int, address: usize, length: u32) = libc::SYS_connect;
    poll(files: usize, count: u64, timeout: c_int) = libc::SYS_poll;
    epoll_wait(epoll: c_int, events: usize, count: c_int, timeout: c_int) = libc::SYS_epoll_wait;
    flock(file: c_int, operation: c_int) = libc::SYS_flock;
    waitid(kind: u32, id: u32, info: usize, options: c_int) = libc::SYS_waitid;
}

/// waitpid(2).
///
/// # Safety
/// As waitpid(2).
#[unsafe(naked)]
#[unsafe(no_mangle)]
pub unsafe extern "C" fn waitpid(process: pid_t, status: *mut c_int, options: c_int) -> pid_t {
    naked_asm!(
        // wait4(2) without a place for the usage.
        "xor r8d, r8d",
        "mov rcx, rdx",
        "mov rdx, rsi",
        "mov rsi, rdi",
        "mov edi, {number}",
        "jmp {waiting}",
        number = const libc::SYS_wait4,
        waiting = sym waiting_syscall,
    )
}

/// Defines a function of the C library that calls `$inner` with its caller as one more argument, in `$register`.
macro_rules! with_caller {
    ($(#[$attribute:meta])* $name:ident($($argument:ident: $type:ty),*), $register:literal, $inner:path) => {
        $(#[$attribute])*
        #[unsafe(naked)]
        #[unsafe(no_mangle)]
        pub unsafe extern "C" fn $name($($argument: $type),*) -> c_int {
            naked_asm!(
                "push rbp",
                "mov rbp, rsp",
                concat!("mov ", $register, ", rbp"),
                "call {inner}",
                "pop rbp",
                "ret",
                inner = sym $inner,
            )
        }
    };
}

with_caller! {
    /// pthread_join(3).
    ///
    /// # Safety
    /// As pthread_join(3).
    pthread_join(thread: pthread_t, value: *mut *mut libc::c_void), "rdx", join
}

with_caller! {
    /// pthread_create(3): a watched cell shows who starts whom; and a thread has a name only if somebody names it.
    ///
    /// # Safety
    /// As pthread_create(3).
    pthread_create(
        thread: *mut pthread_t,
        attributes: *const libc::pthread_attr_t,
        start: Start,
        argument: *mut libc::c_void
    ), "r8", spawn::create
}

with_caller! {
    /// fork(2): likewise.
    ///
    /// # Safety
    /// As fork(2).
    fork(), "rdi", spawn::fork
}

with_caller! {
    /// clock_nanosleep(2).
    ///
    /// # Safety
    /// As clock_nanosleep(2).
    clock_nanosleep(clock: c_int, flags: c_int, time: *const timespec, left: *mut timespec), "r8", sleep_by_clock
}

with_caller! {
    /// nanosleep(2).
    ///
    /// # Safety
    /// As nanosleep(2).
    nanosleep(time: *const timespec, left: *mut timespec), "rdx", sleep
}

with_caller! {
    /// sched_yield(2).
    ///
    /// # Safety
    /// It takes nothing.
    sched_yield(), "rdi", yield_processor
}

with_caller! {
    /// What the helper crate calls before it waits in a loop of short waits. Returns the record's number, or -1.
    ///
    /// # Safety
    /// Any arguments will do.
    wait_begin(kind: u32, subject: usize, is_timed: c_int), "rcx", begin_wait
}

/// What the helper crate calls after that.
pub extern "C" fn wait_end(record: c_int) {
    schedule::set_patient(false);
    drop(Record::of_number(record));
}

extern "C" fn begin_wait(kind: u32, subject: usize, is_timed: c_int, caller: &Caller) -> c_int {
    schedule::set_patient(is_timed == 0);
    let record = Kind::of_number(kind)
        .and_then(|kind| Record::begin(kind, subject as u64, is_timed != 0, caller.frame()));
    record.map_or(-1, Record::into_number)
}

/// Makes a system call that may wait, and records that for as long as it does.
unsafe extern "C" fn wait(number: c_long, arguments: *const [usize; 6], caller: &Caller) -> c_long {
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

/// pthread_setname_np(3). `std` passes as much of a thread's name as the system keeps, from that thread.
///
/// # Safety
/// As pthread_setname_np(3).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn pthread_setname_np(thread: pthread_t, name: *const c_char) -> c_int {
    static NEXT: AtomicPtr<libc::c_void> = AtomicPtr::new(std::ptr::null_mut());
    let Some(next) = next(&NEXT, c"pthread_setname_np") else {
        return libc::ENOSYS;
    };
    type SetName = unsafe extern "C" fn(pthread_t, *const c_char) -> c_int;
    // SAFETY: the C library's own function, of this type; the caller's promise is its condition.
    let failed = unsafe { std::mem::transmute::<*mut libc::c_void, SetName>(next)(thread, name) };
    // SAFETY: pthread_self(3) takes nothing; the name is a C string.
    let is_cut = unsafe {
        thread == libc::pthread_self() && CStr::from_ptr(name).count_bytes() == names::SYSTEM_BYTES
    };
    if failed == 0 && is_cut {
        names::keep_std_name();
    }
    failed
}

/// The C library's `_exit`, in this process and all libraries in it.
#[unsafe(no_mangle)]
pub extern "C" fn _exit(status: c_int) -> ! {
    schedule::end_process();
    events::record_end();
    loop {
        // SAFETY: exit_group(2) takes an integer and does not return.
        unsafe { raw(libc::SYS_exit_group, [status as usize, 0, 0, 0, 0, 0]) };
    }
}

unsafe extern "C" fn join(
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

unsafe extern "C" fn sleep_by_clock(
    clock: c_int,
    flags: c_int,
    time: *const timespec,
    left: *mut timespec,
    caller: &Caller,
) -> c_int {
    if planned::yields(caller.frame()) {
        return 0;
    }
    let _record = Record::begin(Kind::Sleep, 0, true, caller.frame());
    let arguments = [
        clock as usize,
        flags as usize,
        time.addr(),
        left.addr(),
        0,
        0,
    ];
    // SAFETY: the caller's promise is the system call's condition. The function returns the error's number.
    unsafe { -raw(libc::SYS_clock_nanosleep, arguments) as c_int }
}

unsafe extern "C" fn sleep(time: *const timespec, left: *mut timespec, caller: &Caller) -> c_int {
    if planned::yields(caller.frame()) {
        return 0;
    }
    let _record = Record::begin(Kind::Sleep, 0, true, caller.frame());
    let arguments = [time.addr(), left.addr(), 0, 0, 0, 0];
    // SAFETY: the caller's promise is the system call's condition.
    unsafe { result(raw(libc::SYS_nanosleep, arguments)) as c_int }
}

extern "C" fn yield_processor(caller: &Caller) -> c_int {
    if !planned::yields(caller.frame()) {
        // SAFETY: sched_yield(2) takes nothing.
        unsafe { raw(libc::SYS_sched_yield, [0; 6]) };
    }
    0
}

/// Turns a raw result into the C library's: -1, with the number in `errno`, for an error.
extern "C" fn result(raw: c_long) -> c_long {
    if !(-4095..0).contains(&raw) {
        return raw;
    }
    // SAFETY: the calling thread's own `errno`.
    unsafe { *libc::__errno_location() = -raw as c_int };
    -1
}

#[cfg(test)]
mod tests;
