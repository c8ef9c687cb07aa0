// Shortest paths, and a tree with weak references upwards.

use std::cell::{Cell, RefCell};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap, HashSet};
use std::rc::{Rc, Weak};
#[derive(Debug)]
struct Person {
    name: String,
    boss: RefCell<Weak<Person>>,
    team: RefCell<Vec<Rc<Person>>>,
    visits: Cell<u32>,
}
fn person(name: &str) -> Rc<Person> {
    Rc::new(Person {
        name: name.into(),
        boss: RefCell::default(),
        team: vec![].into(),
        visits: Cell::new(0),
    })
}
fn hire(boss: &Rc<Person>, new: &Rc<Person>) {
    *new.boss.borrow_mut() = Rc::downgrade(boss);
    boss.team.borrow_mut().push(new.clone());
}
fn shortest<'g>(
    graph: &BTreeMap<&'g str, Vec<(&'g str, u32)>>,
    from: &'g str,
) -> BTreeMap<&'g str, u32> {
    let mut best = BTreeMap::new();
    let mut heap = BinaryHeap::from([Reverse((0, from))]);
    while let Some(Reverse((d, at))) = heap.pop() {
        if best.contains_key(at) {
            continue;
        }
        best.insert(at, d);
        for &(to, w) in graph.get(at).into_iter().flatten() {
            heap.push(Reverse((d + w, to)));
        }
    }
    best
}
fn main() {
    let text = String::from("a b 4\na c 1\nc b 2\nb d 5");
    let mut graph: BTreeMap<&str, Vec<(&str, u32)>> = BTreeMap::new();
    for line in text.lines() {
        let [from, to, w] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!()
        };
        graph
            .entry(from)
            .or_default()
            .push((to, w.parse().unwrap()));
    }
    println!("{graph:?}");
    let best = shortest(&graph, "a");
    println!("{best:?}");
    let ann = person("Ann");
    let (bob, cy) = (person("Bob"), person("Cy"));
    hire(&ann, &bob);
    hire(&bob, &cy);
    let chief = cy
        .boss
        .borrow()
        .upgrade()
        .and_then(|b| b.boss.borrow().upgrade());
    println!("{}", chief.as_ref().map_or("none", |p| &p.name));
    let all = ann.team.borrow();
    println!("{} {}", all.len(), Rc::strong_count(&bob));
    for p in all.iter() {
        p.visits.set(p.visits.get() + 1);
    }
    drop(all);
    println!("{}", bob.visits.get());
    let words = ["one", "two", "one"];
    let mut seen = HashSet::new();
    let unique: Vec<_> = words.iter().filter(|w| seen.insert(**w)).collect();
    println!("{unique:?} {}", seen.len());
    let counts = words.iter().fold(HashMap::<_, usize>::new(), |mut m, w| {
        *m.entry(*w).or_insert(0) += 1;
        m
    });
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0)));
    println!("{counts:?}");
}
