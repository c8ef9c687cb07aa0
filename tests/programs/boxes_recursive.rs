// Box: recursive types, a linked list and a binary tree.

#[derive(Debug)]
enum List {
    Cons(i32, Box<List>),
    Nil,
}

impl List {
    fn sum(&self) -> i32 {
        match self {
            List::Cons(n, rest) => n + rest.sum(),
            List::Nil => 0,
        }
    }
}

struct Node {
    key: i32,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}

fn insert(tree: &mut Option<Box<Node>>, key: i32) -> bool {
    match tree {
        None => {
            let (left, right) = (None, None);
            *tree = Some(Box::new(Node { key, left, right }));
            true
        }
        Some(node) if key < node.key => insert(&mut node.left, key),
        Some(node) if key > node.key => insert(&mut node.right, key),
        Some(_) => false,
    }
}

fn keys(tree: &Option<Box<Node>>) -> Vec<i32> {
    let Some(node) = tree else { return Vec::new() };
    [keys(&node.left), vec![node.key], keys(&node.right)].concat()
}

fn main() {
    let end = List::Cons(2, Box::new(List::Nil));
    let list = List::Cons(1, Box::new(end));
    println!("{list:?} {}", list.sum());
    let mut tree: Option<Box<Node>> = None;
    for key in [5, 2, 8, 1] {
        insert(&mut tree, key);
    }
    println!("{} {}", insert(&mut tree, 9), insert(&mut tree, 2));
    println!("{:?}", keys(&tree));
    let boxed = Box::new(41);
    println!("{}", *boxed + 1);
}
