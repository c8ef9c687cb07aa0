// The scope of macros: textual order, #[macro_use], paths, and hygiene.

#[macro_use]
mod shared {
    macro_rules! greet {
        ($name:expr) => {
            println!("Hello, {}!", $name)
        };
    }
}

mod tools {
    macro_rules! double {
        ($x:expr) => {
            $crate::tools::times_two($x)
        };
    }
    pub(crate) use double;

    pub fn times_two(x: i32) -> i32 {
        x * 2
    }
}

use tools::double;

macro_rules! version {
    () => {
        1
    };
}

fn old_version() -> i32 {
    version!()
}

macro_rules! version {
    () => {
        2
    };
}

macro_rules! using_local {
    ($value:expr) => {{
        let x = 100;
        x + $value
    }};
}

fn main() {
    greet!("Ferris");
    println!("{}", double!(21));
    println!("{}", tools::double!(4));
    println!("{} {}", old_version(), version!());
    let x = 1;
    // The x inside of the macro is not this x.
    println!("{}", using_local!(x));
    println!("{x}");
}
