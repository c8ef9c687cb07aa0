// Trait objects in boxes, behind references and in maps; downcasting with Any.

use std::any::Any;
use std::collections::BTreeMap;

trait Command {
    fn run(&self, input: i64) -> i64;

    fn describe(&self) -> String {
        "some command".to_string()
    }
}

struct Add(i64);
struct Square;

impl Command for Add {
    fn run(&self, input: i64) -> i64 {
        input + self.0
    }

    fn describe(&self) -> String {
        format!("add {}", self.0)
    }
}

impl Command for Square {
    fn run(&self, input: i64) -> i64 {
        input.pow(2)
    }
}

fn run_twice(command: &dyn Command, input: i64) -> i64 {
    command.run(command.run(input))
}

fn kind(value: &dyn Any) -> String {
    if let Some(n) = value.downcast_ref::<i32>() {
        format!("i32 {n}")
    } else if value.is::<String>() {
        "a string".to_string()
    } else {
        "unknown".to_string()
    }
}

fn main() {
    let commands: [Box<dyn Command>; 3] = [Box::new(Add(2)), Box::new(Square), Box::new(Add(-1))];
    println!("{}", commands.iter().fold(3, |value, c| c.run(value)));
    for command in &commands {
        println!("{}", command.describe());
    }
    println!("{}", run_twice(&Square, 3));
    let mut table: BTreeMap<&str, Box<dyn Fn(i64) -> i64>> = BTreeMap::new();
    table.insert("neg", Box::new(|x| -x));
    table.insert("inc", Box::new(|x| x + 1));
    println!("{} {}", table["neg"](5), table["inc"](5));
    println!("{} {} {}", kind(&7), kind(&String::new()), kind(&'c'));
}
