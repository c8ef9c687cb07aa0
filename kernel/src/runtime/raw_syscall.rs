//! A system call that passes by the C library, whose functions this program defines once more.

use libc::c_long;
use std::arch::asm;

/// A system call; a negative result is an error's number.
///
/// # Safety
/// As the system call.
pub unsafe fn raw(number: c_long, [a, b, c, d, e, f]: [usize; 6]) -> c_long {
    let result;
    // SAFETY: the registers are those of syscall(2); the kernel changes only `rax`, `rcx`, `r11` and the memory that it is given.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => result,
            in("rdi") a,
            in("rsi") b,
            in("rdx") c,
            in("r10") d,
            in("r8") e,
            in("r9") f,
            lateout("rcx") _,
            lateout("r11") _,
            options(nostack),
        );
    }
    result
}
