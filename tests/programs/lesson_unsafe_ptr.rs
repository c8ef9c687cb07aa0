// Raw pointers, a spin lock, and a counted pointer.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::UnsafeCell;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ops::{Deref, DerefMut};
use std::ptr::{self, NonNull};
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering};
struct SpinLock<T> {
    locked: AtomicBool,
    value: UnsafeCell<T>,
}
unsafe impl<T: Send> Sync for SpinLock<T> {}
struct Guard<'a, T> {
    lock: &'a SpinLock<T>,
}
impl<T> SpinLock<T> {
    const fn new(v: T) -> Self {
        Self {
            locked: AtomicBool::new(false),
            value: UnsafeCell::new(v),
        }
    }
    fn lock(&self) -> Guard<'_, T> {
        while self.locked.swap(true, Ordering::Acquire) {
            std::hint::spin_loop()
        }
        Guard { lock: self }
    }
}
impl<T> Deref for Guard<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        unsafe { &*self.lock.value.get() }
    }
}
impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        unsafe { &mut *self.lock.value.get() }
    }
}
impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        self.lock.locked.store(false, Ordering::Release)
    }
}
static SPIN: SpinLock<Vec<i32>> = SpinLock::new(Vec::new());
struct Inner<T> {
    count: AtomicUsize,
    data: T,
}
struct MyArc<T> {
    ptr: NonNull<Inner<T>>,
}
unsafe impl<T: Send + Sync> Send for MyArc<T> {}
impl<T> MyArc<T> {
    fn new(data: T) -> Self {
        MyArc {
            ptr: NonNull::from(Box::leak(Box::new(Inner {
                count: AtomicUsize::new(1),
                data,
            }))),
        }
    }
    fn count(&self) -> usize {
        unsafe { self.ptr.as_ref().count.load(Ordering::Relaxed) }
    }
}
impl<T> Clone for MyArc<T> {
    fn clone(&self) -> Self {
        unsafe { self.ptr.as_ref().count.fetch_add(1, Ordering::Relaxed) };
        MyArc { ptr: self.ptr }
    }
}
impl<T> Deref for MyArc<T> {
    type Target = T;
    fn deref(&self) -> &T {
        unsafe { &self.ptr.as_ref().data }
    }
}
impl<T> Drop for MyArc<T> {
    fn drop(&mut self) {
        unsafe {
            if self.ptr.as_ref().count.fetch_sub(1, Ordering::AcqRel) == 1 {
                drop(Box::from_raw(self.ptr.as_ptr()))
            }
        }
    }
}
fn main() {
    let mut x = 5;
    let p = &raw mut x;
    unsafe {
        *p += 1;
    }
    println!("{}", unsafe { *p });
    let v = [1u16, 2, 3];
    let q = v.as_ptr();
    println!("{}", unsafe { *q.add(2) });
    let layout = Layout::array::<u32>(4).unwrap();
    let mem = unsafe { alloc(layout).cast::<u32>() };
    for i in 0..4 {
        unsafe { mem.add(i).write(i as u32 * 3) }
    }
    let slice = unsafe { std::slice::from_raw_parts(mem, 4) };
    println!("{slice:?}");
    let sum: u32 = slice.iter().sum();
    unsafe { dealloc(mem.cast(), layout) };
    println!("{sum}");
    let mut un: [MaybeUninit<String>; 2] = [const { MaybeUninit::uninit() }; 2];
    un[0].write("a".into());
    un[1].write("b".into());
    let arr: [String; 2] = un.map(|u| unsafe { u.assume_init() });
    println!("{arr:?}");
    std::thread::scope(|s| {
        for i in 0..4 {
            s.spawn(move || SPIN.lock().push(i));
        }
    });
    let mut got = SPIN.lock();
    got.sort();
    println!("{:?}", *got);
    drop(got);
    let a = MyArc::new(String::from("shared"));
    let b = a.clone();
    let t = std::thread::spawn(move || b.len());
    println!("{} {} {}", t.join().unwrap(), a.count(), *a);
    let m = ManuallyDrop::new(vec![1]);
    println!("{}", m.len());
    let at = AtomicPtr::new(ptr::null_mut::<i32>());
    let b = Box::into_raw(Box::new(7));
    println!("{}", at.swap(b, Ordering::SeqCst).is_null());
    let back = unsafe { Box::from_raw(at.load(Ordering::SeqCst)) };
    println!("{back}");
    let (mut l, mut r) = (1, 2);
    unsafe { ptr::swap(&mut l, &mut r) };
    println!("{l} {r}");
    let bytes: [u8; 4] = unsafe { std::mem::transmute(0x01020304u32.to_be()) };
    println!("{bytes:?}");
    let s = unsafe { String::from_utf8_unchecked(vec![b'o', b'k']) };
    println!("{s}");
}
