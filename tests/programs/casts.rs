// Casts with as, and the lossless alternatives.

#[derive(Clone, Copy)]
enum Kind {
    A = 3,
    B = -1,
}

fn double(x: i32) -> i32 {
    x * 2
}

fn main() {
    println!("{} {} {}", 300_i32 as u8, -1_i32 as u32, 200_u8 as i8);
    println!("{} {} {}", 3.99_f64 as i32, -1.5 as u8, f64::NAN as i32);
    println!("{} {}", 1e20 as i64, i32::MAX as f32);
    println!("{} {}", 'A' as u32, 97_u8 as char);
    println!("{} {}", true as u8, false as i64);
    let kind = Kind::A;
    println!("{} {}", kind as i32, Kind::B as u8);
    let wide = 70_000_u32;
    println!("{} {:?}", wide as u16, u16::try_from(wide));
    println!("{}", u64::from(wide) + u64::from(true) + 'a' as u64);
    let list: [u8; 2] = [1, 2];
    let total: u32 = list.iter().map(|&b| b as u32).sum();
    println!("{total}");
    let f = double as fn(i32) -> i32;
    println!("{}", f(21));
    let is_even = (|n: u32| n % 2 == 0) as fn(u32) -> bool;
    println!("{} {}", is_even(2), is_even(3));
    println!("{:?}", Box::new([1, 2, 3]) as Box<[i32]>);
    println!("{}", (wide as f64 / 3.0).round() as usize);
    println!("{}", (1_u8 as char).is_control());
    println!("{}", &7_u16 as *const u16 != std::ptr::null());
}
