// A search tree that grows through a cursor, and an iterator over it.

#[derive(Debug)]
struct Node {
    key: i32,
    left: Option<Box<Node>>,
    right: Option<Box<Node>>,
}
#[derive(Debug, Default)]
struct Tree {
    root: Option<Box<Node>>,
    size: usize,
}
struct Iter<'a> {
    stack: Vec<&'a Node>,
}
impl<'a> Iter<'a> {
    fn push(&mut self, mut node: Option<&'a Node>) {
        while let Some(n) = node {
            self.stack.push(n);
            node = n.left.as_deref();
        }
    }
}
impl<'a> Iterator for Iter<'a> {
    type Item = i32;
    fn next(&mut self) -> Option<i32> {
        let n = self.stack.pop()?;
        self.push(n.right.as_deref());
        Some(n.key)
    }
}
impl Tree {
    fn insert(&mut self, key: i32) -> bool {
        let mut place = &mut self.root;
        while let Some(node) = place {
            if key == node.key {
                return false;
            }
            place = if key < node.key {
                &mut node.left
            } else {
                &mut node.right
            };
        }
        *place = Some(Box::new(Node {
            key,
            left: None,
            right: None,
        }));
        self.size += 1;
        true
    }
    fn iter(&self) -> Iter<'_> {
        let mut it = Iter { stack: vec![] };
        it.push(self.root.as_deref());
        it
    }
}
impl<'a> IntoIterator for &'a Tree {
    type Item = i32;
    type IntoIter = Iter<'a>;
    fn into_iter(self) -> Iter<'a> {
        self.iter()
    }
}
fn main() {
    let mut tree = Tree::default();
    for k in [5, 2, 8, 1, 9, 2] {
        tree.insert(k);
    }
    let mut it = tree.iter();
    println!("{:?} {:?}", it.next(), it.next());
    let rest: Vec<_> = it.collect();
    println!("{rest:?}");
    let root = tree.root.as_mut().unwrap();
    root.key += 0;
    let left = root.left.as_mut();
    if let Some(l) = left {
        l.key = 3;
    }
    for k in &tree {
        print!("{k} ");
    }
    println!();
    let depth = {
        fn d(n: &Option<Box<Node>>) -> usize {
            n.as_ref().map_or(0, |n| 1 + d(&n.left).max(d(&n.right)))
        }
        d(&tree.root)
    };
    println!("{depth} {}", tree.size);
}
