// Rc and Weak: shared ownership, counts and a tree with parents.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

struct Node {
    name: String,
    parent: RefCell<Weak<Node>>,
    children: RefCell<Vec<Rc<Node>>>,
}

impl Node {
    fn new(name: &str) -> Rc<Node> {
        Rc::new(Node {
            name: name.to_string(),
            parent: RefCell::default(),
            children: RefCell::default(),
        })
    }

    fn adopt(self: &Rc<Self>, child: Rc<Node>) {
        *child.parent.borrow_mut() = Rc::downgrade(self);
        self.children.borrow_mut().push(child);
    }

    fn path(&self) -> String {
        match self.parent.borrow().upgrade() {
            Some(parent) => format!("{}/{}", parent.path(), self.name),
            None => self.name.clone(),
        }
    }
}

fn main() {
    let root = Node::new("root");
    let leaf = Node::new("leaf");
    println!("{} {}", root.path(), leaf.path());
    let branch = Node::new("branch");
    branch.adopt(Rc::clone(&leaf));
    root.adopt(branch);
    println!("{}", leaf.path());
    println!("{} {}", Rc::strong_count(&leaf), Rc::weak_count(&root));
    println!("{}", root.children.borrow()[0].children.borrow().len());
    drop(root);
    println!("{}", leaf.path());
    let mut shared = Rc::new(5);
    let second = Rc::clone(&shared);
    *Rc::make_mut(&mut shared) += 1;
    println!("{shared} {second} {}", Rc::ptr_eq(&shared, &second));
    println!(
        "{:?} {:?}",
        Rc::try_unwrap(second),
        Rc::get_mut(&mut shared)
    );
}
