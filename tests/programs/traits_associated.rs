// Traits with associated types, associated constants and type parameters.

use std::collections::VecDeque;

trait Container {
    type Item;
    const KIND: &'static str;

    fn put(&mut self, item: Self::Item);
    fn take(&mut self) -> Option<Self::Item>;
}

#[derive(Default)]
struct Stack<T>(Vec<T>);

#[derive(Default)]
struct Queue(VecDeque<u8>);

impl<T> Container for Stack<T> {
    type Item = T;
    const KIND: &'static str = "stack";

    fn put(&mut self, item: T) {
        self.0.push(item);
    }
    fn take(&mut self) -> Option<T> {
        self.0.pop()
    }
}

impl Container for Queue {
    type Item = u8;
    const KIND: &'static str = "queue";

    fn put(&mut self, item: u8) {
        self.0.push_back(item);
    }
    fn take(&mut self) -> Option<u8> {
        self.0.pop_front()
    }
}

fn refill<C: Container + Default>(items: impl IntoIterator<Item = C::Item>) -> C {
    let mut container = C::default();
    items.into_iter().for_each(|item| container.put(item));
    container
}

fn main() {
    let mut stack: Stack<&str> = refill(["a", "b", "c"]);
    println!("{:?} {:?}", stack.take(), stack.take());
    let mut queue = refill::<Queue>([1, 2]);
    println!("{:?}", queue.take());
    queue.put(9);
    println!("{:?} {:?} {:?}", queue.take(), queue.take(), queue.take());
    println!("{} {}", Stack::<i32>::KIND, Queue::KIND);
    println!("{}", stack.0.len());
}
