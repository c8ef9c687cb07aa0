// Slices of earlier vectors and arrays.

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

fn longest_run(items: &[i32]) -> &[i32] {
    items
        .chunk_by(|a, b| a <= b)
        .max_by_key(|run| run.len())
        .unwrap_or(&[])
}

fn main() {
    let values = vec![1.0, 2.0, 6.0, 7.0];
    let head = &values[..2];
    let tail = &values[2..];
    println!("{} {}", mean(head), mean(tail));
    println!("{}", head.len() + tail.len());
    let items = [3, 1, 2, 2, 5, 4, 6];
    let run = longest_run(&items);
    println!("{run:?}");
    let [first, middle @ .., last] = &items;
    println!("{first} {middle:?} {last}");
    let (a, b) = items.split_at(3);
    println!("{a:?} {b:?}");
    let found = items.iter().find(|n| **n > 3);
    println!("{found:?}");
    let chunks: Vec<&[i32]> = items.chunks(3).collect();
    println!("{chunks:?}");
    let mut sorted: Vec<&i32> = items.iter().collect();
    sorted.sort();
    println!("{sorted:?}");
    let mut data = vec![9, 8, 7];
    let part = &mut data[1..];
    part.sort();
    part[0] += 10;
    println!("{part:?}");
    println!("{data:?} {}", values[3]);
}
