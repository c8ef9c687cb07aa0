// Traits that can be derived.

use std::collections::HashSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
enum Level {
    Low,
    #[default]
    Middle,
    High,
}

#[derive(Debug, Clone, PartialEq, Default)]
struct Settings {
    name: String,
    level: Level,
    ratio: f64,
    tags: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Version(u8, u8, u8);

fn main() {
    let first = Settings::default();
    println!("{first:?}");
    let mut second = first.clone();
    second.name.push_str("second");
    second.tags.push("new".to_string());
    println!("{second:#?}");
    println!("{}", first == second);
    println!("{}", Level::Low < Level::High);
    let mut versions = vec![Version(1, 10, 0), Version(1, 2, 5), Version(0, 9, 9)];
    versions.sort();
    println!("{versions:?}");
    let copied = versions[0];
    println!("{copied:?} {:?}", versions.iter().max());
    let set: HashSet<Level> = [Level::High, Level::Low, Level::High].into();
    println!("{} {}", set.len(), set.contains(&Level::Middle));
}
