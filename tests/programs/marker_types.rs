// PhantomData, marker traits, auto traits, Copy, and states as types.

use std::any::type_name;
use std::marker::PhantomData;
use std::sync::Arc;

struct Open;
struct Closed;

struct Door<State> {
    turns: u32,
    state: PhantomData<State>,
}

impl<State> Door<State> {
    fn after(turns: u32) -> Self {
        let state = PhantomData;
        Door { turns, state }
    }
}

impl Door<Closed> {
    fn new() -> Self {
        Door::after(0)
    }

    fn open(self) -> Door<Open> {
        Door::after(self.turns + 1)
    }
}

impl Door<Open> {
    fn close(self) -> Door<Closed> {
        Door::after(self.turns + 1)
    }
}

fn needs_send<T: Send + Sync + 'static>(_: &T) -> &'static str {
    type_name::<T>().rsplit("::").next().unwrap_or_default()
}

trait Checked: Copy + PartialEq {}

impl Checked for u8 {}
impl Checked for (char, bool) {}

fn same<T: Checked>(a: T, b: T) -> bool {
    let (first, second) = (a, b);
    a == second && first == b
}

fn main() {
    let door = Door::new();
    let door = door.open().close().open();
    println!("{}", door.turns);
    println!("{}", size_of_val(&door) == size_of::<u32>());
    println!("{}", needs_send(&5_i32));
    println!("{}", needs_send(&Arc::new(false)));
    println!("{} {}", same(1, 1), same(('a', true), ('b', true)));
}
