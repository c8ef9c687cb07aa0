// Closures: kept, returned, composed, boxed.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
struct Button<'a> {
    handlers: Vec<Box<dyn FnMut(&str) -> bool + 'a>>,
}
impl<'a> Button<'a> {
    fn on(&mut self, f: impl FnMut(&str) -> bool + 'a) -> &mut Self {
        self.handlers.push(Box::new(f));
        self
    }
    fn click(&mut self, what: &str) -> usize {
        self.handlers
            .iter_mut()
            .filter_map(|h| h(what).then_some(()))
            .count()
    }
}
fn counter(start: i32) -> impl FnMut() -> i32 {
    let mut n = start;
    move || {
        n += 1;
        n
    }
}
fn twice(mut f: impl FnMut()) {
    f();
    f();
}
fn curry(a: i32) -> impl Fn(i32) -> Box<dyn Fn(i32) -> i32> {
    move |b| Box::new(move |c| a + b + c)
}
fn memo(f: fn(u64) -> u64) -> impl FnMut(u64) -> u64 {
    let mut m = HashMap::new();
    move |x| *m.entry(x).or_insert_with(|| f(x))
}
fn call_with_ref<F>(f: F) -> usize
where
    F: for<'a> Fn(&'a str) -> &'a str,
{
    f("hello world").len()
}
fn main() {
    let mut c = counter(10);
    println!("{} {}", c(), c());
    let mut d = counter(0);
    d();
    println!("{} {}", c(), d());
    let mut log = vec![];
    twice(|| {
        let n = log.len();
        log.push(n)
    });
    println!("{log:?}");
    let mut push = |x| log.push(x);
    push(9);
    push(8);
    println!("{log:?}");
    let name = String::from("n");
    let greet = |greeting: &str| format!("{greeting} {name}");
    println!("{} {name}", greet("hi"));
    let consume = move || name.len();
    println!("{}", consume());
    println!("{}", curry(1)(2)(3));
    let add1 = curry(1);
    let add12 = add1(2);
    println!("{} {}", add12(10), add1(5)(5));
    let shared = Rc::new(RefCell::new(Vec::<String>::new()));
    let count = RefCell::new(0);
    let mut button = Button { handlers: vec![] };
    let s2 = Rc::clone(&shared);
    button
        .on(move |w| {
            s2.borrow_mut().push(w.to_owned());
            true
        })
        .on(|w| {
            *count.borrow_mut() += w.len();
            w.len() > 2
        });
    println!("{} {}", button.click("ab"), button.click("abc"));
    println!("{:?} {}", shared.borrow(), count.borrow());
    drop(button);
    println!("{}", Rc::strong_count(&shared));
    let mut square = memo(|x| x * x);
    println!("{} {}", square(4), square(4));
    println!("{}", call_with_ref(|s| &s[..5]));
    let ops: [(&str, fn(f64, f64) -> f64); 3] =
        [("+", |a, b| a + b), ("-", |a, b| a - b), ("max", f64::max)];
    for (n, f) in ops {
        print!("{n}{} ", f(5.0, 3.0));
    }
    println!();
    let table: HashMap<&str, Box<dyn Fn(i32) -> i32>> = HashMap::from([
        ("neg", Box::new(|x: i32| -x) as Box<dyn Fn(i32) -> i32>),
        ("abs", Box::new(i32::abs)),
    ]);
    println!("{} {}", table["neg"](3), table["abs"](-3));
    let fact = {
        fn f(n: u64) -> u64 {
            if n == 0 { 1 } else { n * f(n - 1) }
        }
        f
    };
    println!("{}", fact(10));
    let mut state = 1;
    let mut step = || {
        state *= 3;
        state
    };
    let (a, b) = (step(), step());
    println!("{a} {b} {state}");
    let v: Vec<Box<dyn FnOnce() -> String>> = vec![
        Box::new(|| "once".into()),
        Box::new({
            let t = "t".to_string();
            move || t
        }),
    ];
    println!("{:?}", v.into_iter().map(|f| f()).collect::<Vec<_>>());
}
