// Coercions: deref, unsizing, function items and never.

use std::fmt::Display;
use std::rc::Rc;

fn length(text: &str) -> usize {
    text.len()
}

fn sum(items: &[i32]) -> i32 {
    items.iter().sum()
}

fn show(value: &dyn Display) -> String {
    value.to_string()
}

fn add_one(n: &mut i32) {
    *n += 1;
}

fn read(n: &i32) -> i32 {
    *n
}

fn twice(n: i32) -> i32 {
    n * 2
}

fn main() {
    let text = String::from("hello");
    println!("{} {}", length(&text), length(&Box::new(text.clone())));
    println!("{}", length(&Rc::new(text)));
    println!("{} {}", sum(&vec![1, 2]), sum(&[1, 2, 3]));
    println!("{} {} {}", show(&1), show(&"two"), show(&3.5));
    let mut n = 1;
    add_one(&mut n);
    println!("{}", read(&mut n));
    let object: Box<dyn Display> = Box::new('c');
    println!("{object}");
    let items: Rc<[u8]> = Rc::new([1, 2, 3]);
    println!("{}", items.len());
    let functions: [fn(i32) -> i32; 3] = [twice, |n| n + 1, i32::abs];
    println!("{:?}", functions.map(|f| f(-4)));
    let boxed: Box<dyn Fn(i32) -> i32> = Box::new(twice);
    println!("{}", boxed(8));
    let value: u32 = if n > 0 { 5 } else { panic!("not reached") };
    println!("{value}");
    let mixed = [&1 as &dyn Display, &"x", &'y'];
    println!("{}", mixed.map(show).join(" "));
}
