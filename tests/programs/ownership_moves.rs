// Ownership: moves, copies, clones, and giving a new value to a moved variable.

#[derive(Debug, Clone)]
struct Letter {
    to: String,
    body: String,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Stamp(u32);

fn send(letter: Letter) -> usize {
    letter.to.len() + letter.body.len()
}

fn sign(mut letter: Letter, name: &str) -> Letter {
    letter.body.push_str(name);
    letter
}

fn parts(letter: Letter) -> (String, String) {
    // A partial move: the rest of the letter can still be used.
    let to = letter.to;
    (to, letter.body)
}

fn main() {
    let letter = Letter {
        to: "Ann".to_string(),
        body: "Hi! ".to_string(),
    };
    let copy = letter.clone();
    let signed = sign(letter, "Bob");
    println!("{signed:?}");
    println!("{}", send(copy));
    let stamp = Stamp(5);
    let same = stamp;
    println!("{}", stamp == same);
    let mut text = String::from("first");
    let moved = text;
    text = String::from("second");
    println!("{moved} {text}");
    let (to, body) = parts(signed);
    println!("{to}: {body}");
    let list = vec![moved, text];
    for item in list {
        println!("{item}");
    }
    let mut slot = Some(to);
    println!("{:?} {}", slot.take(), slot.is_none());
    let joined = body + "?";
    println!("{joined}");
}
