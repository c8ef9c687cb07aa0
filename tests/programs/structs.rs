// Structs with named fields, tuple structs, unit structs and nested ones.

#[derive(Debug, Clone, PartialEq)]
struct Color(u8, u8, u8);

#[derive(Debug, Clone, Copy, PartialEq)]
struct Point {
    x: f64,
    y: f64,
}

#[derive(Debug)]
struct Marker;

#[derive(Debug)]
struct Shape<T> {
    corners: Vec<Point>,
    fill: Color,
    extra: T,
}

impl Point {
    const ORIGIN: Point = Point { x: 0.0, y: 0.0 };

    fn distance(self, other: Point) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }
}

impl<T> Shape<T> {
    fn border(&self) -> f64 {
        let shifted = self.corners.iter().cycle().skip(1);
        self.corners
            .iter()
            .zip(shifted)
            .map(|(a, b)| a.distance(*b))
            .sum()
    }
}

fn main() {
    let x = 3.0;
    let point = Point { x, y: 4.0 };
    println!("{point:?} {}", point.distance(Point::ORIGIN));
    let mut moved = point;
    moved.x += 1.0;
    println!("{} {}", point.x, moved.x);
    let Color(red, ..) = Color(255, 128, 0);
    println!("{red}");
    let mut shape = Shape {
        corners: vec![Point::ORIGIN, Point { x: 3.0, y: 0.0 }, point],
        fill: Color(1, 2, 3),
        extra: Marker,
    };
    println!("{}", shape.border());
    shape.fill.1 = 200;
    println!("{:?} {:?}", shape.fill, shape.extra);
    let colors = ["red", "green"].map(|name| Color(name.len() as u8, 0, 0));
    println!("{}", colors[0] == Color { 0: 3, 1: 0, 2: 0 });
}
