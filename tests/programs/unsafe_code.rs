// Unsafe functions, unsafe blocks, raw pointers and unsafe traits.

use std::slice;

/// # Safety
/// The index must be inside of the slice.
unsafe fn get(items: &[i32], index: usize) -> i32 {
    unsafe { *items.as_ptr().add(index) }
}

fn split(items: &mut [i32], at: usize) -> (&mut [i32], &mut [i32]) {
    assert!(at <= items.len());
    let (start, length) = (items.as_mut_ptr(), items.len());
    unsafe {
        (
            slice::from_raw_parts_mut(start, at),
            slice::from_raw_parts_mut(start.add(at), length - at),
        )
    }
}

/// # Safety
/// All bytes of the type may be zero.
unsafe trait Zeroed: Sized {
    fn zeroed() -> Self {
        unsafe { std::mem::zeroed() }
    }
}

unsafe impl Zeroed for u32 {}
unsafe impl Zeroed for [i16; 3] {}

struct Handle(*mut String);

unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        drop(unsafe { Box::from_raw(self.0) });
        println!("freed");
    }
}

fn main() {
    println!("{}", unsafe { get(&[1, 2, 3], 2) });
    let mut data = [1, 2, 3, 4, 5];
    {
        let (left, right) = split(&mut data, 2);
        left[0] = 10;
        right[0] += left[1];
    }
    println!("{data:?}");
    println!("{} {:?}", u32::zeroed(), <[i16; 3]>::zeroed());
    let handle = Handle(Box::into_raw(Box::new("shared".to_string())));
    unsafe { (*handle.0).push('!') };
    println!("{}", unsafe { &*handle.0 });
    std::thread::spawn(move || drop(handle)).join().unwrap();
    println!("{}", unsafe { String::from_utf8_unchecked(vec![104, 105]) });
}
