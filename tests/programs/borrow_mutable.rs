// Mutable references to earlier variables, used over several statements.

#[derive(Debug, Default)]
struct Player {
    name: String,
    points: Vec<u32>,
}

fn best(points: &mut [u32]) -> Option<&mut u32> {
    points.iter_mut().max()
}

fn rename(player: &mut Player, name: &str) {
    player.name.clear();
    player.name.push_str(name);
}

fn main() {
    let mut number = 1;
    let reference = &mut number;
    *reference += 10;
    *reference *= 2;
    println!("{reference}");
    number += 1;
    println!("{number}");
    let mut player = Player::default();
    let view = &mut player;
    rename(view, "Ann");
    view.points.push(7);
    println!("{}", view.name);
    let points = &mut view.points;
    points.extend([3, 9]);
    println!("{points:?}");
    if let Some(top) = best(points) {
        *top += 100;
    }
    println!("{player:?}");
    // Two fields can be borrowed at the same time.
    let name = &mut player.name;
    let first = &mut player.points[0];
    name.push('!');
    *first = name.len() as u32;
    println!("{name} {first}");
    let mut cells = [1, 2, 3, 4];
    let (left, right) = cells.split_at_mut(2);
    left[0] = right[1];
    right[0] = 0;
    println!("{left:?} {right:?}");
    println!("{cells:?} {player:?}");
}
