// Traits with required and default methods, and overriding a default.

trait Animal {
    const LEGS: u32 = 4;

    fn new(name: &str) -> Self
    where
        Self: Sized;

    fn name(&self) -> String;

    fn sound(&self) -> &'static str {
        "..."
    }

    fn speak(&self) -> String {
        format!("{} says {}", self.name(), self.sound())
    }
}

struct Dog {
    name: String,
}

struct Bird(String);

impl Animal for Dog {
    fn new(name: &str) -> Self {
        Self { name: name.into() }
    }

    fn name(&self) -> String {
        self.name.clone()
    }

    fn sound(&self) -> &'static str {
        "woof"
    }
}

impl Animal for Bird {
    const LEGS: u32 = 2;

    fn new(name: &str) -> Self {
        Self(name.to_uppercase())
    }

    fn name(&self) -> String {
        format!("little {}", self.0)
    }
}

fn main() {
    let dog = Dog::new("Rex");
    println!("{}", dog.speak());
    let bird: Bird = Animal::new("tweety");
    println!("{}", bird.speak());
    println!("{} {}", Dog::LEGS, <Bird as Animal>::LEGS);
    println!("{}", Animal::sound(&dog));
}
