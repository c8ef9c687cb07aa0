// Tuples and arrays, also nested ones.

fn min_max(items: [i32; 5]) -> (i32, i32) {
    let mut sorted = items;
    sorted.sort();
    (sorted[0], sorted[4])
}

fn transpose(board: [[char; 3]; 2]) -> [[char; 2]; 3] {
    let mut out = [[' '; 2]; 3];
    for (r, row) in board.iter().enumerate() {
        for (c, &cell) in row.iter().enumerate() {
            out[c][r] = cell;
        }
    }
    out
}

fn main() {
    let pair = (1, "one");
    println!("{} {}", pair.0, pair.1);
    let nested = ((1, 2), [3, 4], (5,));
    println!("{} {} {}", nested.0.1, nested.1[0], nested.2.0);
    let unit = ();
    println!("{unit:?} {}", size_of_val(&unit));
    let (low, high) = min_max([4, -2, 9, 0, 3]);
    println!("{low} {high}");
    let mut zeros = [0_u8; 4];
    zeros[2] = 7;
    zeros[zeros.len() - 1] += 1;
    println!("{zeros:?}");
    println!("{:?}", transpose([['a', 'b', 'c'], ['d', 'e', 'f']]));
    let doubled = [1, 2, 3].map(|x| x * 2);
    println!("{doubled:?} {}", doubled == [2, 4, 6]);
    for (i, item) in doubled.into_iter().enumerate() {
        println!("{i}: {item}");
    }
    println!("{}", (1, 'b', 2.0) < (1, 'c', 1.0));
    let words: [String; 2] = ["x".to_string(), String::from("y")];
    let [x, y] = words;
    println!("{}", x + &y);
    let mut swap = (1, 2);
    (swap.0, swap.1) = (swap.1, swap.0);
    println!("{swap:?} {:?}", <[i32; 2]>::from(swap));
}
