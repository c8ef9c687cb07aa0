// Closures, pointers and generic structs whose types are known only later.

use std::marker::PhantomData;

#[derive(Debug)]
struct Wrapper<T> {
    items: Vec<T>,
    limit: usize,
}

impl<T> Wrapper<T> {
    fn new(limit: usize) -> Self {
        let items = Vec::new();
        Wrapper { items, limit }
    }

    fn add(&mut self, item: T) -> bool {
        let room = self.items.len() < self.limit;
        if room {
            self.items.push(item);
        }
        room
    }
}

struct Unit<T>(f64, PhantomData<T>);

struct Meter;

fn show(unit: &Unit<Meter>) -> String {
    format!("{} m", unit.0)
}

fn main() {
    let mut wrapper = Wrapper::new(2);
    println!("{}", wrapper.limit);
    println!("{} {}", wrapper.add('a'), wrapper.add('b'));
    println!("{} {wrapper:?}", wrapper.add('c'));
    let double = |x| x + x;
    println!("{}", double(2.25));
    let pair = |a, b| (b, a);
    println!("{:?}", pair(1_u8, "one"));
    let length = Unit(3.5, PhantomData);
    println!("{}", length.0);
    println!("{}", show(&length));
    let mut jobs = Vec::new();
    jobs.push(Box::new(|n| n * 2) as Box<dyn Fn(i32) -> i32>);
    jobs.push(Box::new(move |n| n + 1));
    println!("{}", jobs.iter().fold(5, |n, job| job(n)));
    let make = Default::default;
    let text: String = make();
    println!("{text:?}");
    let mut steps = std::iter::empty().collect::<Vec<_>>();
    steps.push(i32::abs as fn(i32) -> i32);
    println!("{}", steps[0](-3));
}
