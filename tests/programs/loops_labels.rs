// Loops: loop, while, while let and for, with labels, break values and continue.

fn collatz(mut n: u64) -> u32 {
    let mut steps = 0;
    while n != 1 {
        n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 };
        steps += 1;
    }
    steps
}

fn find_pair(target: u32) -> Option<(u32, u32)> {
    let mut found = None;
    'outer: for a in 1..20 {
        for b in a..20 {
            if a * b > target {
                continue 'outer;
            }
            if a * b == target && a > 1 {
                found = Some((a, b));
                break 'outer;
            }
        }
    }
    found
}

fn main() {
    println!("{}", collatz(27));
    println!("{:?} {:?}", find_pair(91), find_pair(97));
    let mut n = 1;
    let power = loop {
        n *= 2;
        if n > 1000 {
            break n;
        }
    };
    println!("{power}");
    let mut stack = vec![1, 2, 3];
    while let Some(top) = stack.pop() {
        if top == 2 {
            stack.push(10);
            stack.push(20);
            continue;
        }
        println!("pop {top}");
    }
    for (i, c) in "abc".chars().rev().enumerate() {
        println!("{i}{c}");
    }
    let value = 'block: {
        if n < 0 {
            break 'block "negative";
        }
        "positive"
    };
    println!("{value}");
}
