// Memory: moving values in and out of places, uninitialised memory and pointers.

use std::mem::{self, ManuallyDrop, MaybeUninit};
use std::ptr;

#[derive(Debug, Default, PartialEq)]
struct Buffer {
    data: Vec<u8>,
    name: String,
}

fn squares() -> [u32; 5] {
    let mut out = [MaybeUninit::<u32>::uninit(); 5];
    for (i, slot) in out.iter_mut().enumerate() {
        slot.write((i * i) as u32);
    }
    // All five elements are written.
    out.map(|slot| unsafe { slot.assume_init() })
}

fn swap_raw<T>(a: &mut T, b: &mut T) {
    unsafe { ptr::swap(a, b) }
}

fn sum_raw(values: &[i32]) -> i32 {
    let start = values.as_ptr();
    (0..values.len()).map(|i| unsafe { *start.add(i) }).sum()
}

fn main() {
    let mut buffer = Buffer::default();
    buffer.data.extend([1, 2, 3]);
    let taken = mem::take(&mut buffer.data);
    println!("{taken:?} {buffer:?}");
    let old = mem::replace(&mut buffer.name, "new".to_string());
    println!("{old:?} {:?}", buffer.name);
    let (mut a, mut b) = (1, 2);
    mem::swap(&mut a, &mut b);
    println!("{a} {b}");
    swap_raw(&mut a, &mut b);
    println!("{a} {b}");
    println!("{:?}", squares());
    println!("{}", sum_raw(&[10, 20, 30]));
    let raw = Box::into_raw(Box::new(5));
    unsafe { *raw += 1 };
    println!("{}", unsafe { Box::from_raw(raw) });
    let kept = ManuallyDrop::new(String::from("kept"));
    println!("{}", ManuallyDrop::into_inner(kept));
    println!(
        "{} {}",
        size_of::<Buffer>() == 6 * size_of::<usize>(),
        align_of::<u64>()
    );
}
