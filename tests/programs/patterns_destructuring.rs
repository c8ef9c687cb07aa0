// Destructuring tuples, structs, enums, arrays and nested values.

#[derive(Debug, Clone)]
struct Address(String, u32);

#[derive(Debug, Clone)]
struct Person {
    name: String,
    home: Address,
}

enum Event {
    Key(char),
    Click(i32, i32),
}

fn person(name: &str) -> Person {
    let name = name.to_string();
    let home = Address("Elm Street".into(), 5);
    Person { name, home }
}

fn show(event: &Event) -> String {
    match event {
        Event::Key(key) => format!("key {key}"),
        &Event::Click(x, y) if x == y => format!("diagonal {x}"),
        Event::Click(x, ..) => format!("click in column {x}"),
    }
}

fn main() {
    let ((a, b), [c, _, d]) = ((1, 2.5), ['x', 'y', 'z']);
    println!("{a} {b} {c} {d}");
    let Person {
        name,
        home: Address(street, number),
    } = person("Ann");
    println!("{name}: {street} {number}");
    for (i, Person { name: who, .. }) in [person("Bob"), person("Cy")].iter().enumerate() {
        println!("{i} {who}");
    }
    println!("{}", show(&Event::Key('q')));
    println!("{}", show(&Event::Click(3, 3)));
    println!("{}", show(&Event::Click(7, 2)));
    let add = |(x, y): (i32, i32), &[z]: &[i32; 1]| x + y + z;
    println!("{}", add((1, 2), &[3]));
    let Address(mut road, ..) = person("Di").home;
    road.truncate(3);
    println!("{road}");
}
