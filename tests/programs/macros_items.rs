// Macros that define items: structs, functions, enums, constants and impls.

macro_rules! point {
    ($(#[$meta:meta])* $vis:vis struct $name:ident { $($field:ident : $ty:ty),* $(,)? }) => {
        $(#[$meta])*
        $vis struct $name {
            $($field: $ty),*
        }

        impl $name {
            $vis const FIELDS: &'static [&'static str] = &[$(stringify!($field)),*];
        }
    };
}

macro_rules! getters {
    ($($name:ident -> $value:expr;)*) => {
        $(fn $name() -> i64 { $value })*
    };
}

macro_rules! named_enum {
    ($name:ident: $($variant:ident),+) => {
        #[derive(Clone, Copy, PartialEq)]
        enum $name { $($variant),+ }

        impl $name {
            const ALL: &'static [$name] = &[$($name::$variant),+];

            fn name(self) -> &'static str {
                match self { $($name::$variant => stringify!($variant)),+ }
            }
        }
    };
}

point! {
    #[derive(Debug, Default)]
    pub struct Point3 { x: i32, y: i32, z: i32 }
}

getters! {
    seven -> 7;
    answer -> 6 * seven();
}

named_enum!(Suit: Clubs, Diamonds, Hearts, Spades);

fn main() {
    let mut p = Point3::default();
    p.y = 5;
    println!("{p:?} {}", p.x + p.y + p.z);
    println!("fields: {}", Point3::FIELDS.join(", "));
    println!("{} {}", seven(), answer());
    let names: Vec<_> = Suit::ALL.iter().map(|suit| suit.name()).collect();
    println!("{}", names.join("/"));
    let last = Suit::Spades;
    println!("{}", last == Suit::ALL[3]);
}
