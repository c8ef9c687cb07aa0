// Linked lists, one of them with a cursor and a destructor.

#[derive(Debug)]
enum List {
    Cons(i32, Box<List>),
    Nil,
}
use List::{Cons, Nil};
struct IterMut<'a>(Option<&'a mut List>);
impl<'a> Iterator for IterMut<'a> {
    type Item = &'a mut i32;
    fn next(&mut self) -> Option<&'a mut i32> {
        match self.0.take()? {
            Nil => None,
            Cons(x, next) => {
                self.0 = Some(next);
                Some(x)
            }
        }
    }
}
impl List {
    fn push_back(&mut self, x: i32) {
        let mut at = self;
        while let Cons(_, next) = at {
            at = next;
        }
        *at = Cons(x, Box::new(Nil));
    }
    fn reversed(self) -> List {
        let mut out = Nil;
        let mut rest = self;
        while let Cons(x, next) = rest {
            out = Cons(x, Box::new(out));
            rest = *next;
        }
        out
    }
    fn iter_mut(&mut self) -> IterMut<'_> {
        IterMut(Some(self))
    }
}
struct Link<T> {
    value: T,
    next: Option<Box<Link<T>>>,
}
struct Stack<T> {
    head: Option<Box<Link<T>>>,
    len: usize,
}
impl<T> Stack<T> {
    const fn new() -> Self {
        Self { head: None, len: 0 }
    }
    fn push(&mut self, value: T) -> &mut Self {
        let next = self.head.take();
        self.head = Some(Box::new(Link { value, next }));
        self.len += 1;
        self
    }
    fn pop(&mut self) -> Option<T> {
        self.head.take().map(|l| {
            self.head = l.next;
            self.len -= 1;
            l.value
        })
    }
    fn peek_mut(&mut self) -> Option<&mut T> {
        self.head.as_mut().map(|l| &mut l.value)
    }
}
impl<T> Drop for Stack<T> {
    fn drop(&mut self) {
        while self.pop().is_some() {}
    }
}
fn main() {
    let mut list = Cons(1, Box::new(Nil));
    list.push_back(2);
    list.push_back(3);
    println!("{list:?}");
    for x in list.iter_mut() {
        *x *= 10;
    }
    let mut it = list.iter_mut();
    let first = it.next().unwrap();
    let second = it.next().unwrap();
    std::mem::swap(first, second);
    println!("{first} {second}");
    println!("{:?}", list.reversed());
    let mut s = Stack::new();
    s.push("a").push("b");
    if let Some(top) = s.peek_mut() {
        *top = "z";
    }
    let top = s.peek_mut();
    println!("{top:?}");
    println!("{:?} {:?} {:?}", s.pop(), s.pop(), s.pop());
    println!("{}", s.len);
    let mut s: Stack<Vec<u8>> = Stack::new();
    s.push(vec![1]);
    let v = s.peek_mut().unwrap();
    v.push(2);
    v.push(3);
    println!("{:?}", s.pop());
}
