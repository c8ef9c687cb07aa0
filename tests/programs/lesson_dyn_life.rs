// Trait objects and closures that borrow, and returned iterators.

use std::collections::VecDeque;
use std::fmt::{Debug, Display};
use std::ops::{AddAssign, ControlFlow, Deref};
struct Tracker<'t> {
    log: &'t mut Vec<String>,
    name: &'t str,
}
impl<'t> Tracker<'t> {
    fn note(&mut self, what: impl Display) -> &mut Self {
        self.log.push(format!("{}:{what}", self.name));
        self
    }
}
struct Ring<T, const N: usize> {
    buf: VecDeque<T>,
}
impl<T, const N: usize> Ring<T, N> {
    fn push(&mut self, t: T) -> Option<T> {
        self.buf.push_back(t);
        if self.buf.len() > N {
            self.buf.pop_front()
        } else {
            None
        }
    }
    fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + use<'_, T, N> {
        self.buf.iter()
    }
}
struct Guarded<'a, T> {
    inner: &'a T,
    reads: std::cell::Cell<u32>,
}
impl<T> Deref for Guarded<'_, T> {
    type Target = T;
    fn deref(&self) -> &T {
        self.reads.set(self.reads.get() + 1);
        self.inner
    }
}
fn pick<'a, T: ?Sized + PartialOrd>(a: &'a T, b: &'a T) -> &'a T {
    if a >= b { a } else { b }
}
fn accumulate<T: AddAssign + Default + Copy>(xs: impl IntoIterator<Item = T>) -> T {
    let mut t = T::default();
    for x in xs {
        t += x;
    }
    t
}
fn visit<'v>(xs: &'v [i32], f: &mut dyn FnMut(&'v i32) -> ControlFlow<&'v i32>) -> Option<&'v i32> {
    for x in xs {
        if let ControlFlow::Break(b) = f(x) {
            return Some(b);
        }
    }
    None
}
fn main() {
    let mut log = Vec::new();
    let mut t = Tracker {
        log: &mut log,
        name: "t",
    };
    t.note(1).note("two");
    t.note('c');
    println!("{}", t.log.len());
    println!("{log:?}");
    let mut ring: Ring<_, 2> = Ring {
        buf: VecDeque::new(),
    };
    let out: Vec<Option<i32>> = (1..=4).map(|i| ring.push(i)).collect();
    println!(
        "{out:?} {:?} {}",
        ring.iter().rev().collect::<Vec<_>>(),
        ring.iter().len()
    );
    let data = vec![3, 1, 2];
    let g = Guarded {
        inner: &data,
        reads: Default::default(),
    };
    println!("{} {}", g.len(), g.iter().max().unwrap());
    println!("{}", g.reads.get());
    let s1 = String::from("pear");
    let best;
    {
        let s2 = "apple";
        best = pick(s1.as_str(), s2);
    }
    println!("{best} {}", pick(&[1, 2][..], &[1, 3]).len());
    println!("{} {}", accumulate([1.5, 2.0]), accumulate(1..4u8));
    let mut seen = vec![];
    let found = visit(&data, &mut |x| {
        seen.push(*x);
        if *x == 1 {
            ControlFlow::Break(x)
        } else {
            ControlFlow::Continue(())
        }
    });
    println!("{found:?} {seen:?}");
    let mut shapes: Vec<Box<dyn Fn(f64) -> f64 + Send>> = Vec::new();
    let k = 3.0;
    shapes.push(Box::new(move |x| x * k));
    shapes.push(Box::new(f64::sqrt));
    println!("{:?}", shapes.iter().map(|f| f(9.0)).collect::<Vec<_>>());
    let dbg: [&dyn Debug; 3] = [&1, &"s", &data];
    println!("{dbg:?}");
    let mut it = data.iter();
    let mut next = || it.next().copied();
    println!("{:?} {:?}", next(), next());
    println!("{:?}", it.as_slice());
    let (a, b) = data.split_at(1);
    let both = [a, b].concat();
    println!("{both:?} {}", a.len());
    let longest = ["x", "yyy"]
        .iter()
        .copied()
        .max_by_key(|s| s.len())
        .unwrap_or("");
    let owned: Box<str> = longest.into();
    println!("{owned}");
}
