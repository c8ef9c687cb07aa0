// Mutable statics, reached through raw pointers.

use std::ptr::{addr_of, addr_of_mut};

static mut COUNTER: u32 = 0;
static mut TABLE: [i32; 4] = [0; 4];

fn bump() -> u32 {
    // Only one thread runs in this program.
    unsafe {
        COUNTER += 1;
        COUNTER
    }
}

fn set(index: usize, value: i32) {
    let table = addr_of_mut!(TABLE);
    unsafe { (*table)[index] = value };
}

fn table() -> [i32; 4] {
    unsafe { *addr_of!(TABLE) }
}

fn counter() -> u32 {
    unsafe { (&raw const COUNTER).read() }
}

fn main() {
    println!("{}", bump());
    bump();
    println!("{}", bump());
    set(0, 10);
    set(3, -4);
    println!("{:?}", table());
    unsafe {
        let raw = &raw mut COUNTER;
        raw.write(raw.read() * 10);
    }
    println!("{}", counter());
    let sum: i32 = table().iter().sum();
    println!("{sum}");
    unsafe { *addr_of_mut!(TABLE) = [sum; 4] };
    println!("{:?}", table());
}
