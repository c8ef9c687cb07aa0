//! Squares on a pool of processes, and a worker that is killed.

use threadbook::prelude::*;

fn main() -> Result<(), PoolError> {
    let pool = Pool::new(4);
    let squares = pool.map(
        |n| {
            println!("Worker process id for {n}: {}", std::process::id());
            n * n
        },
        [1, 2, 3, 4, 5],
    )?;
    println!("{squares:?}");

    // As they arrive, in order.
    for length in pool.imap(|word: &str| word.len(), ["one", "three", "fifteen"])? {
        println!("{}", length?);
    }

    // In Python this waits for ever.
    let lost = pool.map(|_| std::process::abort(), [()]);
    if let Err::<Vec<()>, _>(error) = lost {
        println!("{error}");
    }
    Ok(())
}
