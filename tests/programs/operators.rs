// Operators: arithmetic, bits, comparison, logic, assignment and precedence.

fn noisy(name: &str, value: bool) -> bool {
    println!("asked {name}");
    value
}

fn main() {
    println!("{} {} {} {} {}", 7 + 2, 7 - 2, 7 * 2, 7 / 2, 7 % 2);
    println!("{} {} {}", -7 / 2, -7 % 2, (-7_i32).rem_euclid(2));
    println!("{} {}", 7.0 / 2.0, 7.5 % 2.0);
    let bits = 0b1100_u8;
    println!(
        "{:b} {:b} {:b}",
        bits & 0b1010,
        bits | 0b1010,
        bits ^ 0b1010
    );
    println!("{:b} {} {}", !bits, bits << 2, bits >> 2);
    let mut n = 10;
    n += 5;
    n -= 3;
    n *= 4;
    println!("{n}");
    n /= 5;
    n %= 6;
    n <<= 3;
    n |= 1;
    n ^= 0xf;
    n &= !2;
    n >>= 1;
    println!("{n}");
    println!("{} {} {}", 1 < 2, "abc" >= "abd", (1, 'z') < (2, 'a'));
    println!("{}", noisy("left", false) && noisy("right", true));
    println!("{}", noisy("first", true) || noisy("second", true));
    println!("{}", noisy("both", true) ^ noisy("sides", true));
    println!("{}", 2 + 3 * 4 - 10 / 5 % 3 << 1);
    println!("{} {}", !true, -(-3));
    let pair = (1, 2.5);
    println!("{}", pair.0 as f64 + pair.1);
    let boxed = Box::new(5);
    println!("{}", *boxed * *boxed);
    println!("{} {:?}", 250_u8.wrapping_add(10), 250_u8.checked_add(10));
}
