// All kinds of patterns.

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Circle { r: f64 },
    Rect(f64, f64),
    Tri([f64; 3]),
    Empty,
}
#[derive(Debug)]
struct Point {
    x: i32,
    y: i32,
}
const LIMIT: i32 = 10;
fn kind(n: i32) -> &'static str {
    match n {
        i32::MIN..=-1 => "neg",
        0 => "zero",
        LIMIT => "limit",
        x if x % 2 == 0 => "even",
        _ => "odd",
    }
}
fn sides(s: &Shape) -> usize {
    match s {
        Shape::Circle { .. } | Shape::Empty => 0,
        Shape::Rect(..) => 4,
        Shape::Tri(sides) => sides.len(),
    }
}
fn main() {
    let Point { x, y: height } = Point { x: 3, y: -3 };
    println!("{x} {height}");
    let ((a, b), [c, .., d]) = ((1, 2.5), [1, 2, 3, 4]);
    println!("{a} {b} {c} {d}");
    let shapes = [
        Shape::Circle { r: 1.0 },
        Shape::Rect(2.0, 3.0),
        Shape::Tri([3.0, 4.0, 5.0]),
        Shape::Empty,
    ];
    println!("{:?}", shapes.iter().map(sides).collect::<Vec<_>>());
    let [first, rest @ ..] = &shapes;
    println!("{first:?} {}", rest.len());
    let Some(Shape::Rect(w, h)) = shapes.get(1) else {
        panic!("no rect")
    };
    println!("{w} {h}");
    for n in [-5, 0, 10, 4, 7] {
        print!("{} ", kind(n));
    }
    println!();
    let msg @ ("hi" | "hello") = "hi" else { return };
    println!("{msg}");
    let v = vec![1, 2, 3];
    match v.as_slice() {
        [] => println!("none"),
        [one] => println!("{one}"),
        [a, .., z] if a < z => println!("{a}..{z}"),
        [..] => println!("many"),
    }
    let (mut p, q);
    (p, q) = (1, "q");
    p += 1;
    println!("{p} {q}");
    let mut pt = Point { x: 0, y: 0 };
    (pt.x, _) = (5, 6);
    [pt.y, ..] = [8, 9, 10];
    println!("{pt:?}");
    let Point { ref mut x, .. } = pt;
    *x += 100;
    println!("{pt:?}");
    let nested = Some(Ok::<_, String>((1, Some("deep"))));
    if let Some(Ok((n @ 1..=5, Some(s)))) = nested {
        println!("{n} {s}");
    }
    let mut stack = vec![1, 2];
    while let Some(top) = stack.pop() {
        print!("{top} ");
        if top == 2 {
            stack.extend([7, 8]);
        }
    }
    println!();
    let c = 'k';
    let class = match c {
        'a'..='j' => 1,
        'k'..='z' => 2,
        _ => 3,
    };
    let is = matches!(c, 'a'..='z' if class == 2);
    println!("{class} {is}");
    let tuple @ (l, _) = (1, 2);
    println!("{tuple:?} {l}");
    let &n = &5;
    let ref m = n;
    let box_ = Box::new((1, String::from("s")));
    let (i, s) = *box_;
    println!("{n} {m} {i} {s}");
    let label = 'outer: loop {
        for i in 1.. {
            if i * i > 50 {
                break 'outer i;
            }
        }
    };
    let block = 'b: {
        if label > 5 {
            break 'b "big";
        }
        "small"
    };
    println!("{label} {block}");
    let x = if let 1..=9 = label { 1 } else { 2 };
    println!("{x}");
}
