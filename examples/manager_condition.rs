//! Processes that share objects of a manager: a condition, an event, a queue whose items are counted, and a pool.

use threadbook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let manager = Manager::new()?;
    let (condition, stock) = (manager.condition()?, manager.list::<i32>([])?);
    let mut consumer = Process::named("consumer", {
        let (condition, stock) = (condition.clone(), stock.clone());
        move || {
            let _guard = condition.lock().expect("a live manager");
            condition
                .wait_for(|| stock.len().expect("a live manager") == 3)
                .expect("a live manager");
            println!("the stock is {stock}");
        }
    });
    consumer.start()?;
    for n in 1..=3 {
        let _guard = condition.lock()?;
        stock.append(n)?;
        condition.notify_all()?;
    }
    consumer.join()?;

    let tasks = manager.joinable_queue::<i32>()?;
    let mut worker = Process::named("worker", {
        let tasks = tasks.clone();
        move || {
            while let Ok(n) = tasks.get()
                && n > 0
            {
                println!("task {n}");
                tasks.task_done().expect("a live manager");
            }
        }
    });
    worker.start()?;
    (1..=3).try_for_each(|n| tasks.put(n))?;
    tasks.join()?;
    println!("all tasks are done");
    tasks.put(0)?;
    worker.join()?;

    println!("{:?}", manager.pool(2)?.map(|n| n * n, [1, 2, 3])?);
    Ok(())
}
