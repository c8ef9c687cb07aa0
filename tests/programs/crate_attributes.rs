// Attributes of the whole crate, extern crate items and paths from the root.

#![allow(dead_code)]
#![deny(unused_must_use)]

extern crate alloc;
extern crate core as base;

use alloc::collections::BTreeSet;
use base::cmp::Ordering;

struct NeverUsed;

fn version() -> &'static str {
    "0.1"
}

mod config {
    pub const NAME: &str = "demo";

    pub fn banner() -> String {
        // crate:: starts at the root, super:: at the parent.
        format!("{}-{}", crate::config::NAME, super::version())
    }
}

fn compare(a: i32, b: i32) -> &'static str {
    match a.cmp(&b) {
        Ordering::Less => "less",
        Ordering::Equal => "equal",
        Ordering::Greater => "greater",
    }
}

fn main() {
    println!("{}", config::banner());
    println!("{}", self::version());
    println!("{} {}", compare(1, 2), compare(2, 2));
    let mut set = BTreeSet::from(["pear", "apple"]);
    println!("new: {}", set.insert("fig"));
    println!("{set:?}");
    println!("{}", ::std::mem::size_of::<NeverUsed>());
}
