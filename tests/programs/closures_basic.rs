// Closures: without captures, moving captures, FnMut counters and FnOnce.

fn apply_to_all(items: &[i32], f: impl Fn(i32) -> i32) -> Vec<i32> {
    items.iter().map(|&item| f(item)).collect()
}

fn repeat(times: usize, mut f: impl FnMut()) {
    for _ in 0..times {
        f();
    }
}

fn consume<F: FnOnce() -> String>(f: F) -> usize {
    f().len()
}

fn main() {
    let add_one = |x: i32| x + 1;
    println!("{}", add_one(4));
    let typed = |a: &str, b: usize| -> String { a.repeat(b) };
    println!("{}", typed("ab", 3));
    let base = 10;
    let add_base = move |x: i32| x + base;
    println!("{:?}", apply_to_all(&[1, 2, 3], add_base));
    println!("{}", add_base(base));
    let mut count = 0;
    let mut counter = move || {
        count += 1;
        count
    };
    println!("{} {} {}", counter(), counter(), counter());
    // The closure had its own copy.
    println!("{count}");
    let text = String::from("owned");
    let give = move || text;
    println!("{}", consume(give));
    let mut log: Vec<usize> = Vec::new();
    repeat(3, || log.push(log.len()));
    println!("{log:?}");
    let names = vec!["x", "y"];
    let show = move |i: usize| names[i];
    println!("{} {}", show(1), show(0));
    println!("{}", (|a, b| a * b)(6, 7));
    let nested = |x: i32| move |y: i32| x - y;
    println!("{}", nested(10)(3));
}
