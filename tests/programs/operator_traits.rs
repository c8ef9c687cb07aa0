// Operator overloading: Add, Sub, Mul, Neg, AddAssign and PartialOrd.

use std::cmp::Ordering;
use std::ops::{Add, AddAssign, Mul, Neg, Sub};

#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Vec2(f64, f64);

impl Add for Vec2 {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Vec2(self.0 + other.0, self.1 + other.1)
    }
}

impl Neg for Vec2 {
    type Output = Vec2;
    fn neg(self) -> Vec2 {
        Vec2(-self.0, -self.1)
    }
}

impl Sub for Vec2 {
    type Output = Vec2;
    fn sub(self, other: Vec2) -> Vec2 {
        self + -other
    }
}

impl Mul<Vec2> for f64 {
    type Output = Vec2;
    fn mul(self, v: Vec2) -> Vec2 {
        Vec2(self * v.0, self * v.1)
    }
}

impl AddAssign<f64> for Vec2 {
    fn add_assign(&mut self, n: f64) {
        self.0 += n;
    }
}

impl PartialOrd for Vec2 {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.0.hypot(self.1).partial_cmp(&other.0.hypot(other.1))
    }
}

fn main() {
    let (a, b) = (Vec2(1.0, 2.0), Vec2(3.0, -1.0));
    println!("{:?} {:?}", a + b, a - b);
    let mut c = 2.0 * -a;
    println!("{c:?}");
    c += 10.0;
    println!("{c:?} {}", c > a);
    println!("{}", a != b);
}
