// The order in which values are dropped.

use std::mem;
struct Noisy(&'static str);
impl Drop for Noisy {
    fn drop(&mut self) {
        println!("drop {}", self.0)
    }
}
struct Pair {
    a: Noisy,
    b: Noisy,
}
fn make(n: &'static str) -> Noisy {
    println!("make {n}");
    Noisy(n)
}
fn take(_: Noisy) {
    println!("taken")
}
fn main() {
    let _ = make("ignored");
    let kept = make("kept");
    {
        let _x = make("x");
        let _y = make("y");
        println!("end of block");
    }
    take(kept);
    let pair = Pair {
        a: make("a"),
        b: make("b"),
    };
    let Pair { a, b } = pair;
    println!("moved a");
    drop(a);
    let mut slot = Some(make("slot"));
    slot = None;
    println!("{}", slot.is_none());
    let old = mem::replace(&mut slot, Some(make("new")));
    println!("{}", old.is_none());
    let taken = slot.take();
    println!("{}", taken.as_ref().map_or("", |n| n.0));
    mem::forget(make("forgotten"));
    let boxed: Box<Noisy> = Box::new(make("boxed"));
    let unboxed = *boxed;
    println!("{}", unboxed.0);
    let v = vec![make("v1"), make("v2")];
    let n = v.len();
    drop(v);
    println!("{n}");
    match make("matched").0 {
        s => println!("in match {s}"),
    }
    let len = make("temporary").0.len();
    println!("{len}");
    drop((taken, unboxed));
    println!("done");
    mem::forget(b);
}
