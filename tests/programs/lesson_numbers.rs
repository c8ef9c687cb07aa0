// Fractions with operators from a macro, and the primitive numbers.

use std::fmt;
use std::num::{NonZeroU8, Saturating, Wrapping};
use std::ops::*;
#[derive(Copy, Clone, Eq, PartialEq, Debug, Hash)]
struct Frac {
    n: i64,
    d: i64,
}
const fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}
impl Frac {
    const ZERO: Self = Frac { n: 0, d: 1 };
    const fn new(n: i64, d: i64) -> Self {
        assert!(d != 0, "zero");
        let g = gcd(n.abs(), d.abs());
        Frac { n: n / g, d: d / g }
    }
}
macro_rules! ops { ($($tr:ident $f:ident |$a:ident, $b:ident| $e:expr;)*) => { $(impl $tr for Frac { type Output = Frac; fn $f(self, o: Frac) -> Frac { let ($a, $b) = (self, o); $e } } impl $tr<i64> for Frac { type Output = Frac; fn $f(self, o: i64) -> Frac { self.$f(Frac::from(o)) } })* } }
impl From<i64> for Frac {
    fn from(n: i64) -> Self {
        Frac { n, d: 1 }
    }
}
ops! { Add add |a, b| Frac::new(a.n * b.d + b.n * a.d, a.d * b.d); Sub sub |a, b| Frac::new(a.n * b.d - b.n * a.d, a.d * b.d); Mul mul |a, b| Frac::new(a.n * b.n, a.d * b.d); Div div |a, b| Frac::new(a.n * b.d, a.d * b.n); }
impl AddAssign for Frac {
    fn add_assign(&mut self, o: Frac) {
        *self = *self + o
    }
}
impl PartialOrd for Frac {
    fn partial_cmp(&self, o: &Self) -> Option<std::cmp::Ordering> {
        (self.n * o.d).partial_cmp(&(o.n * self.d))
    }
}
impl fmt::Display for Frac {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        if self.d == 1 {
            f.pad(&self.n.to_string())
        } else {
            f.pad(&format!("{}/{}", self.n, self.d))
        }
    }
}
impl std::iter::Sum for Frac {
    fn sum<I: Iterator<Item = Frac>>(it: I) -> Frac {
        it.fold(Frac::ZERO, Add::add)
    }
}
impl<'a> std::iter::Sum<&'a Frac> for Frac {
    fn sum<I: Iterator<Item = &'a Frac>>(it: I) -> Frac {
        it.copied().sum()
    }
}
const HALF: Frac = Frac::new(1, 2);
static THIRD: Frac = Frac::new(2, 6);
fn main() {
    let mut x = HALF + THIRD;
    println!("{x} [{x:>6}] {:?}", x * 6);
    x += 1.into();
    println!("{x} {}", x > HALF);
    let fs: Vec<Frac> = (1..=4).map(|d| Frac::new(1, d)).collect();
    println!(
        "{} {}",
        fs.iter().sum::<Frac>(),
        fs.iter().copied().map(|f| f / 2).sum::<Frac>()
    );
    let nz = NonZeroU8::new(5).unwrap();
    println!("{nz} {}", std::mem::size_of::<Option<NonZeroU8>>());
    let w = Wrapping(250u8) + Wrapping(10);
    let s = Saturating(250u8) + Saturating(10);
    println!("{w} {s}");
    let bits = 0b1010_u8;
    println!(
        "{:08b} {} {} {}",
        bits.rotate_left(6),
        bits.count_ones(),
        bits.leading_zeros(),
        bits >> 1 & 0x3 | 1 ^ 4
    );
    println!(
        "{:?} {:?}",
        u32::from_str_radix("ff", 16),
        i64::pow(2, 40).to_be_bytes()
    );
    let f = 2.0_f64;
    println!(
        "{:.3} {:.3} {} {}",
        f.sqrt(),
        f.powi(-2),
        (f / 0.0).is_infinite(),
        (0.1 + 0.2 == 0.3)
    );
    let r = (1..=5).rev().step_by(2);
    println!("{:?} {}", r.clone().collect::<Vec<_>>(), r.count());
    let i = 7;
    let i = i as f32 / 2.0;
    let i = i.to_string() + "!";
    println!("{i}");
    let big = u128::MAX;
    println!("{} {}", big, i128::MIN);
    let z;
    let t = if i.len() > 2 {
        z = 1;
        "long"
    } else {
        z = 2;
        "short"
    };
    println!("{t} {z}");
    let c = 'ß';
    println!(
        "{} {} {:?} {}",
        c.len_utf8(),
        c as u32,
        char::from_u32(0x41),
        ('a'..='e').filter(|c| *c != 'c').collect::<String>()
    );
    let divide = |a: i32, b: i32| -> Option<i32> { a.checked_div(b) };
    println!("{:?} {:?}", divide(1, 0), divide(7, 2));
    let arr2 = [[1, 2], [3, 4]];
    let s: i32 = arr2.concat().iter().sum();
    println!("{s} {:?}", arr2.iter().flatten().copied().reduce(i32::max));
}
