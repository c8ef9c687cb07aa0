// The forms of use declarations.

use std::collections::{self, BTreeMap, BTreeSet as Set};
use std::fmt::Write as _;
use std::{cmp::Reverse, num::*, str::FromStr};

mod shapes {
    pub mod round {
        pub fn circle() -> &'static str {
            "circle"
        }
    }

    pub mod flat {
        pub fn square() -> &'static str {
            "square"
        }
    }

    pub use flat::square;
    pub use round::circle as ring;

    pub enum Side {
        Left,
        Right,
    }
}

use self::shapes::Side::*;
use shapes::{Side, flat, *};

fn name(side: &Side) -> &'static str {
    match side {
        Left => "left",
        Right => "right",
    }
}

fn main() {
    let map = BTreeMap::from([(ring(), square())]);
    println!("{map:?} {}", flat::square());
    println!("{:?}", Set::from([3, 1, 2]));
    let deque: collections::VecDeque<i32> = (1..4).collect();
    println!("{deque:?}");
    let mut text = String::new();
    write!(text, "{}+{}", 1, 2).unwrap();
    println!("{text}");
    println!("{} {}", name(&Left), name(&Right));
    println!("{:?}", NonZeroU8::new(4));
    println!("{:?} {}", i32::from_str("12"), Reverse(1) > Reverse(2));
    {
        use std::cmp::{max, min};
        println!("{} {}", max(1, 2), min(1, 2));
    }
    use shapes::round;
    println!("{}", round::circle());
}
