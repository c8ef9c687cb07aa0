// Trait objects, extension traits, generic associated types, visitors.

use std::collections::BTreeMap;
use std::fmt::{self, Debug, Display, Write as _};
trait Shape: Debug {
    fn area(&self) -> f64;
    fn name(&self) -> String {
        format!("{self:?}").to_lowercase()
    }
    fn boxed(self) -> Box<dyn Shape>
    where
        Self: Sized + 'static,
    {
        Box::new(self)
    }
}
#[derive(Debug, Clone, Copy, PartialEq)]
struct Circle(f64);
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rect {
    w: f64,
    h: f64,
}
impl Shape for Circle {
    fn area(&self) -> f64 {
        3.0 * self.0 * self.0
    }
}
impl Shape for Rect {
    fn area(&self) -> f64 {
        self.w * self.h
    }
    fn name(&self) -> String {
        "rect".into()
    }
}
impl<S: Shape + ?Sized> Shape for Box<S> {
    fn area(&self) -> f64 {
        (**self).area()
    }
}
trait Ext {
    fn shout(&self) -> String;
}
impl<T: Display + ?Sized> Ext for T {
    fn shout(&self) -> String {
        self.to_string().to_uppercase()
    }
}
trait Animal {
    fn new(name: &str) -> Self
    where
        Self: Sized;
    fn noise(&self) -> &str;
}
struct Dog(String);
struct Cat;
impl Animal for Dog {
    fn new(n: &str) -> Dog {
        Dog(n.into())
    }
    fn noise(&self) -> &str {
        &self.0
    }
}
impl Animal for Cat {
    fn new(_: &str) -> Cat {
        Cat
    }
    fn noise(&self) -> &str {
        "meow"
    }
}
fn make<A: Animal + 'static>(n: &str) -> Box<dyn Animal> {
    Box::new(A::new(n))
}
trait Container {
    type Item;
    type Iter<'a>: Iterator<Item = &'a Self::Item>
    where
        Self: 'a;
    fn items(&self) -> Self::Iter<'_>;
    fn first(&self) -> Option<&Self::Item> {
        self.items().next()
    }
}
impl<T> Container for Vec<T> {
    type Item = T;
    type Iter<'a>
        = std::slice::Iter<'a, T>
    where
        T: 'a;
    fn items(&self) -> Self::Iter<'_> {
        self.iter()
    }
}
enum Expr {
    Num(i64),
    Bin(Box<Expr>, char, Box<Expr>),
}
trait Visitor {
    fn visit(&mut self, e: &Expr);
}
impl Expr {
    fn eval(&self) -> i64 {
        match self {
            Expr::Num(n) => *n,
            Expr::Bin(l, '+', r) => l.eval() + r.eval(),
            Expr::Bin(l, '*', r) => l.eval() * r.eval(),
            Expr::Bin(..) => unreachable!(),
        }
    }
}
struct Printer {
    out: String,
}
impl Visitor for Printer {
    fn visit(&mut self, e: &Expr) {
        match e {
            Expr::Num(n) => write!(self.out, "{n}").unwrap(),
            Expr::Bin(l, op, r) => {
                self.out.push('(');
                self.visit(l);
                self.out.push(*op);
                self.visit(r);
                self.out.push(')');
            }
        }
    }
}
impl From<i64> for Expr {
    fn from(n: i64) -> Self {
        Expr::Num(n)
    }
}
fn bin(l: impl Into<Expr>, op: char, r: impl Into<Expr>) -> Expr {
    Expr::Bin(Box::new(l.into()), op, Box::new(r.into()))
}
struct Table(BTreeMap<&'static str, Vec<u8>>);
impl Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (k, v) in &self.0 {
            writeln!(f, "{k:<width$}|{v:>3?}", width = f.width().unwrap_or(4))?;
        }
        Ok(())
    }
}
trait FirstItem: Container {
    fn first_item(&self) -> Option<&Self::Item> {
        Container::first(self)
    }
}
impl<C: Container> FirstItem for C {}
fn main() {
    let shapes: Vec<Box<dyn Shape>> = vec![Circle(1.0).boxed(), Rect { w: 2.0, h: 3.0 }.boxed()];
    for s in &shapes {
        println!("{} {}", s.name(), s.area());
    }
    let total: f64 = shapes.iter().map(|s| s.area()).sum();
    println!("{total} {}", "abc".shout() + &1.shout());
    let big = shapes
        .iter()
        .max_by(|a, b| a.area().total_cmp(&b.area()))
        .unwrap();
    println!("{big:?}");
    let animals = [make::<Dog>("wuff"), make::<Cat>("")];
    println!(
        "{}",
        animals
            .iter()
            .map(|a| a.noise())
            .collect::<Vec<_>>()
            .join(",")
    );
    println!("{:?}", vec![4, 5].first_item());
    let e = bin(bin(1, '+', 2), '*', 4);
    let mut p = Printer { out: String::new() };
    p.visit(&e);
    println!("{} = {}", p.out, e.eval());
    let t = Table(BTreeMap::from([("a", vec![1, 2]), ("bcd", vec![])]));
    print!("{t:6}");
    print!("{t}");
    let dyn_ref: &dyn Shape = &*shapes[0];
    println!("{}", dyn_ref.area());
    let r: Rect = *Box::new(Rect {
        w: 1.0,
        ..Rect { w: 0.0, h: 5.0 }
    });
    println!("{r:?}");
}
