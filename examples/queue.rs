//! Four workers share the tasks of one queue and put their results into another.

use threadbook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let (tasks, results) = (JoinableQueue::new(), Queue::new());
    let mut workers: Vec<_> = (0..4)
        .map(|_| {
            let (tasks, results) = (tasks.clone(), results.clone());
            Process::new(move || {
                while let Some(n) = tasks.get().expect("a task") {
                    results.put((n, n * n)).expect("an open queue");
                    tasks.task_done().expect("a task in hand");
                }
            })
        })
        .collect();
    for worker in &mut workers {
        worker.start()?;
    }
    for n in 1..=10_u64 {
        tasks.put(Some(n))?;
    }
    tasks.join();
    while !results.empty() {
        let (n, square) = results.get()?;
        println!("{n} squared is {square}");
    }
    for _ in &workers {
        tasks.put(None)?;
    }
    workers.iter().try_for_each(Process::join)?;
    Ok(())
}
