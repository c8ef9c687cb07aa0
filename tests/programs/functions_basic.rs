// Functions: parameters as patterns, returns, recursion, nesting and references.

fn greet(name: &str) -> String {
    format!("Hello, {name}!")
}

fn add((a, b): (i32, i32), [c, d]: [i32; 2]) -> i32 {
    a + b + c + d
}

fn factorial(n: u64) -> u64 {
    if n == 0 { 1 } else { n * factorial(n - 1) }
}

fn divide(a: i32, b: i32) -> (i32, i32) {
    (a / b, a % b)
}

fn push_twice(list: &mut Vec<u8>, value: u8) {
    list.push(value);
    list.push(value);
}

fn shout(mut text: String, _unused: ()) -> String {
    text.make_ascii_uppercase();
    text
}

fn is_even(n: u32) -> bool {
    fn is_odd(n: u32) -> bool {
        n != 0 && is_even(n - 1)
    }
    n == 0 || is_odd(n - 1)
}

fn main() {
    println!("{}", greet("Ada"));
    println!("{}", add((1, 2), [3, 4]));
    println!("{}", factorial(10));
    let (quotient, remainder) = divide(17, 5);
    println!("{quotient} {remainder}");
    let mut list = vec![1_u8];
    push_twice(&mut list, 7);
    println!("{list:?}");
    let loud = shout(String::from("quiet"), ());
    println!("{loud}");
    println!("{} {}", is_even(10), is_even(7));
}
