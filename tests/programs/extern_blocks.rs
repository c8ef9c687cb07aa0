// Extern blocks that declare functions of the C library, and extern "C" fns.

use std::ffi::{CStr, CString, c_char, c_int};

unsafe extern "C" {
    safe fn abs(n: c_int) -> c_int;
    fn strlen(text: *const c_char) -> usize;
    fn atoi(text: *const c_char) -> c_int;
}

extern "C" fn triple(n: c_int) -> c_int {
    n * 3
}

#[unsafe(no_mangle)]
pub extern "C" fn programs_test_half(n: c_int) -> c_int {
    n / 2
}

fn length(text: &CStr) -> usize {
    unsafe { strlen(text.as_ptr()) }
}

fn parse(text: &str) -> Option<i32> {
    let text = CString::new(text).ok()?;
    Some(unsafe { atoi(text.as_ptr()) })
}

fn apply(f: extern "C" fn(c_int) -> c_int, n: i32) -> i32 {
    f(n)
}

fn main() {
    println!("{} {}", abs(-7), abs(3));
    println!("{}", length(c"hello"));
    let owned = CString::new("four").unwrap();
    println!("{} {:?}", length(&owned), owned);
    println!("{:?} {:?}", parse("42 apples"), parse("a\0b"));
    println!("{} {}", apply(triple, 5), apply(programs_test_half, 9));
    let f: extern "C" fn(c_int) -> c_int = triple;
    println!("{}", f(-1));
}
