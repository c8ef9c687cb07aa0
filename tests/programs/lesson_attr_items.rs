// Items of many kinds, and the paths to them.

#![allow(dead_code)]
use std::collections::*;
use std::fmt::Debug as Dbg;
pub(crate) mod shapes {
    pub mod round {
        #[derive(Debug, Default, Clone)]
        pub struct Ball {
            pub r: u32,
        }
        impl Ball {
            pub fn new(r: u32) -> Self {
                Self { r }
            }
        }
    }
    pub use round::Ball as Globe;
    pub fn all() -> Vec<Globe> {
        vec![round::Ball::new(1), self::round::Ball::default()]
    }
}
fn helper() -> shapes::Globe {
    crate::shapes::round::Ball { r: 7 }
}
#[repr(u8)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Day {
    Mon = 1,
    Tue,
    Sun = 7,
}
impl TryFrom<u8> for Day {
    type Error = String;
    fn try_from(n: u8) -> Result<Self, String> {
        Ok(match n {
            1 => Day::Mon,
            2 => Day::Tue,
            7 => Day::Sun,
            n => return Err(format!("no day {n}")),
        })
    }
}
impl std::str::FromStr for Day {
    type Err = ();
    fn from_str(s: &str) -> Result<Day, ()> {
        match s {
            "Mon" => Ok(Day::Mon),
            _ => Err(()),
        }
    }
}
type Pair<T = i32> = (T, T);
const fn square(n: usize) -> usize {
    n * n
}
const TABLE: [usize; 4] = {
    let mut t = [0; 4];
    let mut i = 0;
    while i < 4 {
        t[i] = square(i);
        i += 1;
    }
    t
};
static GREETING: &str = "hi";
static mut COUNT: u32 = 0;
fn bump() -> u32 {
    unsafe {
        COUNT += 1;
        COUNT
    }
}
union Bits {
    f: f32,
    u: u32,
}
#[derive(Clone, Copy)]
struct Meters(f64);
impl From<Meters> for f64 {
    fn from(m: Meters) -> f64 {
        m.0
    }
}
impl PartialEq<f64> for Meters {
    fn eq(&self, o: &f64) -> bool {
        self.0 == *o
    }
}
impl std::iter::Sum for Meters {
    fn sum<I: Iterator<Item = Meters>>(i: I) -> Meters {
        Meters(i.map(|m| m.0).sum())
    }
}
#[inline]
#[must_use]
fn show<T: Dbg>(t: T) -> String {
    format!("<{t:?}>")
}
#[deprecated]
fn old() -> i32 {
    1
}
extern "C" fn callback(x: i32) -> i32 {
    x + 1
}
unsafe fn raw(p: *const i32) -> i32 {
    unsafe { *p }
}
fn main() {
    println!("{:?}", shapes::all());
    use shapes::{Globe, round};
    let g: Globe = round::Ball::new(3);
    println!("{}", g.r);
    println!(
        "{:?} {:?} {:?}",
        Day::try_from(2),
        Day::try_from(5u8),
        "Mon".parse::<Day>()
    );
    let day: Result<Day, _> = 7u8.try_into();
    println!("{:?} {}", day, Day::Tue as u8);
    let p: Pair = (1, 2);
    let q: Pair<&str> = ("a", "b");
    println!("{p:?} {q:?} {TABLE:?} {GREETING}");
    bump();
    println!("{}", bump());
    let b = Bits { f: 1.0 };
    println!("{:#x}", unsafe { b.u });
    let m: Meters = [Meters(1.5), Meters(2.0)].into_iter().sum();
    println!("{} {}", m == 3.5, f64::from(m));
    println!("{} {}", show(Some(1)), callback(1));
    #[allow(deprecated)]
    let o = old();
    let n = 5;
    println!("{o} {}", unsafe { raw(&n) });
    let f: extern "C" fn(i32) -> i32 = callback;
    println!("{} {}", f(2), std::mem::size_of::<Day>());
    let mut dq: VecDeque<_> = [1, 2].into();
    dq.push_front(0);
    dq.rotate_left(1);
    println!("{dq:?} {:?}", dq.iter().rev().collect::<BTreeSet<_>>());
    #[cfg(any(unix, windows))]
    println!("known system");
    if cfg!(debug_assertions) {
    } else {
    }
    const LOCAL: i32 = {
        const A: i32 = 2;
        A * 3
    };
    fn inner(x: i32) -> i32 {
        x * LOCAL
    }
    println!("{}", inner(2));
    enum Local {
        A(i32),
        B,
    }
    let l = [Local::A(1), Local::B];
    println!(
        "{}",
        l.iter()
            .map(|l| match l {
                Local::A(n) => *n,
                Local::B => 0,
            })
            .sum::<i32>()
    );
    let s = std::any::type_name::<Option<String>>();
    println!("{s}");
}
