// Options, results, parsed numbers and integers that get their types later.

#[derive(Debug, Default)]
struct Reading {
    level: u8,
    factor: f32,
}

fn check(result: Result<i16, String>) -> bool {
    result.is_ok_and(|n| n > 0)
}

fn pick(best: Option<&'static str>) -> usize {
    best.map_or(0, str::len)
}

fn main() {
    let mut best = None;
    println!("{}", best.is_none());
    for word in ["a", "ccc", "bb"] {
        if best.is_none_or(|b: &str| b.len() < word.len()) {
            best = Some(word);
        }
    }
    println!("{}", pick(best));
    let level = "17".parse().unwrap();
    let factor = 0.1;
    let reading = Reading { level, factor };
    println!("{reading:?} {}", reading.factor * f32::from(reading.level));
    let good = Ok(5);
    let bad = Err("no".to_string());
    println!("{} {}", check(good), check(bad));
    let mut pair = (None, Default::default());
    pair.0 = Some([1_u8]);
    pair.1 = 'z';
    println!("{pair:?}");
    let mut grid = [[None; 2]; 2];
    grid[1][0] = Some(true);
    println!("{grid:?}");
    let mut big: u64 = 1;
    for _ in 0..5 {
        big *= 1000;
    }
    println!("{}", big + u64::from(u32::MAX));
    let converted = 7_u8.into();
    let wide: i64 = converted;
    println!("{wide}");
}
