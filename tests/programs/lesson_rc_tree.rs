// Shared nodes, cells, and variables of a thread.

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
#[derive(Debug)]
struct Node {
    val: i32,
    kids: RefCell<Vec<Rc<Node>>>,
    up: RefCell<Weak<Node>>,
}
impl Node {
    fn new(val: i32) -> Rc<Node> {
        Rc::new(Node {
            val,
            kids: RefCell::default(),
            up: RefCell::new(Weak::new()),
        })
    }
    fn add(self: &Rc<Self>, kid: Rc<Node>) -> Rc<Node> {
        *kid.up.borrow_mut() = Rc::downgrade(self);
        self.kids.borrow_mut().push(Rc::clone(&kid));
        kid
    }
    fn sum(&self) -> i32 {
        self.val + self.kids.borrow().iter().map(|k| k.sum()).sum::<i32>()
    }
}
struct Counter {
    hits: Cell<u32>,
    names: RefCell<HashMap<String, u32>>,
    first: OnceCell<String>,
}
impl Counter {
    fn hit(&self, n: &str) -> u32 {
        self.hits.set(self.hits.get() + 1);
        self.first.get_or_init(|| n.to_owned());
        let mut names = self.names.borrow_mut();
        let c = names.entry(n.into()).or_insert(0);
        *c += 1;
        *c
    }
}
thread_local! { static DEPTH: Cell<usize> = const { Cell::new(0) }; static LOG: RefCell<Vec<String>> = RefCell::new(Vec::new()); }
fn enter<T>(f: impl FnOnce() -> T) -> T {
    DEPTH.set(DEPTH.get() + 1);
    let r = f();
    LOG.with_borrow_mut(|l| l.push(format!("d{}", DEPTH.get())));
    DEPTH.set(DEPTH.get() - 1);
    r
}
fn main() {
    let root = Node::new(1);
    let kid = root.add(Node::new(2));
    kid.add(Node::new(3));
    println!("{} {}", root.sum(), Rc::strong_count(&kid));
    let up = kid.up.borrow().upgrade().map(|p| p.val);
    println!("{up:?} {}", Rc::weak_count(&root));
    let weak = Rc::downgrade(&kid);
    root.kids.borrow_mut().clear();
    drop(kid);
    println!("{:?}", weak.upgrade().is_none());
    let c = Counter {
        hits: Cell::new(0),
        names: Default::default(),
        first: OnceCell::new(),
    };
    println!("{} {} {}", c.hit("a"), c.hit("b"), c.hit("a"));
    let names = c.names.borrow();
    let mut list: Vec<_> = names.iter().collect();
    list.sort();
    println!("{list:?} {:?}", c.first.get());
    println!("{}", c.names.try_borrow_mut().is_err());
    drop(list);
    drop(names);
    println!("{}", c.names.try_borrow_mut().is_ok());
    let r = enter(|| enter(|| DEPTH.get()));
    println!("{r} {:?}", LOG.take());
    let shared = Rc::new(RefCell::new(vec![1]));
    let (a, b) = (shared.clone(), Rc::clone(&shared));
    a.borrow_mut().push(2);
    let guard = b.borrow();
    println!("{guard:?} {}", shared.try_borrow_mut().is_err());
    drop(guard);
    let mut own = Rc::try_unwrap(shared)
        .unwrap_or_else(|rc| RefCell::new(rc.borrow().clone()))
        .into_inner();
    own.push(3);
    println!("{own:?}");
    let mut cow = Rc::new(5);
    *Rc::make_mut(&mut cow) += 1;
    println!("{cow} {}", Rc::ptr_eq(&cow, &cow.clone()));
    let text: Rc<str> = "rc".into();
    println!("{text} {}", Rc::strong_count(&text));
}
