// Closures that are returned, boxed, stored in structs and composed.

fn adder(n: i32) -> impl Fn(i32) -> i32 {
    move |x| x + n
}

fn counter(step: u32) -> impl FnMut() -> u32 {
    let mut total = 0;
    move || {
        total += step;
        total
    }
}

fn operation(name: &str) -> Box<dyn Fn(f64, f64) -> f64> {
    match name {
        "add" => Box::new(|a, b| a + b),
        "pow" => Box::new(f64::powf),
        _ => Box::new(|_, _| 0.0),
    }
}

fn compose<A, B, C>(f: impl Fn(A) -> B, g: impl Fn(B) -> C) -> impl Fn(A) -> C {
    move |x| g(f(x))
}

struct Cache<F: Fn(u64) -> u64> {
    work: F,
    known: Vec<(u64, u64)>,
}

impl<F: Fn(u64) -> u64> Cache<F> {
    fn get(&mut self, key: u64) -> u64 {
        if let Some((_, value)) = self.known.iter().find(|(k, _)| *k == key) {
            return *value;
        }
        let value = (self.work)(key);
        self.known.push((key, value));
        value
    }
}

fn main() {
    let add_five = adder(5);
    println!("{}", add_five(1));
    let mut count = counter(3);
    println!("{} {}", count(), count());
    println!("{}", operation("pow")(2.0, 10.0));
    let both = compose(add_five, |n| format!("<{n}>"));
    println!("{}", both(10));
    {
        let mut cache = Cache {
            work: |n| n * n,
            known: Vec::new(),
        };
        println!("{} {} {}", cache.get(4), cache.get(4), cache.known.len());
    }
    let mut jobs: Vec<Box<dyn FnMut() -> u32>> = vec![Box::new(counter(1)), Box::new(|| 7)];
    jobs.push(Box::new(count));
    println!("{:?}", jobs.iter_mut().map(|job| job()).collect::<Vec<_>>());
}
