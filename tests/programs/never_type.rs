// The never type: functions that do not return, and diverging expressions.

use std::convert::Infallible;
use std::panic;

// Unwinds without a message on stderr.
fn fail(message: &str) -> ! {
    panic::resume_unwind(Box::new(message.to_string()))
}

fn pick(n: u32) -> u32 {
    match n {
        0..=9 => n,
        10 => return 100,
        _ => fail("too large"),
    }
}

fn caught(n: u32) -> Result<u32, String> {
    panic::catch_unwind(|| pick(n)).map_err(|error| match error.downcast::<String>() {
        Ok(text) => *text,
        Err(_) => "unknown".to_string(),
    })
}

fn always(text: &str) -> Result<usize, Infallible> {
    Ok(text.len())
}

fn main() {
    println!("{} {}", pick(3), pick(10));
    println!("{:?} {:?}", caught(4), caught(11));
    let mut n = 0_u8;
    let value: u8 = loop {
        n += 1;
        let square = if n > 3 { break n * n } else { n };
        println!("square {square}");
    };
    println!("{value}");
    let Ok(length) = always("four");
    println!("{length}");
    let words: Vec<u32> = ["1", "x", "3"]
        .iter()
        .filter_map(|word| {
            let Ok(n) = word.parse() else { return None };
            Some(n)
        })
        .collect();
    println!("{words:?}");
    let unused: Option<fn() -> u8> = None;
    println!("{}", unused.is_none());
    println!("{}", if length == 4 { 'y' } else { unreachable!() });
}
