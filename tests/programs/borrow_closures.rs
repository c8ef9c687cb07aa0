// Closures that capture earlier variables by reference.

fn call_twice(mut f: impl FnMut(i32)) {
    f(1);
    f(2);
}

fn apply(f: &dyn Fn(&str) -> String, text: &str) -> String {
    f(text)
}

fn main() {
    let greeting = String::from("Hello");
    let greet = |name: &str| format!("{greeting}, {name}!");
    println!("{}", greet("Ann"));
    println!("{}", apply(&greet, "Bob"));
    println!("{greeting} is still here");
    let mut total = 0;
    let mut add = |n: i32| {
        total += n;
        total
    };
    println!("{} {}", add(5), add(6));
    add(100);
    println!("{total}");
    let mut log = vec!["start".to_string()];
    let mut note = |n: i32| log.push(format!("note {n}"));
    note(0);
    call_twice(&mut note);
    println!("{log:?}");
    let limits = [2, 4];
    let inside = |n: &i32| limits.contains(n);
    let found: Vec<i32> = (0..6).filter(inside).collect();
    println!("{found:?}");
    let table = vec![10, 20, 30];
    let look_up = |i: usize| table.get(i);
    println!("{:?} {:?}", look_up(1), look_up(5));
    let both: [&dyn Fn(i32) -> i32; 2] = [&|n| n + limits[0], &|n| n * limits[1]];
    println!("{:?}", both.map(|f| f(10)));
}
