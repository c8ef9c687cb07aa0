// References to earlier variables, shared and nested, and reborrows.

#[derive(Debug)]
struct Point {
    x: i32,
    y: i32,
}

fn sum(point: &Point) -> i32 {
    point.x + point.y
}

fn bigger<'a>(a: &'a Point, b: &'a Point) -> &'a Point {
    if sum(a) > sum(b) { a } else { b }
}

fn main() {
    let number: i32 = 5;
    let reference = &number;
    println!("{}", *reference + 1);
    let second = &reference;
    println!("{} {}", **second, second.pow(2));
    let a = Point { x: 1, y: 2 };
    let b = Point { x: 3, y: -1 };
    let best = bigger(&a, &b);
    println!("{best:?}");
    let Point { x, y } = &a;
    println!("{x} {y}");
    let field = &b.y;
    println!("{}", field.abs());
    let points = [&a, &b, best];
    println!("{}", points.iter().map(|p| sum(p)).sum::<i32>());
    println!("{}", std::ptr::eq(points[0], best));
    let maybe = Some(&a);
    if let Some(point) = maybe {
        println!("{}", point.x);
    }
    let ref by_pattern = a.y;
    println!("{by_pattern} {}", a.y == *by_pattern);
}
