// The ? operator on results and options, and combinators.

use std::collections::BTreeMap;
use std::num::ParseIntError;

fn sum(text: &str) -> Result<i32, ParseIntError> {
    let mut total = 0;
    for part in text.split(',') {
        total += part.trim().parse::<i32>()?;
    }
    Ok(total)
}

fn product(text: &str) -> Result<i32, ParseIntError> {
    text.split(',').map(str::parse::<i32>).product()
}

fn middle_initial(name: &str) -> Option<char> {
    let middle = name.split(' ').nth(1)?;
    middle.chars().next().filter(|c| c.is_uppercase())
}

fn lookup(map: &BTreeMap<&str, &str>, key: &str) -> Result<u32, String> {
    let text = map.get(key).ok_or(format!("no {key}"))?;
    text.parse().map_err(|e| format!("{key}: {e}"))
}

fn all(texts: &[&str]) -> Result<Vec<u8>, ParseIntError> {
    texts.iter().map(|text| text.parse()).collect()
}

fn main() {
    println!("{:?} {:?}", sum("1, 2,3"), sum("1,b"));
    println!("{:?}", product("2,3,7"));
    println!("{:?}", middle_initial("Ada King Lovelace"));
    println!("{:?} {:?}", middle_initial("Ada"), middle_initial("a b c"));
    let map = BTreeMap::from([("a", "10"), ("b", "-1")]);
    println!(
        "{:?} {:?} {:?}",
        lookup(&map, "a"),
        lookup(&map, "b"),
        lookup(&map, "c")
    );
    println!("{:?} {:?}", all(&["1", "2"]), all(&["1", "300"]).is_err());
    let value = sum("x").or_else(|_| sum("4,5")).map(|n| n * 2).unwrap_or(0);
    println!("{value}");
    let closure = |text: &str| -> Option<u32> { Some(text.chars().last()?.to_digit(10)? + 1) };
    println!("{:?} {:?} {:?}", closure("a7"), closure(""), closure("b"));
    println!("{:?}", Some("5").map(str::parse::<u8>).transpose());
    println!("{:?}", "1".parse::<i8>().ok().zip(Some('z')).xor(None));
}
