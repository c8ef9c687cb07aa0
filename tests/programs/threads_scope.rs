// Scoped threads, which may borrow local values.

use std::thread;

fn count_words(texts: &[&str]) -> Vec<usize> {
    thread::scope(|scope| {
        let handles: Vec<_> = texts
            .iter()
            .map(|text| scope.spawn(|| text.split_whitespace().count()))
            .collect();
        handles.into_iter().map(|h| h.join().unwrap()).collect()
    })
}

fn double_all(items: &mut [i32]) {
    let middle = items.len() / 2;
    let (left, right) = items.split_at_mut(middle);
    thread::scope(|scope| {
        scope.spawn(|| left.iter_mut().for_each(|n| *n *= 2));
        scope.spawn(|| right.iter_mut().for_each(|n| *n *= 2));
    });
}

fn main() {
    println!("{:?}", count_words(&["a b c", "", "one two"]));
    let mut numbers = vec![1, 2, 3, 4, 5];
    double_all(&mut numbers);
    println!("{numbers:?}");
    let mut log = vec!["start"];
    thread::scope(|scope| {
        scope.spawn(|| log.push("from the thread"));
    });
    log.push("after");
    println!("{}", log.join(", "));
    let (sum, max) = thread::scope(|scope| {
        let sum = scope.spawn(|| numbers.iter().sum::<i32>());
        let max = scope.spawn(|| numbers.iter().copied().max());
        (sum.join().unwrap(), max.join().unwrap())
    });
    println!("{sum} {max:?}");
    let mut table = [[0_usize; 3]; 2];
    thread::scope(|scope| {
        for (r, row) in table.iter_mut().enumerate() {
            scope.spawn(move || row.fill(r + 1));
        }
    });
    println!("{table:?}");
}
