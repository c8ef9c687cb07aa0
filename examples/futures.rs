//! Tasks on a few threads: results as they come, a callback, a task that fails and one that is cancelled.

use std::time::Duration;

use threadbook::prelude::*;

fn main() -> Result<(), FutureError> {
    let pool = ThreadPoolExecutor::new(2).thread_name_prefix("cook");
    let minutes = [30, 10, 20];
    let dishes: Vec<_> = minutes
        .iter()
        .map(|&minutes| {
            pool.submit(move || {
                std::thread::sleep(Duration::from_millis(minutes));
                format!("{minutes} minutes, by {}", thread_name())
            })
        })
        .collect();
    dishes[0].add_done_callback(|dish| println!("callback: {:?}", dish.result()));
    for dish in tqdm(as_completed(&dishes)) {
        println!("{}", dish.result()?);
    }

    // The results of `map` are in the order of the items.
    for length in pool.map(|word: &str| word.len(), ["soup", "fish"]) {
        println!("{}", length?);
    }

    let burnt = pool.submit(|| -> u32 { panic!("it is burnt") });
    println!("{}", burnt.exception().expect("a panic"));

    let (late, forgotten) = (pool.submit(|| 1), Future::<i32>::new());
    {
        let ended = wait_for([&late, &forgotten], None, FIRST_COMPLETED);
        println!("{} done, {} not", ended.done.len(), ended.not_done.len());
    }
    forgotten.cancel();
    println!("{:?}", forgotten.result());
    Ok(())
}
