// The forms of the let statement.

#[derive(Debug, Clone, Copy)]
struct Size {
    width: u32,
    height: u32,
}

fn pick(flag: bool) -> Size {
    let size;
    if flag {
        size = Size {
            width: 1,
            height: 2,
        };
    } else {
        size = Size {
            width: 3,
            height: 4,
        };
    }
    size
}

fn main() {
    let plain = 5;
    let typed: u64 = 6;
    let mut changing = 7_i8;
    changing -= 10;
    println!("{plain} {typed} {changing}");
    let late;
    late = "set later";
    println!("{late}");
    let late_typed: i32;
    if plain > 3 {
        late_typed = 1;
    } else {
        late_typed = 2;
    }
    println!("{late_typed}");
    let (a, b) = (1, "two");
    println!("{a} {b}");
    let Size { width, height: h } = pick(true);
    println!("{width} {h}");
    let [first, .., last] = [1, 2, 3, 4];
    println!("{first} {last}");
    let _ = pick(false);
    let _unused = pick(false).width;
    let whole @ Size { height, .. } = pick(false);
    println!("{whole:?} {height}");
    let value = if height > 3 { "tall" } else { "short" };
    println!("{value}");
    let (mut x, y);
    (x, y) = (10, 20);
    x += y;
    println!("{x} {y}");
}
