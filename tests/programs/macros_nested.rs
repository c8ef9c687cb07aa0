// Nested macros: a macro that defines macros, internal rules and token munching.

macro_rules! make_adder {
    ($name:ident, $n:literal) => {
        macro_rules! $name {
            ($x:expr) => {
                $x + $n
            };
        }
    };
}

make_adder!(add_one, 1);
make_adder!(add_ten, 10);

macro_rules! calc {
    (@step $acc:expr ;) => { $acc };
    (@step $acc:expr ; plus $n:literal $($rest:tt)*) => {
        calc!(@step $acc + $n ; $($rest)*)
    };
    (@step $acc:expr ; minus $n:literal $($rest:tt)*) => {
        calc!(@step $acc - $n ; $($rest)*)
    };
    ($first:literal $($rest:tt)*) => { calc!(@step $first ; $($rest)*) };
}

macro_rules! matrix {
    ($([$($x:expr),*]),* $(,)?) => { vec![$(vec![$($x),*]),*] };
}

macro_rules! each {
    ($callback:ident; $($x:expr),*) => { [$($callback!($x)),*] };
}

fn main() {
    println!("{}", add_one!(41));
    println!("{}", add_ten!(add_one!(1)));
    println!("{}", calc!(5 plus 7 minus 2));
    let m = matrix!([1, 2, 3], [4, 5, 6]);
    println!("{} rows, {} columns", m.len(), m[0].len());
    println!("{m:?}");
    println!("{:?}", each!(add_ten; 1, 2, 3));
    // A macro may also be defined between two statements.
    macro_rules! twice {
        ($body:block) => {
            for _ in 0..2 $body
        };
    }
    twice!({ println!("again") });
    let words = matrix!(["a"], ["b"]).concat();
    println!("{words:?}");
}
