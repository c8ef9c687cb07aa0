// Function pointers: in arrays, structs and parameters, and from closures.

type Step = fn(f64) -> f64;

fn half(x: f64) -> f64 {
    x / 2.0
}

fn run(steps: &[Step], start: f64) -> f64 {
    steps.iter().fold(start, |value, step| step(value))
}

struct Button {
    label: &'static str,
    action: fn(&mut i32),
}

fn choose(up: bool) -> fn(i32) -> i32 {
    fn more(n: i32) -> i32 {
        n + 1
    }
    if up { more } else { |n| n - 1 }
}

fn identity<T>(value: T) -> T {
    value
}

fn main() {
    let steps: [Step; 4] = [half, f64::sqrt, |x| x + 1.0, half];
    println!("{}", run(&steps, 32.0));
    let f = half;
    println!("{}", f(5.0));
    let buttons = vec![
        Button {
            label: "up",
            action: |n| *n += 1,
        },
        Button {
            label: "reset",
            action: |n| *n = 0,
        },
    ];
    let mut value = 41;
    for button in &buttons {
        (button.action)(&mut value);
        println!("{} {value}", button.label);
    }
    println!("{} {}", choose(true)(5), choose(false)(5));
    let same: fn(&'static str) -> &'static str = identity;
    println!("{}", same("text"));
    let lengths: Vec<usize> = ["a", "bcd"].iter().map(|s| s.len()).collect();
    println!("{lengths:?}");
    let numbers = ["1", "x", "3"].map(str::parse::<i32>).map(Result::ok);
    println!("{numbers:?} {:?}", [1, 2].map(Some));
}
