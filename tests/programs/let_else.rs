// let-else: patterns that may fail, with a diverging else block.

#[derive(Debug)]
enum Command {
    Move { x: i32, y: i32 },
    Stop,
}

fn parse(line: &str) -> Option<Command> {
    let Some((name, rest)) = line.split_once(' ') else {
        return (line == "stop").then_some(Command::Stop);
    };
    let ("move", Some((x, y))) = (name, rest.split_once(',')) else {
        return None;
    };
    let (Ok(x), Ok(y)) = (x.parse(), y.parse()) else {
        println!("not numbers: {rest}");
        return None;
    };
    Some(Command::Move { x, y })
}

fn evens(items: &[&str]) -> Vec<u32> {
    let mut out = Vec::new();
    for item in items {
        let Ok(n @ (0 | 2 | 4 | 6 | 8)) = item.parse::<u32>() else {
            continue;
        };
        out.push(n);
    }
    out
}

fn main() {
    println!("{:?}", parse("stop"));
    println!("{:?}", parse("move 3,-4"));
    println!("{:?}", parse("move 3,x"));
    println!("{:?}", parse("jump 1,2"));
    let Some(Command::Move { x, y }) = parse("move 8,9") else {
        panic!("this always matches");
    };
    println!("{x} {y}");
    println!("{:?}", evens(&["1", "2", "x", "4", "10"]));
    let [first, second, ..] = evens(&["6", "8", "0"])[..] else {
        unreachable!()
    };
    println!("{first} {second}");
    let Some(word) = "a b".split(' ').nth(1) else {
        return;
    };
    println!("{word}");
}
