// Interior mutability: Cell, RefCell, OnceCell and shared ownership.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;

struct Sensor {
    reads: Cell<u32>,
    log: RefCell<Vec<String>>,
    name: OnceCell<String>,
}

impl Sensor {
    fn new() -> Self {
        Self {
            reads: Cell::new(0),
            log: RefCell::new(Vec::new()),
            name: OnceCell::new(),
        }
    }

    fn read(&self, value: i32) {
        self.reads.set(self.reads.get() + 1);
        self.log.borrow_mut().push(format!("value {value}"));
    }

    fn name(&self) -> &str {
        self.name
            .get_or_init(|| format!("sensor-{}", self.reads.get()))
    }
}

fn main() {
    let sensor = Sensor::new();
    sensor.read(5);
    sensor.read(-1);
    println!("{} {}", sensor.reads.get(), sensor.name());
    sensor.read(7);
    println!("{} {:?}", sensor.name(), sensor.log.borrow());
    let shared = Rc::new(RefCell::new(vec![1, 2]));
    let other = Rc::clone(&shared);
    other.borrow_mut().push(3);
    println!("{:?}", shared.borrow());
    {
        let first = shared.borrow();
        println!("{} {}", first.len(), other.try_borrow_mut().is_err());
    }
    println!("{}", other.try_borrow_mut().is_ok());
    let cell = Cell::new(String::from("old"));
    println!("{} {}", cell.replace("new".to_string()), cell.take());
    println!("{:?}", cell.into_inner());
    let taken = sensor.log.take();
    println!("{} {:?}", taken.join(";"), sensor.log);
}
