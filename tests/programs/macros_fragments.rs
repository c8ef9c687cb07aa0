// The fragment specifiers that a macro can match.

macro_rules! describe {
    ($x:ident) => {
        format!("ident {}", stringify!($x))
    };
    ($x:ty) => {
        format!("type {}", stringify!($x))
    };
}

macro_rules! new_var {
    ($name:ident: $ty:ty = $value:expr) => {
        let $name: $ty = $value;
    };
}

macro_rules! is_match {
    ($value:expr, $pattern:pat $(if $guard:expr)?) => {
        match $value { $pattern $(if $guard)? => true, _ => false }
    };
}

macro_rules! timed {
    ($label:literal $body:block) => {{
        println!("start {}", $label);
        let value = $body;
        println!("end {}", $label);
        value
    }};
}

macro_rules! in_module {
    ($item:item) => { mod inner { $item pub fn size() -> usize { SIZE } } };
}

macro_rules! first_of {
    ($lt:lifetime, $name:ident) => {
        fn $name<$lt>(text: &$lt str) -> &$lt str {
            text.split(' ').next().unwrap_or(text)
        }
    };
}

first_of!('t, first_word);
in_module!(
    const SIZE: usize = 8;
);

fn main() {
    println!("{}, {}", describe!(cat), describe!(Vec<u8>));
    new_var!(total: u64 = 3 + 4);
    println!("{total}");
    println!("{}", is_match!(total, 1..=9 if total % 2 == 1));
    println!("{}", is_match!(Some(2), None | Some(3)));
    let sum = timed!("sum" { (1..=4).sum::<i32>() });
    println!("{sum}");
    println!("{}", first_word("hello big world"));
    println!("{}", inner::size());
}
