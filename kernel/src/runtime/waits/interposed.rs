//! The C library's functions that wait, for this process and all libraries in it.
//!
//! They are assembly, so that the registers of whoever calls them are known, from which its stack can be walked: each pushes the frame
//! pointer first, below the return address ([`Caller`](super::unwind::Caller)).

mod next;
mod spawn;
mod waiting;

use super::planned::Start;
use super::record::Record;
use super::{events, names};
use crate::runtime::held_descriptors::closed;
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
        result = sym waiting::result,
        waiting = sym waiting_syscall,
    )
}

/// `syscall` for a call that may wait: hands its arguments, as an array, and its caller to [`waiting::wait`].
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
        wait = sym waiting::wait,
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
    pthread_join(thread: pthread_t, value: *mut *mut libc::c_void), "rdx", waiting::join
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
    clock_nanosleep(clock: c_int, flags: c_int, time: *const timespec, left: *mut timespec), "r8", waiting::sleep_by_clock
}

with_caller! {
    /// nanosleep(2).
    ///
    /// # Safety
    /// As nanosleep(2).
    nanosleep(time: *const timespec, left: *mut timespec), "rdx", waiting::sleep
}

with_caller! {
    /// sched_yield(2).
    ///
    /// # Safety
    /// It takes nothing.
    sched_yield(), "rdi", waiting::yield_processor
}

with_caller! {
    /// What the helper crate calls before it waits in a loop of short waits. Returns the record's number, or -1.
    ///
    /// # Safety
    /// Any arguments will do.
    wait_begin(kind: u32, subject: usize, is_timed: c_int), "rcx", waiting::begin_wait
}

/// What the helper crate calls after that.
pub extern "C" fn wait_end(record: c_int) {
    schedule::set_patient(false);
    drop(Record::of_number(record));
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

/// close(2): the runtime's copy, which sleeps, would keep a pipe, a socket or a lock that a cell closes.
///
/// # Safety
/// As close(2).
#[unsafe(no_mangle)]
pub unsafe extern "C" fn close(fd: c_int) -> c_int {
    // SAFETY: the caller's promise is the system call's condition.
    let failed = unsafe { raw(libc::SYS_close, [fd as usize, 0, 0, 0, 0, 0]) };
    if failed == 0 {
        closed(fd);
    }
    waiting::result(failed) as c_int
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

#[cfg(test)]
mod tests;
