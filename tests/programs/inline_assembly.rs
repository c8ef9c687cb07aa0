// Inline assembly on x86-64 and AArch64, and plain Rust on other machines.

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
use std::arch::asm;

#[cfg(target_arch = "x86_64")]
fn add(a: u64, b: u64) -> u64 {
    let mut sum = a;
    unsafe {
        asm!("add {sum}, {b}", sum = inout(reg) sum, b = in(reg) b);
    }
    sum
}

#[cfg(target_arch = "aarch64")]
fn add(a: u64, b: u64) -> u64 {
    let sum;
    unsafe {
        asm!("add {sum}, {a}, {b}", sum = out(reg) sum, a = in(reg) a, b = in(reg) b);
    }
    sum
}

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
fn add(a: u64, b: u64) -> u64 {
    a.wrapping_add(b)
}

fn times(n: u64, factor: u32) -> u64 {
    (0..factor).fold(0, |sum, _| add(sum, n))
}

fn main() {
    println!("{}", add(2, 3));
    println!("{}", add(u64::MAX, 2));
    let mut n: u64 = 1;
    for _ in 0..10 {
        n = add(n, n);
    }
    println!("{n}");
    println!("{}", times(7, 6));
    let known = cfg!(any(target_arch = "x86_64", target_arch = "aarch64"));
    println!("{}", known || add(1, 1) == 2);
}
