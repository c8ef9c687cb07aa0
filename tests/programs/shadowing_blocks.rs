// Shadowing and block expressions.

fn classify(n: i32) -> &'static str {
    let n = n.abs();
    let n = { n % 10 };
    if n < 5 { "low" } else { "high" }
}

fn main() {
    let x = 5;
    let x = x + 1;
    println!("{x}");
    {
        let x = x * 2;
        println!("inner {x}");
    }
    println!("outer {x}");
    let x = format!("<{x}>");
    println!("{x}");
    let x = x.len();
    println!("{x}");
    let area = {
        let side = 4;
        side * side
    };
    println!("{area}");
    let unit = {
        let _ = area;
    };
    println!("{unit:?}");
    let text = 'search: {
        for word in ["a", "bb", "ccc"] {
            if word.len() == x - 1 {
                break 'search word;
            }
        }
        "none"
    };
    println!("{text}");
    println!("{} {}", classify(-27), classify(93));
    let mut total = 0;
    for total_of_one in [1, 2] {
        let total_of_one = total_of_one * 10;
        total += total_of_one;
    }
    println!("{total}");
    let total = {
        const STEP: i32 = 3;
        fn next(n: i32) -> i32 {
            n + STEP
        }
        next(total)
    };
    println!("{total}");
}
