// Inherent implementations, trait implementations and blanket implementations.

use std::fmt::Display;

struct Wallet {
    coins: Vec<u32>,
}

impl Wallet {
    const EMPTY: Wallet = Wallet { coins: Vec::new() };

    fn with(mut self, coin: u32) -> Self {
        self.coins.push(coin);
        self
    }

    fn total(&self) -> u32 {
        self.coins.iter().sum()
    }
}

// A type may have more than one inherent implementation.
impl Wallet {
    fn spend(&mut self) -> Option<u32> {
        self.coins.pop()
    }
}

trait Bracketed {
    fn bracketed(&self) -> String;
}

impl<T: Display + ?Sized> Bracketed for T {
    fn bracketed(&self) -> String {
        format!("[{self}]")
    }
}

trait Describe {
    fn describe(&self) -> String;
}

impl Describe for [i32] {
    fn describe(&self) -> String {
        format!("{} numbers", self.len())
    }
}

fn main() {
    let mut wallet = Wallet::EMPTY.with(5).with(20);
    println!("{}", wallet.total());
    println!("{:?} {:?}", wallet.spend(), wallet.spend());
    println!("{} {}", 12.bracketed(), "text".bracketed());
    println!("{}", [1, 2, 3].describe());
    let boxed: Box<[i32]> = Box::new([1, 2]);
    println!("{}", boxed.describe());
    println!("{}", Wallet::total(&wallet));
}
