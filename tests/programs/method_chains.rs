// Method calls: chains, automatic references, paths to methods and temporaries.

#[derive(Debug, Clone, Default)]
struct Turtle {
    x: i32,
    y: i32,
    path: Vec<(i32, i32)>,
}

impl Turtle {
    fn go(&mut self, dx: i32, dy: i32) -> &mut Self {
        self.x += dx;
        self.y += dy;
        self.path.push((self.x, self.y));
        self
    }

    fn place(&self) -> (i32, i32) {
        (self.x, self.y)
    }

    fn into_path(self) -> Vec<(i32, i32)> {
        self.path
    }
}

fn main() {
    let mut turtle = Turtle::default();
    turtle.go(1, 0).go(0, 2).go(-3, 1);
    println!("{:?}", turtle.place());
    let steps = turtle.clone().into_path().len();
    println!("{steps}");
    println!("{:?}", Turtle::go(&mut turtle, 1, 1).place());
    let text = "  The quick brown fox  "
        .trim()
        .split(' ')
        .filter(|word| word.len() > 3)
        .map(str::to_uppercase)
        .collect::<Vec<_>>()
        .join("+");
    println!("{text}");
    println!("{}", text.chars().rev().take(3).collect::<String>());
    let value = Some(4)
        .map(|x| x * 2)
        .filter(|x| x % 3 == 2)
        .unwrap_or_default();
    println!("{value}");
    println!(
        "{:?}",
        "7".parse::<i32>().ok().and_then(|n| n.checked_sub(10))
    );
    println!("{}", (-5_i32).abs().pow(2).clamp(0, 20));
    println!("{:?}", turtle.into_path().iter().map(|p| p.0).max());
}
