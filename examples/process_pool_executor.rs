//! Tasks in a few processes; then one of them dies, and the others go on.

use threadbook::prelude::*;

fn main() -> Result<(), FutureError> {
    let pool = ProcessPoolExecutor::new(2);
    let primes = pool.map(
        |n: u64| {
            (2..n)
                .take_while(|d| d * d <= n)
                .all(|d| !n.is_multiple_of(d))
        },
        [1_000_003, 1_000_005, 1_000_033],
    );
    for is_prime in primes {
        println!("{}", is_prime?);
    }

    let sum: u64 = pool
        .map_chunks(|n| n * n, 0..10_000, 1_000)
        .map(|square| square.expect("a square"))
        .sum();
    println!("{sum}");

    // One after the other: the worker that waits runs the function, without another fork.
    let mut n = 27_u64;
    let mut steps = 0;
    while n != 1 {
        n = pool
            .submit_fn(|n| if n % 2 == 0 { n / 2 } else { 3 * n + 1 }, n)
            .result()?;
        steps += 1;
    }
    println!("{steps} steps");

    let (lost, kept) = (
        pool.submit(|| -> u32 { std::process::abort() }),
        pool.submit(std::process::id),
    );
    println!("{}", lost.exception().expect("its worker has died"));
    println!("process {} goes on", kept.result()?);
    Ok(())
}
