// Slices that are passed to functions: searching, splitting, sorting and windows.

fn binary_search(items: &[i32], wanted: i32) -> Option<usize> {
    let (mut low, mut high) = (0, items.len());
    while low < high {
        let middle = low + (high - low) / 2;
        match items[middle] {
            found if found == wanted => return Some(middle),
            smaller if smaller < wanted => low = middle + 1,
            _ => high = middle,
        }
    }
    None
}

fn sum(items: &[i32]) -> i32 {
    match items {
        [] => 0,
        [first, rest @ ..] => first + sum(rest),
    }
}

fn double(items: &mut [i32]) {
    for item in items.iter_mut() {
        *item *= 2;
    }
}

fn main() {
    let mut data = vec![5, 1, 4, 2, 3];
    println!("{}", sum(&data));
    data.sort_unstable();
    println!(
        "{:?} {:?}",
        binary_search(&data, 4),
        binary_search(&data, 9)
    );
    double(&mut data[1..3]);
    println!("{data:?}");
    println!("{:?} {:?}", data.first(), data.get(10));
    println!(
        "{:?}",
        data.windows(2).map(|w| w[1] - w[0]).collect::<Vec<_>>()
    );
    println!("{:?}", data.chunks(2).collect::<Vec<_>>());
    data.rotate_left(2);
    data.swap(0, 4);
    println!("{data:?}");
    println!("{:?}", data.iter().position(|&x| x == 4));
    let tail = data[3..].to_vec();
    println!("{tail:?} {}", data.ends_with(&tail));
    println!(
        "{:?}",
        data.split(|x| x % 2 == 1)
            .map(<[i32]>::len)
            .collect::<Vec<_>>()
    );
    data.reverse();
    println!("{data:?} {}", data.contains(&6));
}
