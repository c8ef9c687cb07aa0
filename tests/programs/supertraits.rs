// Supertraits, and trait objects turned into objects of a supertrait.

use std::fmt::{self, Debug, Display};

trait Shape: Debug {
    fn area(&self) -> f64;
}

trait Named {
    fn name(&self) -> String;
}

trait Drawable: Shape + Named {
    fn draw(&self) -> String {
        format!("{} of area {:.1}: {:?}", self.name(), self.area(), self)
    }
}

#[derive(Debug, Clone)]
struct Rect(f64, f64);

impl Shape for Rect {
    fn area(&self) -> f64 {
        self.0 * self.1
    }
}

impl Named for Rect {
    fn name(&self) -> String {
        format!("rect {}", self.0)
    }
}

impl Drawable for Rect {}

impl Display for dyn Drawable {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "<{}>", self.name())
    }
}

fn show_all(items: &[Box<dyn Drawable>]) {
    for item in items {
        println!("{item} {}", item.area());
    }
}

fn main() {
    let rect = Rect(2.0, 3.5);
    println!("{}", rect.draw());
    let items: Vec<Box<dyn Drawable>> = vec![Box::new(rect.clone()), Box::new(Rect(2.0, 2.0))];
    show_all(&items);
    let mut shapes: Vec<Box<dyn Shape>> = Vec::new();
    for item in items {
        shapes.push(item);
    }
    println!("{shapes:?}");
    let total: f64 = shapes.iter().map(|shape| shape.area()).sum();
    println!("{total}");
}
