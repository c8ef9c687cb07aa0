// Display, Debug, LowerHex and the options of format strings.

use std::fmt;

struct Money {
    cents: i64,
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:02}", self.cents / 100, self.cents % 100);
        if f.alternate() {
            write!(f, "${text}")
        } else {
            f.pad(&text)
        }
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Money").field("cents", &self.cents).finish()
    }
}

impl fmt::LowerHex for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::LowerHex::fmt(&self.cents, f)
    }
}

fn main() {
    let price = Money { cents: 1205 };
    println!("{price} {price:#} {price:?} {price:x} {price:#x}");
    println!("[{price:>8}] [{price:<8}] [{price:^8}] [{price:*^9}]");
    println!("{0} {1} {0} {name}", 'a', 'b', name = "c");
    let (width, digits): (usize, usize) = (10, 2);
    println!("[{:width$.digits$}] [{:>1$}]", 3.14159, 6);
    println!("[{:08.3}] [{:+}] [{:.*}]", -1.5, 7, 1, 2.25);
    println!("{:#06b} {:#o} {:X}", 5, 8, 255);
    println!("{:?} {:?} {:5}|{:<5}|", "quo\"te", 'c', true, 'x');
    println!("{:#?}", (1, Some("two")));
    println!("{{}} {:e} {:?}", 1500.0, 1.0);
    print!("no ");
    println!("newline before");
    println!("{}", format_args!("{}-{}", 1, 2));
    println!("{:?}", [Money { cents: 5 }, price]);
}
