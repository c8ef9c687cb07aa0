// Integer types: literals, limits, overflow handling, bits and bytes.

fn digits(mut n: u64) -> Vec<u8> {
    let mut out = Vec::new();
    while n > 0 {
        out.insert(0, (n % 10) as u8);
        n /= 10;
    }
    out
}

fn main() {
    println!("{} {} {} {}", 1_000, 0xff, 0o17, 0b101);
    println!("{} {}", b'A', 12_u8 as char == '\u{c}');
    println!("{} {} {}", i8::MIN, u16::MAX, i128::MAX);
    let big = u64::MAX;
    println!("{:?} {}", big.checked_add(1), big.wrapping_add(2));
    println!(
        "{:?} {}",
        100_i8.overflowing_add(100),
        100_i8.saturating_add(100)
    );
    println!("{} {}", 7_i32.div_euclid(-2), (-7_i32).rem_euclid(3));
    let flags = 0b0110_0001_u8;
    println!(
        "{} {} {}",
        flags.count_ones(),
        flags.leading_zeros(),
        flags.trailing_zeros()
    );
    println!("{:08b} {:x} {:#o}", flags.rotate_left(2), flags, flags);
    println!("{:?}", 0x0102_0304_u32.to_be_bytes());
    println!("{}", u16::from_le_bytes([1, 2]));
    println!("{:?}", digits(90_210));
    println!(
        "{:?} {:?}",
        "255".parse::<u8>(),
        "256".parse::<u8>().is_err()
    );
    println!("{:?}", i64::from_str_radix("-7f", 16));
    println!("{} {} {}", 2_u32.pow(20), 99_u32.isqrt(), 1000_u32.ilog2());
    println!("{} {}", 10_u8.abs_diff(250), (-3_i32).signum());
    println!("{}", usize::BITS >= 32);
}
