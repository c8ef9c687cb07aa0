// if, else if, if let, let chains and while let chains.

#[derive(Debug)]
struct User {
    name: Option<String>,
    age: Option<u8>,
}

fn user(name: &str, age: Option<u8>) -> User {
    let name = (!name.is_empty()).then(|| name.to_string());
    User { name, age }
}

fn greet(user: &User) -> String {
    if let Some(name) = &user.name
        && let Some(age) = user.age
        && age >= 18
    {
        format!("Welcome, {name} ({age})")
    } else if let User {
        name: Some(name), ..
    } = user
    {
        format!("Hi, {name}")
    } else if user.age.is_some_and(|age| age > 60) {
        "Good day".to_string()
    } else {
        "Hello, stranger".to_string()
    }
}

fn leading_even(items: &[&str]) -> u32 {
    let mut items = items.iter();
    let mut sum = 0;
    while let Some(item) = items.next()
        && let Ok(n) = item.parse::<u32>()
        && n % 2 == 0
    {
        sum += n;
    }
    sum
}

fn main() {
    println!("{}", greet(&user("Ann", Some(30))));
    println!("{}", greet(&user("Bob", Some(12))));
    println!("{}", greet(&user("", Some(70))));
    println!("{}", greet(&user("", None)));
    let maybe = Some(5);
    if let Some(n @ 1..=9) = maybe
        && n != 4
    {
        println!("a digit {n}");
    }
    let size = if maybe > Some(4) { "big" } else { "small" };
    println!("{size}");
    println!("{}", leading_even(&["2", "4", "5", "6"]));
}
