// Destructors: the order of drops in inner scopes, and drops on moves.

struct Noisy(&'static str);

impl Drop for Noisy {
    fn drop(&mut self) {
        println!("drop {}", self.0);
    }
}

struct Pair {
    _second: Noisy,
    _first: Noisy,
}

fn make(name: &'static str) -> Noisy {
    println!("make {name}");
    Noisy(name)
}

fn pass(value: Noisy, flag: bool) -> Option<Noisy> {
    if flag { Some(value) } else { None }
}

fn main() {
    {
        let _a = make("a");
        let _b = make("b");
        println!("end of scope");
    }
    {
        let pair = Pair {
            _first: make("first"),
            _second: make("second"),
        };
        println!("{}", pair._first.0.len());
    }
    let moved = make("moved");
    println!("{}", pass(moved, false).is_none());
    let mut slot = Some(make("one"));
    slot = slot.take().and(Some(make("two")));
    println!("replaced: {}", slot.is_some());
    drop(slot);
    let _ = make("not bound");
    println!("{}", make("temporary").0);
    let list = vec![make("x"), make("y")];
    for item in list {
        println!("at {}", item.0);
    }
    let forgotten = make("forgotten");
    std::mem::forget(forgotten);
    match make("scrutinee").0.len() {
        n => println!("in match {n}"),
    }
    println!("done");
}
