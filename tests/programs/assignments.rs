// Assignment expressions: places, compound forms and destructuring assignment.

#[derive(Debug, Default)]
struct State {
    count: u64,
    cells: [u8; 3],
    label: Option<String>,
}

fn step(pair: (u64, u64)) -> (u64, u64) {
    (pair.1, pair.0 + pair.1)
}

fn main() {
    let mut state = State::default();
    state.count += 2;
    state.cells[1] = 9;
    state.label = Some("x".to_string());
    println!("{state:?}");
    let (mut a, mut b) = (0_u64, 1_u64);
    for _ in 0..10 {
        (a, b) = step((a, b));
    }
    println!("{a} {b}");
    (a, b) = (b, a);
    println!("{a} {b}");
    let mut list = [1, 2, 3, 4];
    [list[0], .., list[3]] = [40, 0, 10];
    println!("{list:?}");
    let rest;
    (rest, _) = (list[1] + list[2], "ignored");
    println!("{rest}");
    State { count: a, .. } = State::default();
    println!("{a} {}", state.count);
    *state.label.get_or_insert_default() += "yz";
    println!("{:?}", state.label);
    let unit = state.cells.fill(7);
    println!("{unit:?}");
    if let Some(label) = &mut state.label {
        label.clear();
    }
    println!("{state:?}");
}
